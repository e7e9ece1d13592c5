"""What one assign costs while many wait: queues of different lengths, in turn.

What was taken is closed and replaced before the queue's next turn, so that its length stays.
Turns alternate, so that whatever else the machine does hits long queues and short ones alike.

A broker on SQLite remembers some of what waits. No queue is to be taken from its memory, for
then every length would cost the same: what waits in another lane has taken all of its room
before the first of a queue is submitted, and is never assigned.
"""

from __future__ import annotations

import asyncio
import contextlib
import itertools
import time
from collections.abc import AsyncIterator
from typing import Any

from broker.bench.link import Asked, Link
from broker.bench.meters import cpu_seconds
from broker.bench.plans import Assigned, Assigns, Queue
from broker.store.sqlite_kept import MAX_PROCESSES
from colonies.wire.identity import Identity

from .batches import ask_many
from .part import Run, linked, until

LEAST_ROUNDS = 3
NOBODYS = "bench-nobodys"  # the type of what takes the room; no executor has it


@contextlib.asynccontextmanager
async def ready(plan: Assigns) -> AsyncIterator[Run]:
    async with contextlib.AsyncExitStack() as stack:
        lines = []
        for queue in plan.queues:
            # One after the other: a broker closes whoever has signed nothing for a few seconds.
            (link,) = await stack.enter_async_context(linked(queue.address, 1))
            lines.append(_Line(queue, link))
            await lines[-1].fill()
        yield lambda moment: _run(plan, lines, moment)


async def _run(plan: Assigns, lines: list[_Line], moment: float) -> Assigned:
    await until(moment)
    for _ in _rounds(moment + plan.seconds):
        for line in lines:
            await line.turn(plan.each)
    return Assigned(
        fill_per_second=[line.filled for line in lines],
        wall=[line.wall for line in lines],
        cpu=[line.cpu for line in lines],
    )


def _rounds(end: float) -> itertools.takewhile[int]:
    return itertools.takewhile(lambda number: number < LEAST_ROUNDS or time.monotonic() < end, itertools.count())


class _Line:
    """One queue. wall, cpu: seconds of an assign, of each turn."""

    def __init__(self, queue: Queue, link: Link) -> None:
        self._queue, self._link = queue, link
        self._key, self._worker = Identity(queue.key), Identity(queue.worker)
        self._submit = _submit_of(queue.executortype)
        self.filled = 0.0
        self.wall: list[float] = []
        self.cpu: list[float] = []

    async def fill(self) -> None:
        room = itertools.repeat(_submit_of(NOBODYS), MAX_PROCESSES)
        await ask_many(self._link, self._key, room, what="taking the room of what is remembered", of=MAX_PROCESSES)
        number, begun = self._queue.waiting, time.monotonic()
        asked = itertools.repeat(self._submit, number)
        await ask_many(self._link, self._key, asked, what=f"filling a queue of {number:,}", of=number)
        self.filled = number / (time.monotonic() - begun)

    async def turn(self, each: int) -> None:
        begun, used = time.monotonic(), self._used()
        taken = [await self._link.ask(self._worker, "process.assign", timeout=0) for _ in range(each)]
        self.wall.append((time.monotonic() - begun) / each)
        if self._queue.pids:
            self.cpu.append((self._used() - used) / each)
        closes = [("process.close", _closed(process)) for process in taken]
        await asyncio.gather(*self._link.ask_all(self._worker, closes))
        await asyncio.gather(*self._link.ask_all(self._key, [self._submit] * each))

    def _used(self) -> float:
        return sum(cpu_seconds(pid) for pid in self._queue.pids)


def _submit_of(executortype: str) -> Asked:
    return "process.submit", {"spec": {"conditions": {"executortype": executortype}, "func": "add", "args": [1, 2]}}


def _closed(process: dict[str, Any]) -> dict[str, Any]:
    return {"processid": process["processid"], "attempt": process["attempt"], "successful": True}
