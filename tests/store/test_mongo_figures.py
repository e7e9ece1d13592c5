"""Figures on MongoDB, kept a moment after the moves: what several brokers add, what a crash loses, and how it is found.

A broker that is killed before it has written is played by figures that are changed behind the
store's back, as they then would be.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator, Iterator
from typing import Any

import pymongo
import pytest
from pymongo.collection import Collection
from pymongo.database import Database

from broker.store.mongo import MongoStore
from broker.store.mongo_database import Database as Reached
from broker.store.mongo_recount import recount
from broker.store.moves import AddColony, RemoveColony
from colonies.wire.model import Colony, Process, State
from tests.conftest import database
from tests.support.builders import HeldColony, a_worker, an_id, do, granted

Raw = Database[dict[str, Any]]


@pytest.fixture
def address(mongodb: str) -> str:
    return database(mongodb)


@pytest.fixture
def raw(address: str) -> Iterator[Raw]:
    """The database, behind the store's back."""
    with pymongo.MongoClient[dict[str, Any]](address) as client:
        yield client.get_default_database()


@pytest.fixture
async def stores(address: str) -> AsyncIterator[list[MongoStore]]:
    opened = [MongoStore(address) for _ in range(2)]
    for store in opened:
        await store.open()
    yield opened
    await asyncio.gather(*(store.close() for store in opened))


@pytest.fixture
def colony(stores: list[MongoStore]) -> HeldColony:
    return HeldColony(store=stores[0])


async def _numbers(store: MongoStore, colony: HeldColony) -> dict[State, int]:
    return {count.state: count.number for count in await store.counts(colony.colonyid)}


async def _groups(store: MongoStore, colony: HeldColony) -> list[tuple[str, int]]:
    found = await store.failures(colony.colonyid, executortype=None, limit=9)
    return [(group.cause, group.number) for group in found]


async def _fail(colony: HeldColony, number: int, error: str = "no bulb") -> list[Process]:
    submitted = [
        granted(outcome).process for outcome in await colony.store.apply([colony.submission() for _ in range(number)])
    ]
    assert len(submitted) == number
    claimed = await colony.store.apply([colony.claiming(a_worker()) for _ in range(number)])
    closing = [colony.closing(granted(outcome), successful=False, errors=[error]) for outcome in claimed]
    return [granted(outcome).after for outcome in await colony.store.apply(closing)]


def _reached(store: MongoStore) -> Reached:
    found = store._link._database
    assert found
    return found


async def _recounted(store: MongoStore) -> int:
    return await recount(_reached(store), grace_seconds=0)


# — several brokers —


async def test_what_several_brokers_did_is_added_up(stores: list[MongoStore], colony: HeldColony) -> None:
    one, other = stores
    failed = await _fail(colony, 7)
    await one.counts(colony.colonyid)
    assert await _numbers(other, colony) == {State.FAILED: 7}
    await other.apply([colony.removing(process) for process in failed[:3]])
    assert await _numbers(other, colony) == {State.FAILED: 4}
    assert await _groups(other, colony) == [("no bulb", 4)]
    await other.apply([colony.removing(process) for process in failed[3:]])
    assert (await _groups(other, colony), await _numbers(other, colony)) == ([], {})


async def test_a_removal_that_is_counted_before_what_it_removed_comes_out_even(
    stores: list[MongoStore], colony: HeldColony, raw: Raw
) -> None:
    one, other = stores
    assert one._keeper
    (gone,) = await _fail(colony, 1)
    await one._keeper.settle()
    group = raw["failures"].find_one_and_delete({})  # as before the first broker wrote
    assert group
    await do(other, colony.removing(gone))
    assert await _groups(other, colony) == []
    raw["failures"].update_one({"_id": group["_id"]}, {"$inc": {"number": 1, "rev": 1}})
    assert await _groups(other, colony) == []
    assert await _recounted(one) == 0
    assert raw["failures"].count_documents({}) == 0


async def test_closing_writes_what_is_gathered(stores: list[MongoStore], colony: HeldColony) -> None:
    await _fail(colony, 3)
    await stores[0].close()
    assert await _numbers(stores[1], colony) == {State.FAILED: 3}
    assert await _groups(stores[1], colony) == [("no bulb", 3)]


# — what is lost is counted again —


def _lose(kept: Collection[dict[str, Any]], number: int = -1) -> None:
    assert kept.update_many({}, {"$inc": {"number": number}}).modified_count


async def test_a_recount_finds_nothing_where_nothing_was_lost(stores: list[MongoStore], colony: HeldColony) -> None:
    await _fail(colony, 3)
    await colony.submit()
    await stores[0].counts(colony.colonyid)
    assert await _recounted(stores[0]) == 0


