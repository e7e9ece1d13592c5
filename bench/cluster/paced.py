"""A few clients of the SDK at a steady pace: whoever submits, a lamp, and a worker that waits in line.

The lamp does what `examples/lamp/lamp.js` does. What is submitted carries its number, by which all of them know it.
"""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections.abc import AsyncIterator

from colonies import AsyncColonies, Process, WorkContext, Worker, errors

from .parts import Part, until
from .plans import Lamp, Paced, Seen, Submitted, Waiter

PATIENCE = 20.0  # after the last was due


@contextlib.asynccontextmanager
async def submitting(plan: Paced) -> AsyncIterator[Part]:
    async with AsyncColonies(plan.address, key=plan.key) as client:
        await client.whoami()

        async def submit(number: int) -> tuple[int, float]:
            conditions = {"executortype": plan.kind}
            spec = {"conditions": conditions, "func": "show", "args": [number], "latestkey": plan.latestkey}
            await client.submit(spec)
            return number, time.monotonic()

        async def run(begin: float) -> Submitted:
            """Submit each at its time, although one before may not be answered yet."""
            async with asyncio.TaskGroup() as tasks:
                submits = []
                for number in range(plan.number):
                    await until(begin + number / plan.rate)
                    submits.append(tasks.create_task(submit(number)))
            return Submitted(dict(submit.result() for submit in submits))

        yield run


@contextlib.asynccontextmanager
async def lamp(plan: Lamp) -> AsyncIterator[Part]:
    async with AsyncColonies(plan.address, key=plan.key) as client, client.subscribe(plan.kind) as subscription:
        shown = _Lamp(client, plan.number)

        async def listen() -> None:
            async for process in subscription:
                shown.hear(process)

        async def run(_begin: float) -> Seen:
            async with asyncio.TaskGroup() as tasks:
                some = [tasks.create_task(listen()), tasks.create_task(shown.look())]
                await shown.wait_last()
                for task in some:
                    task.cancel()
            return Seen(shown.heard, shown.held)

        yield run


class _Lamp:
    """Looks whenever it is told that something waits, and takes the newest until nothing is there."""

    def __init__(self, client: AsyncColonies, number: int) -> None:
        self.heard: dict[int, float] = {}
        self.held: list[tuple[int, float]] = []
        self._client = client
        self._number = number
        self._something_came = asyncio.Event()
        self._is_over = asyncio.Event()

    def hear(self, process: Process) -> None:
        self.heard.setdefault(process.spec.args[0], time.monotonic())
        self._something_came.set()
        self._look_whether_over()

    async def look(self) -> None:
        while True:
            await self._something_came.wait()
            self._something_came.clear()
            with contextlib.suppress(errors.NothingToAssign):
                while True:
                    process = await self._client.assign_latest()
                    self.held.append((process.spec.args[0], time.monotonic()))
                    await self._client.close_process(process)
                    self._look_whether_over()

    def _look_whether_over(self) -> None:
        if len(self.heard) == self._number and self._number - 1 in (number for number, _ in self.held[-2:]):
            self._is_over.set()

    async def wait_last(self) -> None:
        """Return when all was heard and the last shown, or when nothing new comes for long: the result tells."""
        known = -1
        while known < (known := len(self.heard) + len(self.held)):
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(PATIENCE):
                    await self._is_over.wait()
                    return


@contextlib.asynccontextmanager
async def waiting(plan: Waiter) -> AsyncIterator[Part]:
    async with AsyncColonies(plan.address, key=plan.key) as client, asyncio.TaskGroup() as tasks:
        await client.whoami()
        worker = Worker(client)
        held: list[tuple[int, float]] = []

        @worker.function
        async def show(number: int, context: WorkContext) -> None:
            held.append((number, time.monotonic()))
            if len(held) == plan.number:
                worker.stop()

        working = tasks.create_task(worker.run())

        async def run(_begin: float) -> Seen:
            await working
            return Seen({}, held)

        yield run
        worker.stop()
