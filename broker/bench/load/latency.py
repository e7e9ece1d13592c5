"""A producer at a fixed pace, a worker in line and a subscriber, and when each had what.

The pace does not wait for answers: what is held up makes what comes behind look worse and not
better. A submit is sent within microseconds of when it is due, so timers of the event loop,
which know milliseconds only, are not among what is measured.
"""

from __future__ import annotations

import asyncio
import contextlib
import math
import time
from collections.abc import AsyncIterator
from typing import Any

from broker.bench.histogram import Histogram
from broker.bench.link import Link
from broker.bench.plans import Latency, Seen
from colonies.wire import errors
from colonies.wire.identity import Identity

from .part import Run, linked, until

ASSIGN_SECONDS = 60
AWAKE_SECONDS = 0.003  # before something is due: from here on its moment is looked out for
AWAKE_SHARE = 0.2  # of the time between two, at most, for looking out takes a whole core
LATE_SECONDS = 10.0  # how long what was sent is waited for in the end

ACKNOWLEDGED, WORKER, SUBSCRIBER = "acknowledged", "worker", "subscriber"


@contextlib.asynccontextmanager
async def ready(plan: Latency) -> AsyncIterator[Run]:
    async with linked(plan.address, 3) as (producer, worker, subscriber):
        pace = _Pace(plan, producer)
        subscriber.hear = pace.hear
        conditions = {"executortype": plan.executortype, "state": 0}
        await subscriber.ask(Identity(plan.key), "subscribe", **conditions)
        async with asyncio.TaskGroup() as tasks:
            working = tasks.create_task(pace.work(worker))
            yield pace.run
            working.cancel()


class _Pace:
    def __init__(self, plan: Latency, producer: Link) -> None:
        self._plan, self._producer = plan, producer
        self._total = plan.warm_up + plan.number
        self._sent = [math.inf] * self._total
        self._came: dict[str, dict[int, float]] = {ACKNOWLEDGED: {}, WORKER: {}, SUBSCRIBER: {}}
        self._all_came = asyncio.Event()

    async def run(self, moment: float) -> Seen:
        due = [moment + index / self._plan.rate for index in range(self._total)]
        key = Identity(self._plan.key)
        for index in range(self._total):
            await _exactly(due[index], awake_seconds(self._plan.rate))
            self._submit(key, index)
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(LATE_SECONDS):
                await self._all_came.wait()
        return Seen(due=self._since(due), sent=self._since(self._sent))

    def _submit(self, key: Identity, index: int) -> None:
        spec = {"conditions": {"executortype": self._plan.executortype}, "func": "add", "args": [index]}
        self._sent[index] = time.monotonic()
        answer = self._producer.ask(key, "process.submit", spec=spec)
        answer.add_done_callback(lambda done: self._acknowledged(done, index))

    def _acknowledged(self, done: asyncio.Future[Any], index: int) -> None:
        if done.exception() is None:
            self._note(ACKNOWLEDGED, index)

    async def work(self, link: Link) -> None:
        """Have a request for the next process on its way all the time."""
        key = Identity(self._plan.worker)
        assign: tuple[str, dict[str, Any]] = ("process.assign", {"timeout": ASSIGN_SECONDS})
        (coming,) = link.ask_all(key, [assign])
        while True:
            try:
                process = await coming
            except errors.NothingToAssign:
                (coming,) = link.ask_all(key, [assign])
                continue
            self._note(WORKER, process["spec"]["args"][0])
            fields = {"processid": process["processid"], "attempt": process["attempt"], "successful": True}
            closing, coming = link.ask_all(key, [("process.close", fields), assign])
            await closing

    def hear(self, _name: str, params: dict[str, Any]) -> None:
        if params.get("event") == "submitted":
            self._note(SUBSCRIBER, params["process"]["spec"]["args"][0])

    def _note(self, what: str, index: int) -> None:
        self._came[what].setdefault(index, time.monotonic())
        if all(len(came) == self._total for came in self._came.values()):
            self._all_came.set()

    def _since(self, moments: list[float]) -> dict[str, dict[int, int]]:
        """From each of the moments until it came, by what it is, without those of the warm-up."""
        counted = range(self._plan.warm_up, self._total)
        return {
            what: Histogram.of(came.get(index, math.inf) - moments[index] for index in counted).counts
            for what, came in self._came.items()
        }


def awake_seconds(rate: float) -> float:
    """How long before each of so many a second its moment is looked out for."""
    return min(AWAKE_SECONDS, AWAKE_SHARE / rate)


async def _exactly(moment: float, awake: float) -> None:
    await until(moment - awake)
    while time.monotonic() < moment:  # noqa: ASYNC110 (no timer of the loop is as exact)
        await asyncio.sleep(0)  # answers are taken meanwhile
