"""Databases of version 1 are brought on when they are opened, by however many brokers at once."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import pymongo
import pytest

from broker.store.base import SCHEMA_VERSION, SLOT_MS, LaneCount
from broker.store.mongo import MongoStore
from colonies.wire.model import Process, State
from colonies.wire.params import ProcessFilter
from tests.conftest import database
from tests.support.builders import HeldColony, Worker, a_worker

_INDEXES_OF_VERSION_2 = ("listed_cause", "listed_group", "listed_assignee", "grouped")


@pytest.fixture
def address(mongodb: str) -> str:
    return database(mongodb)


@pytest.fixture
async def old(address: str, worker: Worker) -> tuple[HeldColony, list[Process]]:
    """A colony in a database as version 1 left it: without causes, figures and their indexes."""
    store = MongoStore(address)
    await store.open()
    colony = HeldColony(store=store)
    processes = [await colony.close(await colony.run(worker))]
    for number in range(3):
        running = await colony.run(worker)
        processes.append(await colony.close(running, successful=False, errors=[f"no bulb in {number}"]))
    processes.append(await colony.run(a_worker()))
    await store.close()
    _make_old(address)
    return colony, processes


def _make_old(address: str) -> None:
    with pymongo.MongoClient[dict[str, Any]](address) as client:
        found = client.get_default_database()
        for name in ("counts", "finished", "failures"):
            found.drop_collection(name)
        for name in _INDEXES_OF_VERSION_2:
            found["processes"].drop_index(name)
        found["processes"].update_many({}, {"$unset": {"cause": ""}})
        found["schema"].update_one({"_id": "schema"}, {"$set": {"version": 1}})


@pytest.fixture
async def stores(address: str, old: tuple[HeldColony, list[Process]]) -> AsyncIterator[list[MongoStore]]:
    """Three brokers that open it at the same moment."""
    opened = [MongoStore(address) for _ in range(3)]
    await asyncio.gather(*(store.open() for store in opened))
    yield opened
    await asyncio.gather(*(store.close() for store in opened))


async def test_processes_and_figures_are_found_by_all(
    address: str, stores: list[MongoStore], old: tuple[HeldColony, list[Process]], worker: Worker
) -> None:
    colony, (successful, *failed, running) = old
    for store in stores:
        assert set(await store.counts(colony.colonyid)) == {
            LaneCount("cli", State.SUCCESSFUL, 1, 0),
            LaneCount("cli", State.FAILED, 3, 0),
            LaneCount("cli", State.RUNNING, 1, 0),
        }
        (group,) = await store.failures(colony.colonyid, executortype="cli", limit=9)
        assert (group.cause, group.number, group.first) == ("no bulb in #", 3, failed[0].endtime)
        assert (group.last, group.processid) == (failed[-1].endtime, failed[-1].processid)
        slot = successful.endtime // SLOT_MS * SLOT_MS
        finished = await store.finished(colony.colonyid, since=0)
        assert {(ended.state, ended.time, ended.number) for ended in finished} == {
            (State.SUCCESSFUL, slot, 1),
            (State.FAILED, slot, 3),
        }
        for wanted, found in (
            (ProcessFilter(cause="no bulb in #"), failed),
            (ProcessFilter(assigneeid=worker.executorid), [successful, *failed]),
            (ProcessFilter(state=State.RUNNING), [running]),
        ):
            page = await store.page(colony.colonyid, wanted, newest=False, limit=9, cursor="")
            assert (page.processes, page.total) == (found, len(found))
    with pymongo.MongoClient[dict[str, Any]](address) as client:
        schema = client.get_default_database()["schema"].find_one({"_id": "schema"})
    assert schema
    assert schema["version"] == SCHEMA_VERSION


async def test_moves_go_on_and_are_counted_once(
    stores: list[MongoStore], old: tuple[HeldColony, list[Process]]
) -> None:
    colony, processes = old
    colony.store = stores[1]
    failed = await colony.close(processes[-1], successful=False, errors=["no bulb in 9"])
    await colony.change(colony.cancelling(await colony.submit()))
    numbers = {count.state: count.number for count in await stores[1].counts(colony.colonyid)}
    assert numbers == {State.SUCCESSFUL: 1, State.FAILED: 4, State.CANCELLED: 1}
    (group,) = await stores[2].failures(colony.colonyid, executortype="cli", limit=1)
    assert (group.number, group.processid) == (4, failed.processid)
