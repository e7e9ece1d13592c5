"""Figures on a MongoDB in trouble: nothing is shown before it is written, and whatever is in doubt is counted again."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

import pytest

from broker.store.base import LaneCount
from broker.store.mongo import MongoStore
from colonies.wire import errors
from colonies.wire.model import State
from tests.conftest import database
from tests.support.builders import HeldColony
from tests.support.mongod import Mongod

NOT_REPLICATED = {"code": 64, "errmsg": "waiting for replication timed out", "errInfo": {"wtimeout": True}}


@pytest.fixture
async def store(mongod: Mongod) -> AsyncIterator[MongoStore]:
    opened = MongoStore(database(mongod.address))
    await opened.open()
    assert opened._keeper
    await opened._keeper.recounted.wait()
    yield opened
    await opened.close()


@pytest.fixture
def colony(store: MongoStore) -> HeldColony:
    return HeldColony(store=store)


async def test_figures_that_are_being_written_are_waited_for(
    mongod: Mongod, store: MongoStore, colony: HeldColony
) -> None:
    assert store._keeper
    with mongod.failing("update", blockConnection=True, blockTimeMS=500):
        async with asyncio.TaskGroup() as tasks:
            await colony.submit()
            looking = [tasks.create_task(store.counts(colony.colonyid))]
            while not store._keeper._is_writing:  # noqa: ASYNC110 (nothing else tells)
                await asyncio.sleep(0)
            looking.append(tasks.create_task(store.counts(colony.colonyid)))
    assert [[count.number for count in task.result()] for task in looking] == [[1], [1]]


async def test_figures_whose_write_failed_are_counted_again(
    mongod: Mongod, store: MongoStore, colony: HeldColony
) -> None:
    assert store._keeper
    with mongod.failing("update", errorCode=112):  # WriteConflict, which the driver does not try again
        submitted = await colony.submit()
        assert await store.counts(colony.colonyid) == []
    assert store._keeper._doubted.is_set()
    await store._keeper._recount()
    assert await store.counts(colony.colonyid) == [LaneCount("cli", State.WAITING, 1, submitted.submissiontime)]


async def test_a_move_of_which_nobody_knows_whether_it_was_done_is_counted_again(
    mongod: Mongod, store: MongoStore, colony: HeldColony
) -> None:
    assert store._keeper
    assert not store._keeper._doubted.is_set()
    with mongod.failing("insert", writeConcernError=NOT_REPLICATED), pytest.raises(errors.Unavailable):
        await colony.submit()
    assert store._keeper._doubted.is_set()
