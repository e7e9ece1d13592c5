"""A client that submits one process after the other and remembers what was acknowledged."""

from __future__ import annotations

import asyncio
import contextlib
import secrets
from collections.abc import AsyncIterator

from colonies import AsyncColonies, errors
from colonies.wire.identity import Identity
from colonies.wire.model import Process

from .colony import ColonyKeys, make_colony, spec
from .peer import peer


class Submitting:
    def __init__(self, client: AsyncColonies, keys: ColonyKeys) -> None:
        self.keys = keys
        self.acknowledged: list[str] = []
        self._client = client
        self._more = asyncio.Condition()

    async def run(self) -> None:
        while True:
            process = await self._submit(secrets.token_hex(16))
            async with self._more:
                self.acknowledged.append(process.processid)
                self._more.notify_all()

    async def _submit(self, processid: str) -> Process:
        """As any client should: what was not answered is said again under its name, until the store is back."""
        while True:
            try:
                return await self._client.submit(spec(), processid=processid)
            except errors.Unavailable:
                continue

    async def goes_on(self, number: int = 20) -> None:
        """Return when that many more have been acknowledged."""
        wanted = len(self.acknowledged) + number
        async with asyncio.timeout(90), self._more:
            await self._more.wait_for(lambda: len(self.acknowledged) >= wanted)

    async def all_are_stored_once(self) -> bool:
        acknowledged = set(self.acknowledged)
        found = [process.processid async for process in self._client.iter_processes()]
        return acknowledged <= set(found) and len(found) == len(set(found))


@contextlib.asynccontextmanager
async def submitting(address: str, server_owner: Identity) -> AsyncIterator[Submitting]:
    """Make a colony, and submit to it without end until the block does."""
    async with peer(address) as link:
        keys = await make_colony(link, server_owner)
    async with AsyncColonies(address, key=keys.operator) as client, asyncio.TaskGroup() as tasks:
        submits = Submitting(client, keys)
        task = tasks.create_task(submits.run())
        await submits.goes_on()
        yield submits
        task.cancel()
