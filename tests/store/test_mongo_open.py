"""Opening a MongoDB: what is refused, in words that say what to do, and what no address can undo."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pymongo
import pytest

from broker.store.base import SCHEMA_VERSION, StoreTooNew
from broker.store.mongo import MongoStore
from broker.store.open import open_store
from colonies.wire import errors
from tests.conftest import database
from tests.support.builders import HeldColony
from tests.support.mongod import Mongod, free_port

SOON = 10.0


async def test_an_address_where_nobody_listens_is_unavailable_and_named() -> None:
    store = MongoStore(f"mongodb://user:secret@127.0.0.1:{free_port()}/?replicaSet=rs0")
    async with asyncio.timeout(SOON):
        with pytest.raises(errors.Unavailable, match=r"MongoDB at 127\.0\.0\.1:\d+ cannot be used now") as refusal:
            await store.open()
    assert "secret" not in str(refusal.value)


async def test_a_standalone_server_is_refused_with_what_to_do(tmp_path: Path) -> None:
    standalone = Mongod(tmp_path, is_replica_set=False)
    try:
        standalone.start()
        with pytest.raises(errors.Unavailable, match="is no replica set; start it with --replSet"):
            await MongoStore(standalone.address).open()
    finally:
        standalone.kill()


async def test_a_database_of_a_newer_version_is_left_alone(mongodb: str) -> None:
    address = database(mongodb)
    with pymongo.MongoClient[dict[str, object]](address) as client:
        found = client.get_default_database()
        found["schema"].insert_one({"_id": "schema", "version": SCHEMA_VERSION + 1})
        with pytest.raises(StoreTooNew, match=f"version {SCHEMA_VERSION + 1}"):
            await MongoStore(address).open()
        assert found.list_collection_names() == ["schema"]


@pytest.mark.parametrize(
    "address",
    [
        "mongodb://",
        "mongodb://host/a b",
        "mongodb://host:port/",
        "mongodb://user:pw%@host/",
        "mongodb://user:p/w@host/",
    ],
)
def test_what_is_no_address_is_refused_before_anything_is_opened(address: str) -> None:
    with pytest.raises(ValueError, match="address") as refusal:
        open_store(address)
    assert "user:p" not in str(refusal.value)


async def test_an_address_cannot_make_writes_less_durable_nor_reads_older(mongodb: str) -> None:
    store = MongoStore(database(mongodb) + "&w=0&journal=false&readPreference=secondary")
    await store.open()
    try:
        colony = HeldColony(store=store)
        process = await colony.submit()
        assert (await colony.submit_whole(processid=process.processid)).repeated
    finally:
        await store.close()
