"""A colony to measure in: its owner, an operator who submits, and executors of the types that are asked for."""

from __future__ import annotations

import asyncio
import contextlib
import sys
from collections.abc import AsyncIterator, Sequence
from typing import NamedTuple

from colonies.cli.failure import Failure
from colonies.wire import errors
from colonies.wire.identity import Identity

from . import leftovers
from .ground import Ground, Place
from .link import Link, LinkLost, in_time
from .program import Say

BATCH = 100
REMOVE_SECONDS = 600.0  # there may be millions of processes in it


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
            await in_time(*self.link.ask_all(self.owner, asked))

    async def add_users(self, number: int) -> list[str]:
        """Add so many users who may read; return their private keys."""
        keys = [Identity.generate() for _ in range(number)]
        asked = [("user.add", {"user": {"userid": key.id, "name": key.id[:16], "role": "viewer"}}) for key in keys]
        for first in range(0, number, BATCH):
            await in_time(*self.link.ask_all(self.owner, asked[first : first + BATCH]))
        return [key.private_key for key in keys]

    async def stored_as(self, state: str) -> int:
        """How many processes are in this state, as the broker says."""
        (stats,) = await in_time(self.link.ask(self.operator, "stats.get"))
        return sum(one[state] for one in stats["types"])

    async def hold(self, state: str, told: int) -> None:
        """Failure where clients were told of another number: figures of what was not stored would be worth nothing."""
        if (stored := await self.stored_as(state)) != told:
            raise Failure(f"clients were told that {told} processes are {state}, and the broker says {stored}")


async def _add(colony: Colony) -> None:
    try:
        await in_time(
            colony.link.ask(colony.place.owner, "colony.add", colonyid=colony.owner.id, name=_name(colony.owner))
        )
    except (errors.Forbidden, errors.UnknownIdentity) as error:
        raise Failure("a colony to measure in can be added by the server owner alone, not with this key") from error


async def _remove(colony: Colony, say: Say) -> None:
    """Failure where it remains; whoever does not wait for it is told on standard error."""
    name = f"the colony {_name(colony.owner)} at {colony.place.address}"
    remains = f"{name} remains: remove it with `colonies colony remove {colony.owner.id}`"
    say(f"removing {name}")
    try:
        await in_time(
            colony.link.ask(colony.place.owner, "colony.remove", colonyid=colony.owner.id), seconds=REMOVE_SECONDS
        )
    except asyncio.CancelledError:
        print(remains, file=sys.stderr)
        raise
    except (LinkLost, TimeoutError, errors.ColoniesError) as error:
        raise Failure(f"{remains} ({str(error) or 'no answer came in time'})") from error


def _name(owner: Identity) -> str:
    return f"bench-{owner.id[:12]}"


def _executor(key: Identity, executortype: str) -> dict[str, str]:
    return {"executorid": key.id, "executorname": key.id[:16], "executortype": executortype}


def _say_nothing(_: str) -> None:
    """Nobody waits for it."""


@contextlib.asynccontextmanager
async def colony_on(ground: Ground, say: Say = _say_nothing) -> AsyncIterator[Colony]:
    """A colony on a broker of its own, or on the one that runs; there it is removed in the end."""
    async with ground.place() as place, colony_at(place, remove=not ground.own, say=say) as colony:
        yield colony


@contextlib.asynccontextmanager
async def colony_at(place: Place, *, remove: bool, say: Say = _say_nothing) -> AsyncIterator[Colony]:
    link = await Link(place.address).connect()
    colony = Colony(place, Identity.generate(), Identity.generate(), link)
    try:
        await _add(colony)
        async with leftovers.afterwards(lambda: _remove(colony, say)) if remove else contextlib.nullcontext():
            user = {"userid": colony.operator.id, "name": "operator", "role": "operator"}
            await in_time(link.ask(colony.owner, "user.add", user=user))
            yield colony
    finally:
        link.close()
