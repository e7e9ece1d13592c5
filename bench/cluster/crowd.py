"""Many clients in one process, that submit, are assigned and close as fast as it goes.

They speak the wire and nothing more: the SDK would cost as much as the broker. Each has a socket of its own. A worker
closes a process and asks for the next in one frame, as the Worker of the SDK does. Who submits waits while too much is on
its way, so that nothing piles up. What a broker cannot do at the moment is asked again, and counted.
"""

from __future__ import annotations

import asyncio
import contextlib
import secrets
import time
from collections.abc import AsyncIterator, Sequence
from typing import Any, TypeAlias

from colonies import Identity, errors
from tests.support.peer import PATIENCE, Peer, peer

from .parts import Part, until
from .plans import Crowd, Lived

Asking: TypeAlias = tuple[str, dict[str, Any]]

KIND = "cli"
SPEC = {"conditions": {"executortype": KIND}, "func": "add", "args": [1, 2]}
ASSIGN_SECONDS = 2  # so long nothing comes when everything is over
PAUSE_SECONDS = 0.1  # before what was refused for the moment is asked again
CLOSE_SECONDS = 0.5  # of each socket: what went wrong is not to wait for many that do not answer


@contextlib.asynccontextmanager
async def living(plan: Crowd) -> AsyncIterator[Part]:
    async with contextlib.AsyncExitStack() as stack:

        async def sockets(number: int) -> list[Peer]:
            addresses = [plan.addresses[index % len(plan.addresses)] for index in range(number)]
            return [
                await stack.enter_async_context(peer(address, close_timeout=CLOSE_SECONDS)) for address in addresses
            ]

        producers, workers = await sockets(plan.producers), await sockets(len(plan.workers))
        yield _Life(plan, producers, workers).run


class _Life:
    def __init__(self, plan: Crowd, producers: Sequence[Peer], workers: Sequence[Peer]) -> None:
        self._plan = plan
        self._producers = producers
        self._workers = workers
        self._window = asyncio.Semaphore(plan.window)
        self._is_over = False
        self._submitted = 0
        self._repeated = 0
        self._closed: list[float] = []

    async def run(self, begin: float) -> Lived:
        await until(begin)
        end = begin + self._plan.seconds
        async with asyncio.TaskGroup() as tasks:
            for link, key in zip(self._workers, self._plan.workers, strict=True):
                tasks.create_task(self._work(link, Identity(key)))
            submitting = [tasks.create_task(self._submit(link, end)) for link in self._producers]
            await asyncio.wait(submitting)
            self._is_over = True
        counted = sum(begin + self._plan.warm_up <= moment < end for moment in self._closed)
        return Lived(self._submitted, len(self._closed), counted, self._repeated)

    async def _submit(self, link: Peer, end: float) -> None:
        key = Identity(self._plan.key)
        while await self._may_submit(end):
            asking = ("process.submit", {"spec": SPEC, "processid": secrets.token_hex(16)})
            (stored,) = await link.batch(key, asking)
            await self._answer(link, key, asking, stored)
            self._submitted += 1
            link.arrived.clear()

    async def _may_submit(self, end: float) -> bool:
        """Whether there was room in the window before the end."""
        left = end - time.monotonic()
        if left <= 0:
            return False  # a timeout that is over already does not interrupt what need not wait
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(left):
                await self._window.acquire()
                return True
        return False

    async def _work(self, link: Peer, key: Identity) -> None:
        asking = ("process.assign", {"timeout": ASSIGN_SECONDS})
        (assigned,) = await link.batch(key, asking)
        while True:
            is_last = self._is_over
            try:
                process = await self._answer(link, key, asking, assigned)
            except errors.NothingToAssign:
                if is_last:
                    return
                (assigned,) = await link.batch(key, asking)
                continue
            closing = ("process.close", _successful(process))
            closed, assigned = await link.batch(key, closing, asking)
            await self._answer(link, key, closing, closed)
            self._closed.append(time.monotonic())
            self._window.release()
            link.arrived.clear()

    async def _answer(self, link: Peer, key: Identity, asking: Asking, answer: asyncio.Future[Any]) -> Any:
        """The answer to what was asked, or to its repetition."""
        while True:
            try:
                return await asyncio.wait_for(answer, PATIENCE)
            except errors.ColoniesError as error:
                if not error.retry or isinstance(error, errors.NothingToAssign):
                    raise
            self._repeated += 1
            await asyncio.sleep(PAUSE_SECONDS)
            (answer,) = await link.batch(key, asking)


def _successful(process: dict[str, Any]) -> dict[str, Any]:
    return {"processid": process["processid"], "attempt": process["attempt"], "successful": True, "out": [3]}
