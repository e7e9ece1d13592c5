"""Wake somebody for what another broker took in, without every broker doing so at once.

Of the brokers that have callers waiting for such a process, the first in the order of its
id wakes one of them at once. Each next one does a step later, unless it has heard meanwhile
that the process is taken. So one caller is woken where all know each other, at most one a
broker where they do not, and what a wrong roster costs is a few steps, never a process.
"""

from __future__ import annotations

import asyncio
import heapq
from collections.abc import Sequence

from broker.clock import Clock
from broker.store.others import channel_of
from colonies.wire.model import Process, State

from .announcer import Observer
from .roster import Roster

STEP_MS = 40
MAX_STEPS = 5


class Turns:
    """wake: who has callers to wake, and forgets what does not wait any more."""

    def __init__(self, roster: Roster, clock: Clock, *, wake: Sequence[Observer]) -> None:
        self._roster = roster
        self._clock = clock
        self._wake = wake
        self._waiting: dict[str, tuple[Process, str]] = {}
        self._next: list[tuple[int, str]] = []
        self._filled = asyncio.Event()

    def hear(self, process: Process, event: str) -> None:
        """Another broker changed this process."""
        self._waiting.pop(process.processid, None)
        steps = self._steps(process)
        if not steps:
            self._tell(process, event)
            return
        self._waiting[process.processid] = (process, event)
        heapq.heappush(self._next, (self._clock.now() + steps * STEP_MS, process.processid))
        self._filled.set()

    def hear_own(self, process: Process, _event: str) -> None:
        """This broker changed it, and whoever is concerned has heard of that."""
        if self._waiting:
            self._waiting.pop(process.processid, None)

    def forget(self, processid: str) -> None:
        """It does not wait any more."""
        self._waiting.pop(processid, None)

    def _steps(self, process: Process) -> int:
        conditions = process.spec.conditions
        if process.state != State.WAITING or conditions.executorids:
            return 0  # whoever is named is connected to one broker, as a rule
        channel = channel_of(process.colonyid, conditions.executortype)
        return min(self._roster.turns_before(process.processid, channel), MAX_STEPS)

    def _tell(self, process: Process, event: str) -> None:
        for observer in self._wake:
            observer(process, event)

    async def run(self) -> None:
        """Wake for what nobody has taken when this broker's turn comes, until cancelled."""
        while True:
            self._filled.clear()
            due = self._next[0][0] if self._next else None
            if due is None or due > self._clock.now():
                await self._clock.wait(self._filled, due)
                continue
            _, processid = heapq.heappop(self._next)
            if waiting := self._waiting.pop(processid, None):
                self._tell(*waiting)
