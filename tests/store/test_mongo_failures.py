"""MongoDB away, in trouble, or not what it should be: every call ends soon and says so, and the store heals."""

from __future__ import annotations

import asyncio
import os
import signal
from collections.abc import AsyncIterator

import pytest
from pymongo.errors import BulkWriteError, OperationFailure

from broker.store.mongo import MongoStore
from broker.store.mongo_errors import is_out_of_reach
from broker.store.moves import AddColony, RemoveColony
from colonies.wire import errors
from colonies.wire.model import Colony, Process, State
from colonies.wire.params import ProcessFilter
from tests.conftest import database
from tests.support.builders import HeldColony, a_worker, do
from tests.support.mongod import Mongod

SOON = 10.0  # the limit of a call is five seconds, and the machine may be busy

NOT_REPLICATED = {"code": 64, "errmsg": "waiting for replication timed out", "errInfo": {"wtimeout": True}}


@pytest.fixture
async def store(mongod: Mongod) -> AsyncIterator[MongoStore]:
    opened = MongoStore(database(mongod.address))
    await opened.open()
    yield opened
    await opened.close()


@pytest.fixture
def colony(store: MongoStore) -> HeldColony:
    return HeldColony(store=store)


async def assert_soon_unavailable(store: MongoStore, colony: HeldColony) -> None:
    async with asyncio.timeout(SOON):
        calls = (store.apply([colony.submission()]), store.who(colony.colonyid), store.upcoming(1))
        said = await asyncio.gather(*calls, return_exceptions=True)
    assert [type(error) for error in said] == [errors.Unavailable] * 3
    assert "127.0.0.1" in str(said[0])


# — away —


async def test_a_killed_server_is_soon_unavailable_and_comes_back_by_itself(
    mongod: Mongod, store: MongoStore, colony: HeldColony
) -> None:
    before = await colony.submit()
    mongod.kill()
    try:
        await assert_soon_unavailable(store, colony)
        async with asyncio.timeout(2.5):
            with pytest.raises(errors.Unavailable):
                await store.ping()
        async with asyncio.timeout(SOON):  # a listing otherwise has longer, but not where no primary is known
            with pytest.raises(errors.Unavailable):
                await store.page(colony.colonyid, ProcessFilter(), newest=True, limit=1, cursor="")
    finally:
        mongod.start()
    await wait_healed(store)
    assert await colony.stored(before) == before
    assert (await colony.submit()).state == State.WAITING


async def wait_healed(store: MongoStore) -> None:
    async with asyncio.timeout(30):
        while True:
            try:
                return await store.ping()
            except errors.Unavailable:
                continue  # which itself looks for a primary for two seconds


async def test_a_server_that_hangs_is_unavailable_within_the_time_of_a_call(
    mongod: Mongod, store: MongoStore, colony: HeldColony
) -> None:
    os.kill(mongod.pid, signal.SIGSTOP)
    try:
        async with asyncio.timeout(2.5):
            with pytest.raises(errors.Unavailable):
                await store.ping()
        async with asyncio.timeout(15):
            with pytest.raises(errors.Unavailable):
                await store.apply([colony.submission()])
    finally:
        os.kill(mongod.pid, signal.SIGCONT)
    await wait_healed(store)


async def test_a_closed_store_says_that_it_is_closed(store: MongoStore, colony: HeldColony) -> None:
    await store.close()
    await store.close()
    with pytest.raises(errors.Unavailable, match="closed"):
        await colony.submit()


async def test_closing_waits_for_what_is_on_its_way(store: MongoStore, colony: HeldColony) -> None:
    async with asyncio.TaskGroup() as tasks:
        submitting = tasks.create_task(colony.submit())
        await asyncio.sleep(0)  # until it has begun
        await store.close()
    assert submitting.result().state == State.WAITING


# — in trouble —


@pytest.mark.parametrize("code", [91, 10107], ids=["shuts down", "steps down"])
async def test_a_server_that_cannot_write_any_more_is_unavailable(
    mongod: Mongod, store: MongoStore, colony: HeldColony, code: int
) -> None:
    calls = (store.apply([colony.submission()]), store.apply([colony.claiming(a_worker())]))
    with mongod.failing("insert", "find", errorCode=code):
        async with asyncio.timeout(SOON):
            said = await asyncio.gather(*calls, return_exceptions=True)
    assert [type(error) for error in said] == [errors.Unavailable] * 2
    await wait_healed(store)


@pytest.mark.parametrize("code", [50, 64, 112, 189, 251, 262, 11600, 11602, 13435, 13436, 14031])
def test_what_a_server_refuses_for_the_state_it_is_in_may_be_tried_again(code: int) -> None:
    assert is_out_of_reach(OperationFailure("refused", code))
    assert is_out_of_reach(BulkWriteError({"writeErrors": [{"code": 11000}, {"code": code}]}))


