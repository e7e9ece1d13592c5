"""Producers that submit and workers that close what they hold and ask for the next, a socket each.

A worker's close and its next assign travel in one frame under one signature, as those of the
SDKs do. In the end everything that was submitted is closed, so that it can be held against
what is stored.
"""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections.abc import AsyncIterator
from typing import Any

import msgspec

from broker.bench.link import Link
from broker.bench.plans import Lifecycle, Lived
from colonies.wire import errors
from colonies.wire.identity import Identity

from .part import Counted, Run, linked

ASSIGN_SECONDS = 5
DRAIN_SECONDS = 30.0


@contextlib.asynccontextmanager
async def ready(plan: Lifecycle) -> AsyncIterator[Run]:
    async with linked(plan.address, plan.producers + len(plan.workers)) as links:
        yield _Crowd(plan, links).run


class _Crowd:
    def __init__(self, plan: Lifecycle, links: list[Link]) -> None:
        self._plan = plan
        self._links = links
        self._key = Identity(plan.key)
        self._spec = {"conditions": {"executortype": plan.executortype}, "func": "add", "args": [1, 2]}
        self._window = asyncio.Semaphore(plan.inflight)
        self._submitted = 0
        self._closed = Counted()
        self._is_over = False
        self._all_closed = asyncio.Event()

    async def run(self, moment: float) -> Lived:
        plan = self._plan
        begin = moment + plan.warm_up
        async with asyncio.TaskGroup() as tasks:
            producers = [tasks.create_task(self._produce(link)) for link in self._links[: plan.producers]]
            pairs = zip(self._links[plan.producers :], plan.workers, strict=True)
            workers = [tasks.create_task(self._work(link, Identity(key))) for link, key in pairs]
            lived = await self._closed.between(begin, begin + plan.seconds)
            await self._drain(producers)
            for worker in workers:  # they wait for what nobody will submit
                worker.cancel()
        return msgspec.structs.replace(lived, total=self._closed.total)

    async def _drain(self, producers: list[asyncio.Task[None]]) -> None:
        self._is_over = True
        async with asyncio.timeout(DRAIN_SECONDS):
            for _ in producers:
                self._window.release()
            await asyncio.gather(*producers)
            if self._closed.total < self._submitted:
                await self._all_closed.wait()

    async def _produce(self, link: Link) -> None:
        while True:
            await self._window.acquire()
            if self._is_over:
                return
            self._submitted += 1
            sent = time.monotonic()
            await link.ask(self._key, "process.submit", spec=self._spec)
            self._closed.took_since(sent)

    async def _work(self, link: Link, key: Identity) -> None:
        assign: tuple[str, dict[str, Any]] = ("process.assign", {"timeout": ASSIGN_SECONDS})
        (coming,) = link.ask_all(key, [assign])
        while True:
            try:
                process = await coming
            except errors.NothingToAssign:
                (coming,) = link.ask_all(key, [assign])
                continue
            fields = {"processid": process["processid"], "attempt": process["attempt"]}
            close = ("process.close", {**fields, "successful": True, "out": [3]})
            closing, coming = link.ask_all(key, [close, assign])
            await closing
            self._note_closed()

    def _note_closed(self) -> None:
        self._closed.add()
        self._window.release()
        if self._is_over and self._closed.total == self._submitted:
            self._all_closed.set()
