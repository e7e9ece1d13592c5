"""What happens in a colony, in brief, for those who watch it live.

Changes are gathered for a moment and pushed together, encoded once for all who listen to
the colony. Where nobody listens nothing is gathered, and while nothing happens there is no
timer. At its worst moment, more changes than fit a push, the newest are told and the others
counted as missed.
"""

from __future__ import annotations

import asyncio
from collections import deque

from broker.channels.hub import Channel, Hub
from broker.clock import Clock
from broker.telemetry import Telemetry
from colonies.wire.figures import Activity
from colonies.wire.model import Process

from .push import encode_push

GATHER_SECONDS = 0.25
MAX_PUSHED = 200
# With these, the largest push that its other fields allow stays within a frame of 1 MiB.
MAX_LABEL, MAX_ERROR = 128, 200


def of_activity(colonyid: str) -> Channel:
    return ("activity", colonyid)


class _Gathered:
    """The newest changes of one colony, and how many there were."""

    __slots__ = ("events", "number")

    def __init__(self) -> None:
        self.events: deque[Activity] = deque(maxlen=MAX_PUSHED)
        self.number = 0

    def add(self, event: Activity) -> None:
        self.events.append(event)
        self.number += 1

    def push(self) -> bytes:
        return encode_push("activity", events=list(self.events), missed=self.number - len(self.events))


class Activities:
    def __init__(self, hub: Hub, clock: Clock, telemetry: Telemetry) -> None:
        self._hub = hub
        self._clock = clock
        self._telemetry = telemetry
        self._gathered: dict[str, _Gathered] = {}
        self._filled = asyncio.Event()

    def hear(self, process: Process, event: str) -> None:
        """Keep this change for the next push, where somebody listens."""
        if not self._hub.is_heard([of_activity(process.colonyid)]):
            return
        gathered = self._gathered.setdefault(process.colonyid, _Gathered())
        gathered.add(in_brief(process, event, self._clock.now()))
        self._filled.set()

    def gathered(self) -> int:
        """How many changes wait to be told."""
        return sum(len(changes.events) for changes in self._gathered.values())

    async def run(self) -> None:
        """Push what was gathered, until cancelled."""
        while True:
            await self._filled.wait()
            await asyncio.sleep(GATHER_SECONDS)
            self._filled.clear()
            gathered, self._gathered = self._gathered, {}
            for colonyid, changes in gathered.items():
                self._telemetry.pushes.add(number=self._hub.publish([of_activity(colonyid)], changes.push()))


def in_brief(process: Process, event: str, now: int) -> Activity:
    return Activity(
        time=now,
        event=event,
        processid=process.processid,
        executortype=process.spec.conditions.executortype,
        func=process.spec.func,
        label=process.spec.label[:MAX_LABEL],
        state=process.state,
        attempt=process.attempt,
        executorid=_whose(process, event),
        error=process.errors[0][:MAX_ERROR] if process.errors else "",
    )


def _whose(process: Process, event: str) -> str:
    """Who runs it, or did: one that went back to the queue has an executor in its history alone."""
    if event == "requeued" and process.history:
        return process.history[-1].executorid
    return process.assigneeid
