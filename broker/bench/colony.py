"""A colony to measure in: its owner, an operator who submits, and executors of the types that are asked for."""

from __future__ import annotations

import asyncio
import contextlib
import secrets
from collections.abc import AsyncIterator, Sequence
from typing import NamedTuple

from colonies.cli.failure import Failure
from colonies.wire import errors
from colonies.wire.identity import Identity

from .ground import Ground, Place
from .link import Link

BATCH = 100


class Colony(NamedTuple):
    place: Place
    owner: Identity
    operator: Identity
    link: Link

    async def add_executors(self, types: Sequence[str]) -> list[str]:
        """Add one approved executor for each type named; return their private keys, in the same order."""
        keys = [Identity.generate() for _ in types]
        await self._add([_executor(key, kind) for key, kind in zip(keys, types, strict=True)])
        return [key.private_key for key in keys]

    async def add_executors_of_their_own(self, number: int) -> list[str]:
        """Add so many approved executors, each of a type that is named as its id; return their private keys."""
        keys = [Identity.generate() for _ in range(number)]
        await self._add([_executor(key, key.id) for key in keys])
        return [key.private_key for key in keys]

    async def _add(self, executors: Sequence[dict[str, str]]) -> None:
        for first in range(0, len(executors), BATCH):
            some = executors[first : first + BATCH]
            asked = [("executor.add", {"executor": executor, "approve": True}) for executor in some]
            await asyncio.gather(*self.link.ask_all(self.owner, asked))

    async def add_users(self, number: int) -> list[str]:
        """Add so many users who may read; return their private keys."""
        keys = [Identity.generate() for _ in range(number)]
        asked = [("user.add", {"user": {"userid": key.id, "name": key.id[:16], "role": "viewer"}}) for key in keys]
        for first in range(0, number, BATCH):
            await asyncio.gather(*self.link.ask_all(self.owner, asked[first : first + BATCH]))
        return [key.private_key for key in keys]

    async def successful(self) -> int:
        """How many processes the broker says were closed as successful."""
        stats = await self.link.ask(self.operator, "stats.get")
        return sum(one["successful"] for one in stats["types"])


async def _add(colony: Colony) -> None:
    try:
        name = f"bench-{secrets.token_hex(6)}"
        await colony.link.ask(colony.place.owner, "colony.add", colonyid=colony.owner.id, name=name)
    except (errors.Forbidden, errors.UnknownIdentity) as error:
        raise Failure("a colony to measure in can be added by the server owner alone, not with this key") from error


def _executor(key: Identity, executortype: str) -> dict[str, str]:
    return {"executorid": key.id, "executorname": key.id[:16], "executortype": executortype}


@contextlib.asynccontextmanager
async def colony_on(ground: Ground) -> AsyncIterator[Colony]:
    """A colony on a broker of its own, or on the one that runs; there it is removed in the end."""
    async with ground.place() as place, colony_at(place, remove=not ground.own) as colony:
        yield colony


@contextlib.asynccontextmanager
async def colony_at(place: Place, *, remove: bool) -> AsyncIterator[Colony]:
    link = await Link(place.address).connect()
    colony = Colony(place, Identity.generate(), Identity.generate(), link)
    try:
        await _add(colony)
        try:
            user = {"userid": colony.operator.id, "name": "operator", "role": "operator"}
            await link.ask(colony.owner, "user.add", user=user)
            yield colony
        finally:
            if remove:
                await asyncio.shield(link.ask(place.owner, "colony.remove", colonyid=colony.owner.id))
    finally:
        link.close()
