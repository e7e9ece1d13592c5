"""Processes with a limit: many that run for an hour, and some whose limits end one after the other."""

from __future__ import annotations

import asyncio
import contextlib
import itertools
import math
import time
from collections.abc import AsyncIterator
from typing import Any

from broker.bench.histogram import Histogram
from broker.bench.link import Link
from broker.bench.plans import Fired, Limits
from colonies.wire.identity import Identity

from .batches import ask_many
from .part import Run, linked, until

LONG_SECONDS = 3600
FAILED = 3
LATE_SECONDS = 10.0  # how long an end is waited for after the last limit


@contextlib.asynccontextmanager
async def ready(plan: Limits) -> AsyncIterator[Run]:
    async with linked(plan.address, 2) as (link, subscriber):
        limits = _Limits(plan, link)
        subscriber.hear = limits.hear
        # At once: a broker closes whoever has signed nothing for a few seconds.
        await subscriber.ask(Identity(plan.key), "subscribe", executortype=Identity(plan.ending).id, state=FAILED)
        await limits.hold()
        yield limits.run


class _Limits:
    def __init__(self, plan: Limits, link: Link) -> None:
        self._plan, self._link = plan, link
        self._key = Identity(plan.key)
        self._told: dict[str, float] = {}
        self._all_told = asyncio.Event()

    async def hold(self) -> None:
        """Have many run whose limits are far away, but are there."""
        holder, number = Identity(self._plan.holder), self._plan.running
        submit = ("process.submit", {"spec": _spec(holder, LONG_SECONDS)})
        what = "giving limits to running processes, submit"
        await ask_many(self._link, self._key, itertools.repeat(submit, number), what=what, of=number)
        assign: tuple[str, dict[str, Any]] = ("process.assign", {"timeout": 0})
        what = "giving limits to running processes, assign"
        await ask_many(self._link, holder, itertools.repeat(assign, number), what=what, of=number)

    async def run(self, moment: float) -> Fired:
        plan = self._plan
        await until(moment)
        ends = [plan.lead + plan.seconds * index / plan.fired for index in range(plan.fired)]
        running = await self._start(moment, ends)
        await until(moment + plan.lead + plan.seconds)
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(LATE_SECONDS):
                await self._all_told.wait()
        ahead = 0.0 if plan.same_clock else self._link.ahead_seconds  # an end is said in the broker's time
        late = (
            self._told.get(process["processid"], math.inf) + ahead - process["execdeadline"] / 1000
            for process in running
        )
        return Fired(late=Histogram.of(late).counts)

    async def _start(self, moment: float, ends: list[float]) -> list[dict[str, Any]]:
        """Have those run whose limits end so many seconds after the moment."""
        ending = Identity(self._plan.ending)
        passed = time.monotonic() - moment
        submits = [("process.submit", {"spec": _spec(ending, end - passed)}) for end in ends]
        await ask_many(self._link, self._key, submits)
        assign: tuple[str, dict[str, Any]] = ("process.assign", {"timeout": 0})
        return await ask_many(self._link, ending, [assign] * len(ends))

    def hear(self, _name: str, params: dict[str, Any]) -> None:
        if params.get("event") == "failed":
            self._told.setdefault(params["process"]["processid"], time.time())
            if len(self._told) == self._plan.fired:
                self._all_told.set()


def _spec(executor: Identity, seconds: float) -> dict[str, Any]:
    return {"conditions": {"executortype": executor.id}, "func": "sleep", "maxexectime": seconds}
