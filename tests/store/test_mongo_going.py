"""A colony that is removed from a MongoDB on which several brokers work: what they have on their way goes with it."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import pymongo
import pytest

from broker.store import mongo_going
from broker.store.base import Membership
from broker.store.mongo import MongoStore
from broker.store.mongo_going import Going
from broker.store.mongo_removals import LEFT_SECONDS, look_again
from broker.store.moves import AddColony, AddExecutor, AddUser, ColonyRemoved, Move, RemoveColony
from broker.store.others import MemberChanged, Told
from colonies.wire import errors
from colonies.wire.model import Colony, User
from colonies.wire.params import ProcessFilter
from tests.conftest import database
from tests.support.builders import HeldColony, add_colony, an_executor, an_id, do

PATIENCE = 60


@pytest.fixture
def address(mongodb: str) -> str:
    return database(mongodb)


@pytest.fixture
async def stores(address: str) -> AsyncIterator[list[MongoStore]]:
    """Three brokers that live; two of them say so when the test does."""
    opened = [MongoStore(address) for _ in range(3)]
    await asyncio.gather(*(store.open() for store in opened))
    for store in opened:
        await store.others.beat([])
    async with asyncio.timeout(PATIENCE):
        yield opened
    await asyncio.gather(*(store.close() for store in opened))


@pytest.fixture
async def mine(stores: list[MongoStore]) -> Colony:
    return await add_colony(stores[0])


@pytest.fixture
def here(stores: list[MongoStore], mine: Colony) -> HeldColony:
    return HeldColony(store=stores[0], colonyid=mine.colonyid)


@pytest.fixture
def there(stores: list[MongoStore], mine: Colony) -> HeldColony:
    return HeldColony(store=stores[1], colonyid=mine.colonyid)


async def begun(stores: list[MongoStore], colony: Colony) -> asyncio.Task[ColonyRemoved]:
    """A removal at the first broker that has gone as far as it can while no other one has heard of it."""
    removal = asyncio.create_task(do(stores[0], RemoveColony(colonyid=colony.colonyid)))
    while not removal.done() and await stores[2].who(colony.colonyid) != Membership():
        pass
    assert not removal.done()
    return removal


async def lies(store: MongoStore, colony: Colony) -> tuple[int, int]:
    page = await store.page(colony.colonyid, ProcessFilter(), newest=True, limit=10, cursor="")
    return len(page.processes), page.total


async def heard(stores: list[MongoStore]) -> None:
    for store in stores[1:]:
        await store.others.beat([])


async def test_what_another_broker_stores_before_it_hears_of_the_removal_goes_too(
    stores: list[MongoStore], mine: Colony, here: HeldColony, there: HeldColony
) -> None:
    await here.submit()
    removal = await begun(stores, mine)
    late = await there.submit(latestkey="lamp")
    await there.cancel(late)
    await heard(stores)
    assert (await removal).colony == mine
    with pytest.raises(errors.NotFound):
        await there.submit()
    assert await do(stores[2], AddColony(colony=mine)) == mine
    assert [await lies(store, mine) for store in stores] == [(0, 0)] * 3
    again = await there.submit()
    assert again == await here.stored(again)
    assert await lies(stores[1], mine) == (1, 1)


async def test_a_broker_that_has_something_on_its_way_is_waited_for(
    stores: list[MongoStore], mine: Colony, there: HeldColony
) -> None:
    removal = await begun(stores, mine)
    inner = stores[1]._link._database
    assert inner is not None
    with inner.going.storing():  # as a submit does whose answer has not come
        await heard(stores)
        await there.store.who(mine.colonyid)
        assert await _said(stores[1]) == []
    await heard(stores)
    await removal


async def _said(store: MongoStore) -> list[str]:
    inner = store._link._database
    assert inner is not None
    node = await inner.now.nodes.find_one({"_id": inner.node})
    heard: list[str] = node["heard"]
    return heard


async def test_a_broker_that_died_is_not_waited_for(stores: list[MongoStore], mine: Colony) -> None:
    removal = await begun(stores, mine)
    await stores[1].others.retire()
    await stores[2].others.retire()
    assert (await removal).colony == mine


async def test_from_the_first_moment_on_the_colony_takes_no_member_and_has_no_owner(
    stores: list[MongoStore], mine: Colony
) -> None:
    executor = await do(stores[1], AddExecutor(executor=an_executor(mine)))
    removal = await begun(stores, mine)
    moves: list[Move[Any]] = [
        AddExecutor(executor=an_executor(mine, "another")),
        AddUser(colonyid=mine.colonyid, user=User(userid=an_id(), name="eve", role="viewer")),
    ]
    for outcome in await stores[1].apply(moves):
        assert isinstance(outcome, errors.NotFound)
    assert mine not in await stores[1].colonies()
    with pytest.raises(errors.Exists, match="still being removed"):
        await do(stores[1], AddColony(colony=mine))
    namesake = Colony(colonyid=an_id(), name=mine.name)
    assert await do(stores[1], AddColony(colony=namesake)) == namesake
    await heard(stores)
    assert (await removal).members == [executor.executorid]


async def test_others_are_told_that_the_owner_is_none_any_more_before_the_colony_is_gone(
    stores: list[MongoStore], mine: Colony
) -> None:
    stream = await stores[1].others.feed.open(frozenset(), None)
    removal = await begun(stores, mine)
    told: list[Told] = []
    while MemberChanged(mine.colonyid) not in told:
        told += await stream.read()
    assert not removal.done()
    await stream.close()
    await heard(stores)
    await removal


async def test_a_removal_that_was_broken_off_is_ended_by_whoever_repeats_it(
    stores: list[MongoStore], mine: Colony, here: HeldColony
) -> None:
    await here.submit()
    removal = await begun(stores, mine)
    removal.cancel()  # as far as others see, the broker was killed
    await stores[0].others.retire()
    with pytest.raises(errors.Exists):
        await do(stores[1], AddColony(colony=mine))
    again = asyncio.create_task(do(stores[1], RemoveColony(colonyid=mine.colonyid)))
    while not again.done():
        await stores[2].others.beat([])
    assert again.result().colony == mine
    assert await do(stores[1], AddColony(colony=mine)) == mine
    assert await lies(stores[1], mine) == (0, 0)


async def test_a_removal_that_was_left_is_ended_by_any_broker(
    address: str, stores: list[MongoStore], mine: Colony, here: HeldColony
) -> None:
    await here.submit()
    removal = await begun(stores, mine)
    removal.cancel()
    await stores[0].others.retire()
    with pymongo.MongoClient[dict[str, Any]](address) as client:
        members = client.get_default_database()["members"]
        older = {"$set": {"since": {"$subtract": ["$since", (LEFT_SECONDS + 1) * 1000]}}}
        members.update_one({"_id": mine.colonyid}, [older])
        while members.find_one({"_id": mine.colonyid}):
            await heard(stores)
    assert await do(stores[1], AddColony(colony=mine)) == mine
    assert await lies(stores[1], mine) == (0, 0)


async def test_two_brokers_that_remove_one_colony_at_once_both_say_that_it_is_gone(
    stores: list[MongoStore], mine: Colony, here: HeldColony
) -> None:
    await here.submit()
    removals = [asyncio.create_task(do(store, RemoveColony(colonyid=mine.colonyid))) for store in stores[:2]]
    while not all(removal.done() for removal in removals):
        await asyncio.gather(*(store.others.beat([]) for store in stores))
    for outcome in await asyncio.gather(*removals, return_exceptions=True):
        assert isinstance(outcome, errors.NotFound) or outcome == ColonyRemoved(mine, [])
    assert await do(stores[2], AddColony(colony=mine)) == mine
    assert await lies(stores[2], mine) == (0, 0)


async def test_what_an_older_version_left_of_a_colony_is_gone_when_a_broker_starts(
    address: str, stores: list[MongoStore], mine: Colony, here: HeldColony
) -> None:
    executor = await do(stores[0], AddExecutor(executor=an_executor(mine)))
    await here.submit()
    with pymongo.MongoClient[dict[str, Any]](address) as client:
        client.get_default_database()["members"].delete_one({"_id": mine.colonyid})
    newcomer = MongoStore(address)
    await newcomer.open()
    assert newcomer._keeper
    await newcomer._keeper.recounted.wait()
    assert await newcomer.who(executor.executorid) == Membership()
    assert await do(newcomer, AddColony(colony=mine)) == mine
    assert (await lies(newcomer, mine))[0] == 0
    await newcomer.close()


async def test_what_a_broker_that_stood_still_stored_late_is_found_later(
    stores: list[MongoStore], mine: Colony, there: HeldColony
) -> None:
    for store in stores[1:]:
        await store.others.retire()
    await do(stores[0], RemoveColony(colonyid=mine.colonyid))
    late = await there.submit()  # it has heard of nothing
    inner = stores[0]._link._database
    assert inner is not None
    await look_again(inner.now, mine.colonyid)
    assert await stores[1].process(mine.colonyid, late.processid) is None
    await do(stores[1], AddColony(colony=mine))
    kept = await there.submit()
    await look_again(inner.now, mine.colonyid)
    assert await there.stored(kept) == kept


def test_a_look_that_was_begun_before_another_removal_was_noted_ends_no_doubt() -> None:
    going = Going()
    going.hear({"colony": "first"})
    before = going.doubt("colony")
    assert before
    going.hear({})
    assert going.doubt("colony") == before  # it is asked for until it was seen to be there
    going.hear({"colony": "second"})
    going.note_there("colony", before)
    again = going.doubt("colony")
    assert again
    going.note_there("colony", again)
    assert going.doubt("colony") is None


def test_what_is_begun_after_a_mark_was_heard_is_not_waited_for() -> None:
    going = Going()
    with going.storing():
        going.hear({"colony": "mark"})
        assert going.heard() == []
    with going.storing():
        assert going.heard() == ["mark"]
        going.hear({"colony": "mark"})
        assert going.heard() == ["mark"]
        going.hear({"colony": "another"})
        assert going.heard() == []


def test_of_colonies_that_went_a_bounded_number_is_remembered(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(mongo_going, "MAX_LATELY", 3)
    going = Going()
    for number in range(5):
        going.hear({str(number): "mark"})
    assert [number for number in range(5) if going.doubt(str(number))] == [2, 3, 4]
    assert going.noted_since(3) == {"3", "4"}
