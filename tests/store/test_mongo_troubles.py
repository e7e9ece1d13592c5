"""A MongoDB that is slow, or has no connection left: calls end within their limits, short ones go by long ones,
what is repeated after an unknown outcome is done once, and all is well again without a restart."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Awaitable

import pytest

from broker.store.mongo import MongoStore
from colonies.wire import errors
from colonies.wire.model import Page, State
from colonies.wire.params import ProcessFilter
from tests.conftest import database
from tests.support.builders import HeldColony, a_worker, do
from tests.support.mongod import Mongod

SOON = 20.0  # the limit of a call is five seconds, and the machine may be busy
LONGER_THAN_A_CALL_MS = 8000
AS_LONG_AS_NEEDED_MS = 4000


@pytest.fixture
async def store(mongod: Mongod) -> AsyncIterator[MongoStore]:
    async with a_store(database(mongod.address)) as opened:
        yield opened


@contextlib.asynccontextmanager
async def a_store(address: str) -> AsyncIterator[MongoStore]:
    opened = MongoStore(address)
    await opened.open()
    try:
        assert opened._keeper
        await opened._keeper.recounted.wait()  # it reads, and reads are made to fail
        yield opened
    finally:
        await opened.close()


@pytest.fixture
def colony(store: MongoStore) -> HeldColony:
    return HeldColony(store=store)


async def a_page(store: MongoStore, colony: HeldColony) -> Page:
    return await store.page(colony.colonyid, ProcessFilter(func="sleep"), newest=True, limit=5, cursor="")


async def number_of(colony: HeldColony, state: State) -> int:
    page = await colony.store.page(colony.colonyid, ProcessFilter(state=state), newest=True, limit=500, cursor="")
    return len(page.processes)


# — slow —


async def test_listings_that_hang_leave_room_for_what_is_short(
    mongod: Mongod, store: MongoStore, colony: HeldColony
) -> None:
    await colony.submit()
    with mongod.failing("aggregate", blockConnection=True, blockTimeMS=AS_LONG_AS_NEEDED_MS):
        async with asyncio.TaskGroup() as tasks:
            listings = [tasks.create_task(quietly(a_page(store, colony))) for _ in range(40)]
            await asyncio.sleep(0)  # until they have begun
            await colony.submit()
            await store.ping()
            assert not any(listing.done() for listing in listings)
        async with asyncio.timeout(SOON):
            said = [await listing for listing in listings]
    assert {type(one) for one in said} <= {Page, errors.Unavailable}
    assert sum(isinstance(one, Page) for one in said) >= 4
    assert (await a_page(store, colony)).total == 2


async def quietly(asked: Awaitable[object]) -> object:
    try:
        return await asked
    except errors.Unavailable as error:
        return error


async def test_a_submit_that_took_too_long_may_be_repeated_and_is_there_once(
    mongod: Mongod, store: MongoStore, colony: HeldColony
) -> None:
    plain, keyed = colony.submission(), colony.submission(latestkey="lamp")
    with mongod.failing("insert", blockConnection=True, blockTimeMS=LONGER_THAN_A_CALL_MS):
        async with asyncio.timeout(SOON):
            said = await asyncio.gather(*(do(store, move) for move in (plain, keyed)), return_exceptions=True)
    assert [type(one) for one in said] == [errors.Unavailable] * 2
    for move in (plain, keyed):
        assert (await do(store, move)).process == move.process
    assert await number_of(colony, State.WAITING) == 2


async def test_a_close_that_took_too_long_may_be_repeated_and_is_done_once(
    mongod: Mongod, store: MongoStore, colony: HeldColony
) -> None:
    running = await colony.run(a_worker())
    await store.counts(colony.colonyid)  # until its figures are written, for those are updates too
    closing = colony.closing(running, out=["lit"])
    with mongod.failing("update", blockConnection=True, blockTimeMS=LONGER_THAN_A_CALL_MS):
        async with asyncio.timeout(SOON):
            with pytest.raises(errors.Unavailable):
                await do(store, closing)
    closed = (await do(store, closing)).after
    assert (closed.state, closed.out, closed.attempt, len(closed.history)) == (State.SUCCESSFUL, ["lit"], 1, 1)
    assert await colony.stored(running) == closed


# — no connection left —


async def test_who_gets_no_connection_in_time_is_told_and_all_is_well_when_there_is_one(mongod: Mongod) -> None:
    async with a_store(database(mongod.address) + "&maxPoolSize=1") as store:
        colony = HeldColony(store=store)
        again = colony.submission()
        with mongod.failing("aggregate", blockConnection=True, blockTimeMS=LONGER_THAN_A_CALL_MS):
            async with asyncio.TaskGroup() as tasks:
                listing = tasks.create_task(a_page(store, colony))  # which may take twenty seconds
                await asyncio.sleep(0)
                async with asyncio.timeout(SOON):
                    calls: list[Awaitable[object]] = [store.apply([again]), store.ping()]
                    calls += [store.who(colony.colonyid) for _ in range(30)]
                    said = await asyncio.gather(*(quietly(call) for call in calls))
                assert not listing.done()
        assert {type(one) for one in said} == {errors.Unavailable}
        assert (await do(store, again)).process == again.process
        assert await number_of(colony, State.WAITING) == 1


async def test_thousands_who_read_at_once_are_all_answered(store: MongoStore, colony: HeldColony) -> None:
    process = await colony.submit()
    async with asyncio.timeout(60):
        said = await asyncio.gather(*(store.process(colony.colonyid, process.processid) for _ in range(3000)))
    assert said == [process] * 3000


async def test_thousands_who_read_a_server_that_is_away_are_all_told_so(
    mongod: Mongod, store: MongoStore, colony: HeldColony
) -> None:
    process = await colony.submit()
    mongod.kill()
    try:
        async with asyncio.timeout(60):  # and not two seconds for every sixteen of them
            said = await asyncio.gather(
                *(quietly(store.process(colony.colonyid, process.processid)) for _ in range(3000))
            )
    finally:
        mongod.start()
    assert {type(one) for one in said} == {errors.Unavailable}
    async with asyncio.timeout(SOON):
        while isinstance(await quietly(store.ping()), errors.Unavailable):
            pass
    assert await colony.stored(process) == process
