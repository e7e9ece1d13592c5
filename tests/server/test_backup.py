"""Backup and restore as docs/operating.md says, under a broker that works on: everything acknowledged before is in it."""

from __future__ import annotations

import asyncio
import shutil
import sqlite3
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pymongo
import pytest

from colonies import AsyncColonies
from colonies.wire.model import State
from tests.conftest import database
from tests.support.broker import Broker
from tests.support.colony import ColonyKeys
from tests.support.mongod import Mongod
from tests.support.replica_set import ReplicaSet, running_replica_set
from tests.support.submitting import submitting

StartBroker = Callable[..., Broker]


async def work(address: str, keys: ColonyKeys, number: int) -> set[str]:
    """Have that many processes assigned and closed. Returns their ids."""
    done = set()
    async with AsyncColonies(address, key=keys.executor) as executor:
        for _ in range(number):
            process = await executor.assign(timeout=10)
            await executor.close_process(process)
            done.add(process.processid)
    return done


async def states(address: str, keys: ColonyKeys) -> dict[str, State]:
    async with AsyncColonies(address, key=keys.operator) as client:
        return {process.processid: process.state async for process in client.iter_processes()}


# — SQLite —


def vacuum_into(path: Path, copy: Path) -> None:
    connection = sqlite3.connect(path)
    connection.execute("VACUUM INTO ?", (str(copy),))
    connection.close()


def online_backup(path: Path, copy: Path) -> None:
    """`.backup` of the command line `sqlite3`."""
    connection, target = sqlite3.connect(path), sqlite3.connect(copy)
    connection.backup(target)
    connection.close()
    target.close()


@pytest.mark.parametrize("back_up", [vacuum_into, online_backup])
async def test_a_backup_of_sqlite_under_a_working_broker_has_all_that_was_acknowledged(
    tmp_path: Path, start_broker: StartBroker, back_up: Callable[[Path, Path], None]
) -> None:
    broker = start_broker(f"sqlite:{tmp_path}/broker.db")
    copy = tmp_path / "copy.db"
    async with submitting(broker.address, broker.owner) as submits:
        closed = await work(broker.address, submits.keys, 5)
        before = set(submits.acknowledged)
        await asyncio.to_thread(back_up, tmp_path / "broker.db", copy)
        await submits.goes_on()
    restored = start_broker(f"sqlite:{copy}", owner=broker.owner)
    found = await states(restored.address, submits.keys)
    assert before <= found.keys()
    assert {processid for processid, state in found.items() if state == State.SUCCESSFUL} == closed
    assert await work(restored.address, submits.keys, 1) <= found.keys()


async def test_a_plain_copy_of_the_file_under_a_working_broker_is_no_backup(
    tmp_path: Path, start_broker: StartBroker
) -> None:
    """What was committed last lies beside it, in the write-ahead log."""
    broker = start_broker(f"sqlite:{tmp_path}/broker.db")
    async with submitting(broker.address, broker.owner) as submits:
        before = set(submits.acknowledged)
        shutil.copy(tmp_path / "broker.db", tmp_path / "copy.db")
    copy = sqlite3.connect(tmp_path / "copy.db")
    tables = {name for (name,) in copy.execute("SELECT name FROM sqlite_master WHERE type = 'table'")}
    found = {row[0] for row in copy.execute("SELECT processid FROM processes")} if "processes" in tables else set()
    copy.close()
    assert not before <= found


# — MongoDB —


@pytest.fixture(scope="module")
def replica_set(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ReplicaSet]:
    with running_replica_set(tmp_path_factory.mktemp("backed-up")) as started:
        yield started


@pytest.fixture
def restored(tmp_path: Path) -> Iterator[Mongod]:
    """A server of another machine that has nothing yet."""
    mongod = Mongod(tmp_path / "restored")
    yield mongod
    mongod.kill()


def admin(member: Mongod) -> pymongo.MongoClient[dict[str, Any]]:
    return pymongo.MongoClient("127.0.0.1", member.port, directConnection=True, serverSelectionTimeoutMS=60_000)


def let_all_catch_up(replica_set: ReplicaSet) -> None:
    """What was acknowledged lies on a majority; what is written to all members lies behind it on each of them."""
    with pymongo.MongoClient[dict[str, Any]](replica_set.address) as client:
        marks = client.get_database("backup", write_concern=pymongo.WriteConcern(w=len(replica_set.members))).marks
        marks.insert_one({})


def begin_anew(mongod: Mongod) -> None:
    """Make a member that was restored alone the whole of its replica set: by its configuration it is not even in it."""
    mongod.launch()
    with admin(mongod) as client:
        configuration = client.admin.command("replSetGetConfig")["config"]
        configuration["members"] = [{"_id": 0, "host": f"127.0.0.1:{mongod.port}"}]
        client.admin.command("replSetReconfig", configuration, force=True)
    with pymongo.MongoClient[dict[str, Any]](mongod.address, serverSelectionTimeoutMS=60_000) as client:
        client.admin.command("ping")  # answered once there is a primary


@pytest.mark.timeout(300)
async def test_a_copy_of_a_locked_secondary_has_all_that_was_acknowledged_and_brokers_notice_nothing(
    replica_set: ReplicaSet, restored: Mongod, tmp_path: Path, start_broker: StartBroker
) -> None:
    store = database(replica_set.address)
    broker = start_broker(store)
    async with submitting(broker.address, broker.owner) as submits:
        closed = await work(broker.address, submits.keys, 5)
        before = set(submits.acknowledged)
        await asyncio.to_thread(let_all_catch_up, replica_set)
        secondary = await asyncio.to_thread(replica_set.secondaries)
        with admin(secondary[0]) as client:
            client.admin.command("fsync", lock=True)
            try:
                await asyncio.to_thread(shutil.copytree, secondary[0].data, tmp_path / "restored" / "data")
                await submits.goes_on()
            finally:
                client.admin.command("fsyncUnlock")
    await asyncio.to_thread(begin_anew, restored)
    address = restored.address.replace("/?", f"/{store.rsplit('/', 1)[1].split('?')[0]}?")
    again = start_broker(address, owner=broker.owner)
    found = await states(again.address, submits.keys)
    assert before <= found.keys()
    assert {processid for processid, state in found.items() if state == State.SUCCESSFUL} == closed
    assert await work(again.address, submits.keys, 1) <= found.keys()
