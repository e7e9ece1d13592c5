"""Several stores on one MongoDB: who lives, who is connected where, and the feed of what others changed."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

import pymongo
import pytest

from broker.channels.bus import Stream
from broker.store.mongo import MongoStore
from broker.store.mongo_others import MongoOthers
from broker.store.moves import AddExecutor, RemoveExecutor
from broker.store.others import STRUCK_SECONDS, MemberChanged, ProcessChanged, Told, channel_of, channel_of_colony
from colonies.wire.model import Colony, Executor, State
from tests.conftest import database
from tests.support.builders import HeldColony, a_worker, add_colony, an_executor, do


class Stores:
    """Stores on one database, and the database itself."""

    def __init__(self, address: str, opened: contextlib.AsyncExitStack) -> None:
        self.address = address
        self._opened = opened
        self.client: pymongo.MongoClient[dict[str, Any]] = pymongo.MongoClient(address)
        self.raw = self.client.get_default_database()

    async def open(self) -> MongoStore:
        store = MongoStore(self.address)
        await store.open()
        self._opened.push_async_callback(store.close)
        return store


@pytest.fixture
async def stores(mongodb: str) -> AsyncIterator[Stores]:
    async with contextlib.AsyncExitStack() as opened:
        made = Stores(database(mongodb), opened)
        yield made
    made.client.close()


# — the roster —


async def test_whoever_beats_is_on_the_roster_with_what_it_takes(stores: Stores) -> None:
    here, there = await stores.open(), await stores.open()
    assert (await here.others.beat(["b", "a"])).is_new
    roll = await there.others.beat([])
    assert {one.node: one.takes for one in roll.living} == {
        here.others.node: frozenset("ab"),
        there.others.node: frozenset(),
    }
    assert not (await here.others.beat(["c"])).is_new
    await there.others.retire()
    assert [one.takes for one in (await here.others.beat(["c"])).living] == [{"c"}]


async def online(store: MongoStore, colony: Colony) -> list[tuple[bool, int, int]]:
    return [(one.online, one.lastasked, one.lastseen) for one in await store.executors(colony.colonyid)]


async def connected(stores: Stores) -> tuple[MongoStore, MongoStore, Colony, Executor]:
    """Two stores that live, and an executor that is connected to the broker of the first."""
    here, there = await stores.open(), await stores.open()
    colony = await add_colony(here)
    executor = await do(here, AddExecutor(executor=an_executor(colony)))
    for store in (here, there):
        await store.others.beat([])
    await here.others.attend({executor.executorid: 7}, [])
    return here, there, colony, executor


async def test_an_executor_is_online_for_others_as_long_as_it_is_noted(stores: Stores) -> None:
    here, there, colony, executor = await connected(stores)
    assert await online(there, colony) == [(True, 7, 0)]
    assert await online(here, colony) == [(False, 0, 0)]  # its own broker knows better
    await here.others.attend({}, [executor.executorid])
    assert await online(there, colony) == [(False, 0, 0)]


async def test_whoever_was_connected_to_a_broker_that_died_is_offline_and_was_seen_then(stores: Stores) -> None:
    here, there, colony, _ = await connected(stores)
    last = datetime.now(UTC).replace(microsecond=0) - timedelta(seconds=STRUCK_SECONDS + 1)
    stores.raw["nodes"].update_one({"_id": here.others.node}, {"$set": {"beat": last}})
    assert await online(there, colony) == [(False, 0, round(last.timestamp() * 1000))]
    assert [one.node for one in (await there.others.beat([])).living] == [there.others.node]
    assert await online(there, colony) == [(False, 0, round(last.timestamp() * 1000))]
    assert not stores.raw["members"].count_documents({f"at.{here.others.node}": {"$exists": True}})
    assert (await here.others.beat([])).is_new  # it lives after all, and is told that it was struck off


async def test_a_broker_that_was_silent_for_a_moment_is_not_struck_off(stores: Stores) -> None:
    here, there, colony, _ = await connected(stores)
    last = datetime.now(UTC) - timedelta(seconds=STRUCK_SECONDS - 5)
    stores.raw["nodes"].update_one({"_id": here.others.node}, {"$set": {"beat": last}})
    assert len((await there.others.beat([])).living) == 1
    assert not (await here.others.beat([])).is_new
    assert await online(there, colony) == [(True, 7, 0)]


async def test_who_retires_takes_everybody_off(stores: Stores) -> None:
    here, there, colony, _ = await connected(stores)
    await here.others.retire()
    ((is_online, _, lastseen),) = await online(there, colony)
    assert not is_online
    assert lastseen > 0


# — the feed —


async def read(stream: Stream[Told], number: int) -> list[Told]:
    found: list[Told] = []
    async with asyncio.timeout(60):
        while len(found) < number:
            found += await stream.read()
    return found


async def following(store: MongoStore, channels: Sequence[str], place: Any = None) -> Stream[Told]:
    return await store.others.feed.open(frozenset(channels), place)


def moved(told: Sequence[Told]) -> list[tuple[str, State, int]]:
    assert all(isinstance(one, ProcessChanged) for one in told)
    return [(one.processid, one.state, one.attempt) for one in told if isinstance(one, ProcessChanged)]


async def test_what_others_change_is_read_in_order_and_what_is_ones_own_is_not(stores: Stores) -> None:
    here, there = await stores.open(), await stores.open()
    colony, own = HeldColony(store=here), HeldColony(store=there)
    stream = await following(there, [channel_of_colony(colony.colonyid), channel_of_colony(own.colonyid)])
    await own.submit()
    process = await colony.submit()
    worker = a_worker()
    running = await colony.claim(worker)
    assert running
    await colony.close(running)
    told = await read(stream, 3)
    assert moved(told) == [(process.processid, State(state), state and 1) for state in (0, 1, 2)]
    whole = await there.others.as_told([one for one in told if isinstance(one, ProcessChanged)])
    assert whole[:2] == [process, running]
    await stream.close()


async def test_who_is_alone_reads_now_and_then_and_misses_nothing_of_who_comes(stores: Stores) -> None:
    there = await stores.open()
    assert not is_alone(there)  # as long as it has not asked
    await there.others.beat([])
    assert is_alone(there)
    here = await stores.open()
    colony = HeldColony(store=here)
    stream = await following(there, [channel_of_colony(colony.colonyid)])
    processes = [await colony.submit() for _ in range(3)]
    assert [one[0] for one in moved(await read(stream, 3))] == [process.processid for process in processes]
    for store in (here, there):
        await store.others.beat([])
    assert not is_alone(there)
    process = await colony.submit()
    assert [one[0] for one in moved(await read(stream, 1))] == [process.processid]
    await here.others.retire()
    await there.others.beat([])
    assert is_alone(there)
    await stream.close()


def is_alone(store: MongoStore) -> bool:
    assert isinstance(store.others, MongoOthers)
    return store.others.changes.is_alone


async def test_a_process_that_cannot_be_read_keeps_no_other_from_being_told(stores: Stores) -> None:
    here, there = await stores.open(), await stores.open()
    colony, worker = HeldColony(store=here), a_worker()
    stream = await following(there, [channel_of_colony(colony.colonyid)])
    bad, good = await colony.run(worker), await colony.run(worker)
    stores.raw["processes"].update_one({"_id": bad.processid}, {"$set": {"spec": b"\xc1"}})
    told = [one for one in await read(stream, 4) if isinstance(one, ProcessChanged) and not one.is_new]
    assert await there.others.as_told(told) == [None, good]
    await stream.close()


@pytest.mark.parametrize("reads_all", [True, False])
async def test_reading_goes_on_for_other_channels_where_it_stopped(stores: Stores, reads_all: bool) -> None:
    here, there = await stores.open(), await stores.open()
    colony = HeldColony(store=here)
    lamps, clis = (channel_of(colony.colonyid, kind) for kind in ("lamp", "cli"))
    stream = await following(there, [lamps])
    first = await colony.submit(executortype="lamp")
    assert moved(await read(stream, 1)) == [(first.processid, State.WAITING, 0)]
    if reads_all:
        assert not await stream.read()
    place = stream.place
    await stream.close()
    missed = [await colony.submit(executortype=kind) for kind in ("cli", "lamp", "cli")]
    again = await following(there, [clis], place)
    assert [one[0] for one in moved(await read(again, 2))] == [missed[0].processid, missed[2].processid]
    both = await following(there, [lamps, clis], place)
    assert [one[0] for one in moved(await read(both, 3))] == [process.processid for process in missed]
    await again.close()
    await both.close()


async def test_whatever_a_latestkey_does_is_told(stores: Stores) -> None:
    here, there = await stores.open(), await stores.open()
    colony = HeldColony(store=here)
    stream = await following(there, [channel_of(colony.colonyid, "cli")])
    older = await colony.submit(latestkey="hall")
    newer = await colony.submit(latestkey="hall")
    told = {(processid, state) for processid, state, _ in moved(await read(stream, 3))}
    assert told == {
        (older.processid, State.WAITING),
        (newer.processid, State.WAITING),
        (older.processid, State.CANCELLED),
    }
    await stream.close()


async def test_members_are_told_whoever_changed_them_and_being_seen_is_no_change(stores: Stores) -> None:
    here, there, colony, executor = await connected(stores)
    stream = await following(there, [])
    await here.others.attend({executor.executorid: 9}, [])
    await do(here, RemoveExecutor(colonyid=colony.colonyid, executorid=executor.executorid))
    assert await read(stream, 1) == [MemberChanged(executor.executorid)]
    await do(there, AddExecutor(executor=executor))
    assert await read(stream, 1) == [MemberChanged(executor.executorid)]
    await stream.close()
