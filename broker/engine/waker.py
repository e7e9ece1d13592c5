"""Queue groups: each waiting process wakes one idle member, and the next one after a grace time if it still waits.

A hundred idle browsers then make one assign and not a hundred. When every member has been
woken for a process it is left to them: each looks again when it is done with what it does.
"""

from __future__ import annotations

import asyncio
from collections import deque
from dataclasses import dataclass, field

from broker.channels.hub import Channel, Hub, Listener
from broker.clock import Clock
from broker.store.base import Store
from broker.store.others import channel_of
from colonies.wire import errors
from colonies.wire.model import Process, State

from .announcer import encode_event


def group_of(colonyid: str, executortype: str) -> Channel:
    """What is published there concerns the bus channel of the same name."""
    return ("group", channel_of(colonyid, executortype))


@dataclass(slots=True)
class _Pending:
    process: Process
    push: bytes
    woken: list[Listener] = field(default_factory=list)


class Waker:
    def __init__(self, hub: Hub, store: Store, clock: Clock, *, grace_seconds: float) -> None:
        self._hub = hub
        self._store = store
        self._clock = clock
        self._grace_ms = int(grace_seconds * 1000)
        self._pending: dict[str, _Pending] = {}
        self._next: deque[tuple[int, str]] = deque()  # the grace time is the same for all, so this is in order
        self._filled = asyncio.Event()

    def channels(self) -> set[str]:
        """The bus channels for which there are queue groups here."""
        return {str(group[1]) for group in self._hub.groups() if isinstance(group, tuple)}

    def hear(self, process: Process, event: str) -> None:
        """Wake a member for a process that waits now; forget one that does not any more."""
        if self._pending:
            self._pending.pop(process.processid, None)
        conditions = process.spec.conditions
        if process.state != State.WAITING or conditions.executorids:
            return
        if self._hub.is_heard([group_of(process.colonyid, conditions.executortype)]):
            self._wake(_Pending(process, encode_event(event, process)))

    def _wake(self, pending: _Pending) -> None:
        process = pending.process
        group = group_of(process.colonyid, process.spec.conditions.executortype)
        member = self._hub.wake(group, pending.push, pending.woken)
        if member is None:
            self._pending.pop(process.processid, None)
            return
        pending.woken.append(member)
        self._pending[process.processid] = pending
        self._next.append((self._clock.now() + self._grace_ms, process.processid))
        self._filled.set()

    async def run(self) -> None:
        """Wake the next member for what still waits when its grace time is over, until cancelled."""
        while True:
            self._filled.clear()
            if not self._next:
                await self._filled.wait()
                continue
            due, processid = self._next[0]
            if due > self._clock.now():
                await self._clock.wait(asyncio.Event(), due)
                continue
            self._next.popleft()
            if pending := self._pending.get(processid):
                await self._wake_next(pending)

    async def _wake_next(self, pending: _Pending) -> None:
        process = pending.process
        try:
            still_waits = await self._still_waits(process)
        except errors.Unavailable:  # it is not known yet, and asked again
            self._next.append((self._clock.now() + self._grace_ms, process.processid))
            return
        if self._pending.get(process.processid) is not pending:
            return
        if still_waits:
            self._wake(pending)
        else:
            del self._pending[process.processid]

    async def _still_waits(self, process: Process) -> bool:
        if not self._store.shared:
            return True  # whoever had taken it, this broker would have heard
        now = await self._store.process(process.colonyid, process.processid)
        return now is not None and now.state == State.WAITING