@pytest.mark.parametrize("code", [9, 66, 121, 11000])
def test_what_we_asked_wrongly_is_not_taken_for_a_server_out_of_reach(code: int) -> None:
    assert not is_out_of_reach(OperationFailure("wrong", code))
    assert not is_out_of_reach(BulkWriteError({"writeErrors": [{"code": code}], "writeConcernErrors": []}))


@pytest.mark.parametrize("latestkey", ["", "lamp"])
async def test_a_write_that_no_majority_confirmed_is_not_answered_as_done(
    mongod: Mongod, colony: HeldColony, latestkey: str
) -> None:
    commands = ("insert", "update", "commitTransaction")
    with mongod.failing(*commands, writeConcernError=NOT_REPLICATED), pytest.raises(errors.Unavailable):
        await colony.submit(latestkey=latestkey)


async def test_a_lost_reply_is_made_good_by_the_driver_and_done_once(mongod: Mongod, colony: HeldColony) -> None:
    with mongod.failing("insert", "update", mode={"times": 1}, closeConnection=True):
        submitted = await colony.submit_whole()
    assert not submitted.repeated
    await colony.store.counts(colony.colonyid)  # until its figures are written, for those are updates too
    with mongod.failing("update", mode={"times": 1}, closeConnection=True):
        running = await colony.claim(a_worker())
    assert running
    assert running.attempt == 1


@pytest.mark.parametrize("code", [91, 11602], ids=["shuts down", "steps down"])
async def test_a_step_that_was_done_by_a_primary_that_went_is_found_done_and_not_done_again(
    mongod: Mongod, colony: HeldColony, code: int
) -> None:
    await colony.submit()
    await colony.store.counts(colony.colonyid)  # until its figures are written, for those are updates too
    done_and_interrupted = {"code": code, "errmsg": "interrupted"}
    with mongod.failing("update", mode={"times": 1}, writeConcernError=done_and_interrupted):
        running = await colony.claim(a_worker())
    assert running
    assert running.attempt == 1
    with mongod.failing("update", mode={"times": 2}, writeConcernError=done_and_interrupted):
        closed = await colony.close(running)
    assert await colony.stored(running) == closed


async def test_what_fails_in_a_batch_does_not_take_along_what_was_done(
    mongod: Mongod, store: MongoStore, colony: HeldColony
) -> None:
    waiting = await colony.submit()
    # The submit inserts, the claim does not.
    with mongod.failing("insert", writeConcernError=NOT_REPLICATED):
        submitted, claimed = await store.apply([colony.submission(), colony.claiming(a_worker())])
    assert isinstance(submitted, errors.Unavailable)
    assert isinstance(claimed, Process)
    assert claimed.processid == waiting.processid


async def test_a_transaction_that_meets_another_begins_again(mongod: Mongod, colony: HeldColony) -> None:
    older = await colony.submit(latestkey="lamp")
    labels = ["TransientTransactionError"]
    with mongod.failing("insert", mode={"times": 3}, errorCode=112, errorLabels=labels):
        submitted = await colony.submit_whole(latestkey="lamp")
    assert [process.processid for process in submitted.superseded] == [older.processid]


async def test_a_bug_in_a_move_is_told_to_that_kind_of_move_alone(
    mongod: Mongod, store: MongoStore, colony: HeldColony
) -> None:
    with mongod.failing("insert", errorCode=9):  # FailedToParse: what we sent was wrong
        submitted, claimed = await store.apply([colony.submission(), colony.claiming(a_worker())])
    assert isinstance(submitted, errors.Internal)
    assert "see the broker's log" in submitted.message
    assert claimed is None


async def test_a_repeat_of_a_submit_is_answered_only_when_the_first_is_durable(
    mongod: Mongod, store: MongoStore, colony: HeldColony
) -> None:
    again = colony.submission()
    await do(store, again)
    with mongod.failing("update", writeConcernError=NOT_REPLICATED), pytest.raises(errors.Unavailable):
        await do(store, again)
    assert (await do(store, again)).repeated


async def test_a_removal_of_a_colony_that_failed_in_the_middle_goes_on(
    mongod: Mongod, store: MongoStore, colony: HeldColony
) -> None:
    mine = Colony(colonyid=colony.colonyid, name="c")
    await do(store, AddColony(colony=mine))
    process = await colony.submit()
    with mongod.failing("delete", mode={"skip": 2}, errorCode=8000), pytest.raises(errors.ColoniesError):
        await do(store, RemoveColony(colonyid=colony.colonyid))
    with pytest.raises(errors.Exists, match="still being removed"):
        await do(store, AddColony(colony=mine))
    await do(store, RemoveColony(colonyid=colony.colonyid))
    assert await store.colonies() == []
    assert await store.process(colony.colonyid, process.processid) is None
