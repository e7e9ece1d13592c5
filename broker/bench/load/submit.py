"""One producer that sends batches of submits, a frame each, some of them on their way at the same time."""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections.abc import AsyncIterator

import msgspec

from broker.bench.link import Link
from broker.bench.plans import Lived, Submit
from colonies.wire.identity import Identity

from .part import Counted, Run, linked

SPEC = {"conditions": {"executortype": "bench"}, "func": "add", "args": [1, 2]}


@contextlib.asynccontextmanager
async def ready(plan: Submit) -> AsyncIterator[Run]:
    async with linked(plan.address, 1) as (link,):
        yield _Producer(plan, link).run


class _Producer:
    def __init__(self, plan: Submit, link: Link) -> None:
        self._plan, self._link = plan, link
        self._key = Identity(plan.key)
        self._asked = [("process.submit", {"spec": SPEC})] * plan.batch
        self._stored = Counted()
        self._is_over = False

    async def run(self, moment: float) -> Lived:
        begin = moment + self._plan.warm_up
        async with asyncio.TaskGroup() as tasks:
            for _ in range(self._plan.inflight):
                tasks.create_task(self._send())
            lived = await self._stored.between(begin, begin + self._plan.seconds)
            self._is_over = True
        return msgspec.structs.replace(lived, total=self._stored.total)

    async def _send(self) -> None:
        while not self._is_over:
            sent = time.monotonic()
            answers = self._link.ask_all(self._key, self._asked)
            await asyncio.gather(*answers)
            self._stored.took_since(sent)
            self._stored.add(len(answers))
