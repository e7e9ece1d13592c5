"""Removing much at once from MongoDB: a handful of calls, each process at exactly one broker, and nothing left marked."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import AsyncIterator
from typing import Any

import pymongo
import pytest

from broker.store.mongo import MongoStore
from broker.store.moves import Remove
from colonies.wire import errors
from colonies.wire.model import Process, State
from tests.conftest import database
from tests.store.watched import Watched, assert_by_index
from tests.support.builders import HeldColony, a_worker, do, granted
from tests.support.mongod import Mongod


@pytest.fixture
async def stores(mongodb: str) -> AsyncIterator[list[MongoStore]]:
    address = database(mongodb)
    opened = [MongoStore(address) for _ in range(3)]
    await asyncio.gather(*(store.open() for store in opened))
    yield opened
    await asyncio.gather(*(store.close() for store in opened))


async def ended(colony: HeldColony, number: int) -> list[Process]:
    """That many that were cancelled, some after they had run and written a line."""
    submitted = [granted(one).process for one in await colony.store.apply([colony.submission() for _ in range(number)])]
    claims = [granted(one) for one in await colony.store.apply([colony.claiming(a_worker())] * (number // 10))]
    await colony.store.apply([colony.logging(process, "a line") for process in claims if process])
    changed = await colony.store.apply([colony.cancelling(process) for process in submitted])
    return [granted(one).after for one in changed]


@pytest.mark.parametrize("number", [2, 400])
async def test_a_batch_costs_the_same_calls_whatever_its_size(watched: Watched, number: int) -> None:
    colony = HeldColony(store=watched.store)
    processes = await ended(colony, number)
    with watched.profiled() as done:
        removed = await watched.store.apply([colony.removing(process) for process in processes])
    assert removed == processes
    assert_by_index(done)
    # What is there, and once more inside the transaction, whose end the profiler does not tell.
    # The logs are one call, told here range by range.
    calls = Counter(step["op"] for step in done if not step["ns"].endswith(".logs"))
    assert calls == {"query": 2, "remove": 1}
    assert {step["ns"].rsplit(".", 1)[1] for step in done if step["op"] == "remove"} == {"processes", "logs"}


async def test_what_several_brokers_remove_at_once_is_removed_at_one_of_them(stores: list[MongoStore]) -> None:
    colony = HeldColony(store=stores[0])
    processes = await ended(colony, 300)
    batches = [processes[:200], processes[100:], processes[::-1]]
    told = await asyncio.gather(
        *(
            store.apply([colony.removing(process) for process in batch])
            for store, batch in zip(stores, batches, strict=True)
        )
    )
    removed = Counter(one.processid for answers in told for one in answers if isinstance(one, Process))
    assert removed == {process.processid: 1 for process in processes}
    others = [one for answers in told for one in answers if not isinstance(one, Process)]
    assert {type(one) for one in others} == {errors.NotFound}
    assert len(others) == 400


async def test_what_is_asked_for_twice_in_a_batch_is_removed_once(stores: list[MongoStore]) -> None:
    colony = HeldColony(store=stores[0])
    process = await colony.cancel(await colony.submit())
    first, second = await stores[0].apply([colony.removing(process)] * 2)
    assert first == process
    assert isinstance(second, errors.NotFound)


async def test_one_that_may_not_go_holds_up_no_other(stores: list[MongoStore]) -> None:
    colony = HeldColony(store=stores[0])
    waiting = await colony.submit()
    elsewhere = HeldColony(store=stores[0])
    theirs = await elsewhere.cancel(await elsewhere.submit())
    mine = await colony.cancel(await colony.submit())
    told = await stores[0].apply([colony.removing(each) for each in (waiting, theirs, mine)])
    assert [type(one) for one in told] == [errors.WrongState, errors.NotFound, Process]
    assert await elsewhere.stored(theirs) == theirs


async def test_a_broker_that_died_in_the_middle_is_undone_and_a_later_removal_takes_what_it_had_begun(
    mongod: Mongod,
) -> None:
    store = MongoStore(database(mongod.address))
    await store.open()
    colony = HeldColony(store=store)
    processes = await ended(colony, 5)
    with pymongo.MongoClient[dict[str, Any]](mongod.address) as client:
        client.admin.command({"setParameter": 1, "transactionLifetimeLimitSeconds": 3})  # and not sixty
        name = store._link._database_name
        with client.start_session() as session:
            session.start_transaction()  # as a broker leaves it that dies before it commits
            client[name]["processes"].delete_many({"_id": processes[0].processid}, session=session)
            with pytest.raises(errors.Unavailable):
                await do(store, colony.removing(processes[0]))
            assert await colony.stored(processes[0]) == processes[0]
            async with asyncio.timeout(60):
                told = await removed_at_last(store, [colony.removing(process) for process in processes])
            assert told == processes
    await store.close()


async def removed_at_last(store: MongoStore, moves: list[Remove]) -> list[Any]:
    while True:
        try:
            return list(await store.apply(moves))
        except errors.Unavailable:
            continue  # which itself waits between its tries


async def test_only_what_ended_by_a_time_goes(stores: list[MongoStore]) -> None:
    colony = HeldColony(store=stores[0])
    process = await colony.cancel(await colony.submit())
    early = Remove(colonyid=colony.colonyid, processid=process.processid, ended_by=process.endtime - 1)
    with pytest.raises(errors.WrongState):
        await do(stores[0], early)
    assert (await colony.stored(process)).state == State.CANCELLED
    in_time = Remove(colonyid=colony.colonyid, processid=process.processid, ended_by=process.endtime)
    assert await do(stores[0], in_time) == process