async def test_a_recount_puts_right_what_was_lost(stores: list[MongoStore], colony: HeldColony, raw: Raw) -> None:
    failed = await _fail(colony, 3)
    await colony.submit()
    await stores[0].counts(colony.colonyid)
    _lose(raw["counts"], 5)
    _lose(raw["failures"], -2)
    assert await _groups(stores[0], colony) == [("no bulb", 1)]
    assert await _recounted(stores[0]) >= 3
    assert await _numbers(stores[0], colony) == {State.FAILED: 3, State.WAITING: 1}
    (group,) = await stores[0].failures(colony.colonyid, executortype=None, limit=9)
    assert (group.number, group.first, group.last) == (3, failed[0].endtime, failed[-1].endtime)
    assert group.processid in {process.processid for process in failed if process.endtime == group.last}


async def test_a_recount_makes_what_was_never_written_and_drops_what_is_about_nothing(
    stores: list[MongoStore], colony: HeldColony, raw: Raw
) -> None:
    await _fail(colony, 2)
    await stores[0].counts(colony.colonyid)
    for name in ("counts", "failures"):
        raw[name].delete_many({})
        ghost = {"colonyid": colony.colonyid, "type": "x", "state": 0, "cause": "y", "func": "f", "number": 9, "rev": 1}
        raw[name].insert_one({"_id": f"{colony.colonyid}/ghost", **ghost, "first": 1, "last": 1, "processid": "p"})
    assert await _recounted(stores[0]) == 4
    assert await _numbers(stores[0], colony) == {State.FAILED: 2}
    assert await _groups(stores[0], colony) == [("no bulb", 2)]


async def test_a_number_that_moves_while_it_is_counted_is_left_as_it_is(
    stores: list[MongoStore], colony: HeldColony, raw: Raw
) -> None:
    """What was counted no longer holds; the next recount may find it at rest."""
    await _fail(colony, 2)
    await stores[0].counts(colony.colonyid)
    _lose(raw["counts"], 5)
    _lose(raw["failures"], 5)
    async with asyncio.TaskGroup() as tasks:
        counting = tasks.create_task(recount(_reached(stores[0]), grace_seconds=1))
        moving = tasks.create_task(_move_until(counting, colony))
    assert counting.result() == 0
    numbers = await _numbers(stores[0], colony)
    assert numbers[State.FAILED] == 2 + 5 + moving.result()
    await _recounted(stores[0])
    assert (await _numbers(stores[0], colony))[State.FAILED] == 2 + moving.result()


async def _move_until(counting: asyncio.Task[int], colony: HeldColony) -> int:
    """Let all numbers move again and again, written each time. Returns how many failed."""
    number = 0
    while not counting.done():
        number += len(await _fail(colony, 1))
        await colony.store.counts(colony.colonyid)
    return number


async def test_opening_counts_again(address: str, stores: list[MongoStore], colony: HeldColony, raw: Raw) -> None:
    await _fail(colony, 2)
    await stores[0].counts(colony.colonyid)
    _lose(raw["counts"])
    _lose(raw["failures"])
    again = MongoStore(address)
    await again.open()
    try:
        assert again._keeper
        await again._keeper.recounted.wait()
        assert await _numbers(again, colony) == {State.FAILED: 2}
        assert await _groups(again, colony) == [("no bulb", 2)]
    finally:
        await again.close()


async def test_of_several_brokers_one_counts_again_in_turn(stores: list[MongoStore], raw: Raw) -> None:
    for store in stores:
        assert store._keeper
        await store._keeper.recounted.wait()
    turns = []
    for store in stores:
        assert store._keeper
        raw.command("profile", 2)
        await store._keeper._recount_in_turn()
        raw.command("profile", 0)
        counted = {"ns": f"{raw.name}.processes", "command.aggregate": "processes"}
        turns.append(raw["system.profile"].count_documents(counted))
        raw.drop_collection("system.profile")
    assert turns == [2, 0]


async def test_a_colony_that_is_removed_takes_along_what_was_gathered(
    stores: list[MongoStore], colony: HeldColony, raw: Raw
) -> None:
    await do(stores[0], AddColony(colony=Colony(colonyid=colony.colonyid, name=an_id())))
    await _fail(colony, 2)
    await do(stores[0], RemoveColony(colonyid=colony.colonyid))
    await stores[0].close()
    assert [raw[name].count_documents({}) for name in ("counts", "finished", "failures")] == [0, 0, 0]


async def test_opening_and_closing_is_quiet(address: str, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.INFO, logger="broker"):
        for _ in range(2):
            store = MongoStore(address)
            await store.open()
            await store.close()
    assert caplog.text == ""
