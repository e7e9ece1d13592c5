"""A colony is removed while its members submit and its owner adds executors: nothing that was acknowledged outlives it."""

from __future__ import annotations

import asyncio
import contextlib
import secrets
from collections.abc import Callable, Sequence

import pytest

from colonies.wire import errors
from colonies.wire.identity import Identity
from tests.conftest import database
from tests.support.broker import Broker
from tests.support.colony import ColonyKeys, make_colony, spec
from tests.support.peer import Peer, peer

ROUNDS = 4
LOOPS = 12
ANSWERS = 5  # of each loop, before the colony is removed


async def test_on_one_broker_nothing_outlives_its_colony(broker: Broker) -> None:
    for _ in range(ROUNDS):
        await remove_while_busy([broker])


async def test_on_two_brokers_over_one_mongodb_nothing_outlives_its_colony(
    mongodb: str, start_broker: Callable[..., Broker]
) -> None:
    first = start_broker(address := database(mongodb))
    brokers = [first, start_broker(address, owner=first.owner)]
    for _ in range(ROUNDS):
        await remove_while_busy(brokers)


async def remove_while_busy(brokers: Sequence[Broker]) -> None:
    """Be busy at all of them, remove the colony at the first, and look for it at each."""
    name, owner = f"c{secrets.token_hex(6)}", brokers[0].owner
    async with contextlib.AsyncExitStack() as opened:
        links = [await opened.enter_async_context(peer(broker.address)) for broker in brokers]
        keys = await make_colony(links[0], owner, name=name)
        busy = Busy(keys, loops=LOOPS * len(links))
        async with asyncio.TaskGroup() as tasks:
            for link in links:
                for number in range(LOOPS):
                    tasks.create_task(busy.add_executors(link) if number % 4 == 0 else busy.submit(link))
            await busy.begun.wait()
            await links[0].call(owner, "colony.remove", colonyid=keys.owner.id)
        for number, executor in enumerate(busy.executors):
            with pytest.raises(errors.UnknownIdentity):
                await links[number % len(links)].call(executor, "process.submit", spec=spec())
        await links[-1].call(owner, "colony.add", colonyid=keys.owner.id, name=name)
        for link in links:
            page = await link.call(keys.owner, "process.list")
            assert (page["processes"], page["total"]) == ([], 0)
            assert await link.call(keys.owner, "executor.list") == []
            assert await link.call(keys.owner, "user.list") == []
        other = await make_colony(links[-1], owner, name=f"other {name}", executors=0)
        for executor in busy.executors[-2:]:
            again = {"executorid": executor.id, "executorname": executor.id, "executortype": "cli"}
            await links[-1].call(other.owner, "executor.add", executor=again)


class Busy:
    """Asks again as soon as it is answered, until it is refused. begun: set once each loop was answered a few times."""

    def __init__(self, keys: ColonyKeys, *, loops: int) -> None:
        self._keys = keys
        self._answers = loops * ANSWERS
        self.begun = asyncio.Event()
        self.executors: list[Identity] = []

    async def submit(self, link: Peer) -> None:
        while await self._is_answered(link, self._keys.operator, "process.submit", spec=spec()):
            pass

    async def add_executors(self, link: Peer) -> None:
        while True:
            key = Identity.generate()
            executor = {"executorid": key.id, "executorname": key.id, "executortype": "cli"}
            if not await self._is_answered(link, self._keys.owner, "executor.add", executor=executor, approve=True):
                return
            self.executors.append(key)

    async def _is_answered(self, link: Peer, key: Identity, method: str, **params: object) -> bool:
        try:
            await link.call(key, method, **params)
        except (errors.UnknownIdentity, errors.NotFound):
            return False
        self._answers -= 1
        if self._answers <= 0:
            self.begun.set()
        return True


async def test_a_removal_whose_broker_was_killed_is_ended_by_another_one(
    mongodb: str, start_broker: Callable[..., Broker]
) -> None:
    first = start_broker(address := database(mongodb))
    second = start_broker(address, owner=first.owner)
    async with peer(first.address) as link, peer(second.address) as other:
        keys = await make_colony(link, first.owner, name="mine")
        for _ in range(20):
            await link.call(keys.operator, "process.submit", spec=spec())
        await link.send(first.owner, "colony.remove", colonyid=keys.owner.id)
        with contextlib.suppress(errors.UnknownIdentity, errors.NotFound):
            while True:  # until the removal has begun; most often it is not at its end by then
                await other.call(keys.owner, "member.whoami")
        first.kill()
        with contextlib.suppress(errors.NotFound):  # it was faster
            await other.call(first.owner, "colony.remove", colonyid=keys.owner.id)
        await other.call(first.owner, "colony.add", colonyid=keys.owner.id, name="mine")
        page = await other.call(keys.owner, "process.list")
        assert (page["processes"], page["total"]) == ([], 0)
        for key in (keys.operator, keys.executor):
            with pytest.raises(errors.UnknownIdentity):
                await other.call(key, "process.submit", spec=spec())
