"""Clients that submit, work and listen all the time, whatever happens to their brokers; and what became of it.

What a client was refused is kept and not raised: the clients go on, and the test looks.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections import Counter
from collections.abc import AsyncIterator, Sequence

from colonies import AsyncColonies, Identity, Process, State, WorkContext, Worker, errors

from .colony import ColonyKeys, spec

PATIENCE = 60.0


class Traffic:
    """One client for each worker, each submitter and the listener, as if each were a program of its own.

    ran      how often each process was begun.
    ended    each process that a submitter waited for, as it ended.
    heard    the successful ones that the listener was told of.
    refused  what a request came to, in words, where it was no success.
    """

    def __init__(self, addresses: Sequence[str], keys: ColonyKeys) -> None:
        self.ran: Counter[str] = Counter()
        self.ended: dict[str, Process] = {}
        self.heard: set[str] = set()
        self.refused: list[str] = []
        self.requests = 0
        self.clients: dict[str, AsyncColonies] = {}  # of the workers, by their executor's id
        self._addresses = addresses
        self._keys = keys
        self._stopping = asyncio.Event()
        self._heard = asyncio.Event()

    @contextlib.asynccontextmanager
    async def running(self, *, submitters: int) -> AsyncIterator[None]:
        """Every executor works and so many submit, until the block ends; then what was begun is finished."""
        async with contextlib.AsyncExitStack() as stack, asyncio.TaskGroup() as tasks:
            workers = [await self._worker(stack, key) for key in self._keys.executors]
            working = [tasks.create_task(worker.run()) for worker in workers]
            listening = tasks.create_task(self._listen(await self._client(stack, self._keys.operator)))
            submitting = [
                tasks.create_task(self._submit(await self._client(stack, self._keys.operator)))
                for _ in range(submitters)
            ]
            try:
                yield
            finally:
                self._stopping.set()
                await asyncio.wait(submitting)
                for worker in workers:
                    worker.stop()
                await asyncio.wait(working)
                listening.cancel()

    async def _client(self, stack: contextlib.AsyncExitStack, key: Identity) -> AsyncColonies:
        return await stack.enter_async_context(AsyncColonies(self._addresses, key=key))

    async def _worker(self, stack: contextlib.AsyncExitStack, key: Identity) -> Worker:
        self.clients[key.id] = client = await self._client(stack, key)
        worker = Worker(client)

        @worker.function
        async def add(left: int, right: int, context: WorkContext) -> int:
            self.ran[context.process.processid] += 1
            await context.log("added")  # not safe to repeat: it fails when its answer is lost
            return left + right

        return worker

    async def _submit(self, client: AsyncColonies) -> None:
        """Submit, wait for the end and look at it, one process after the other."""
        while not self._stopping.is_set():
            self.requests += 3
            try:
                process = await client.submit(spec("add", args=[1, 2]), wait=True, timeout=PATIENCE)
                self.ended[process.processid] = process
                await client.get_logs(process.processid)
            except (errors.ColoniesError, TimeoutError) as error:
                self.refused.append(f"{type(error).__name__}: {error}")

    async def _listen(self, client: AsyncColonies) -> None:
        async for process in client.subscribe("cli", state=State.SUCCESSFUL):
            self.heard.add(process.processid)
            self._heard.set()

    async def wait_heard(self, processid: str) -> None:
        """Return once the listener was told that this process was successful."""
        async with asyncio.timeout(PATIENCE):
            while processid not in self.heard:
                self._heard.clear()
                await self._heard.wait()
