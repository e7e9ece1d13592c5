"""Indexes are made at start whatever was left there, by however many brokers at once, and no other index is touched."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Iterator
from typing import Any

import pymongo
import pytest

from broker.store.mongo import MongoStore
from broker.store.mongo_indexes import CLAIM, DUE, LISTED, OF_COLLECTION
from broker.store.mongo_link import ELECTION_SECONDS
from colonies.wire import errors
from tests.conftest import database
from tests.support.builders import HeldColony, a_worker

Raw = pymongo.database.Database[dict[str, Any]]


@pytest.fixture
def address(mongodb: str) -> str:
    return database(mongodb)


@pytest.fixture
def raw(address: str) -> Iterator[Raw]:
    with pymongo.MongoClient[dict[str, Any]](address) as client:
        yield client.get_default_database()


async def open_and_use(address: str, *, brokers: int = 1) -> None:
    stores = [MongoStore(address) for _ in range(brokers)]
    await asyncio.gather(*(store.open() for store in stores))
    colony = HeldColony(store=stores[0])
    await colony.run(a_worker(), maxexectime=5)
    assert await stores[-1].upcoming(1)
    await asyncio.gather(*(store.close() for store in stores))


def forms(raw: Raw) -> dict[str, dict[str, Any]]:
    """Keys and options of every index by collection and name."""
    return {
        name: {index["name"]: form(index) for index in raw[name].list_indexes() if index["name"] != "_id_"}
        for name in OF_COLLECTION
    }


def as_known() -> dict[str, dict[str, Any]]:
    return {
        name: {index.document["name"]: form(index.document) for index in indexes}
        for name, indexes in OF_COLLECTION.items()
    }


def form(index: Any) -> dict[str, Any]:
    options = {key: value for key, value in index.items() if value and key not in ("v", "name", "key")}
    return {"keys": list(index["key"].items()), **options}


async def test_an_empty_database_gets_what_this_program_knows(address: str, raw: Raw) -> None:
    await open_and_use(address)
    assert forms(raw) == as_known()


@pytest.mark.parametrize(
    ("collection", "name", "keys", "options"),
    [
        ("processes", DUE, ["state", "due"], {}),
        ("processes", "by_submission", ["colonyid", "submitted", "_id"], {}),
        ("processes", DUE, ["due"], {}),
        ("processes", LISTED, ["colonyid", "submitted", "_id"], {"unique": True}),
        ("processes", "ttl", ["due"], {"expireAfterSeconds": 9, "partialFilterExpression": {"due": {"$gt": 0}}}),
        ("members", "named", ["home", "kind", "name"], {}),
    ],
    ids=["our name", "our keys", "our name and keys", "of another kind", "with an end", "not unique"],
)
async def test_an_index_that_is_in_the_way_is_made_anew_and_said(
    address: str,
    raw: Raw,
    caplog: pytest.LogCaptureFixture,
    collection: str,
    name: str,
    keys: list[str],
    options: dict[str, Any],
) -> None:
    raw[collection].create_index([(key, 1) for key in keys], name=name, **options)
    with caplog.at_level(logging.WARNING, "broker.store.mongo_making"):
        await open_and_use(address)
    assert forms(raw) == as_known()
    (said,) = caplog.records
    assert (said.__dict__["collection"], said.__dict__["dropped"]) == (collection, name)


async def test_an_index_of_somebody_else_is_left_alone(
    address: str, raw: Raw, caplog: pytest.LogCaptureFixture
) -> None:
    raw["processes"].create_index([("state", 1), ("due", 1)], name=DUE)  # which has to go
    raw["processes"].create_index([("label", 1)], name="of the operator")
    raw["processes"].create_index([("colonyid", 1), ("submitted", 1), ("_id", 1)], name="few", sparse=True)
    await open_and_use(address)
    assert set(forms(raw)["processes"]) == {*as_known()["processes"], "of the operator", "few"}


async def test_several_brokers_make_anew_what_is_in_the_way_at_once(address: str, raw: Raw) -> None:
    raw["processes"].insert_many(
        [{"colonyid": "c", "type": "cli", "state": 4, "submitted": number} for number in range(2000)]
    )
    raw["processes"].create_index([("state", 1), ("due", 1)], name=DUE)
    raw["processes"].create_index([("colonyid", 1), ("submitted", 1), ("_id", 1)], name="by_submission")
    raw["members"].create_index([("name", 1)], name="named")
    await open_and_use(address, brokers=3)
    assert forms(raw) == as_known()


async def test_members_of_one_name_are_named_to_whoever_starts(address: str, raw: Raw) -> None:
    raw["members"].insert_many([{"home": "c", "kind": "user", "name": "anna"} for _ in range(2)])
    # At once, and not after an election that nobody holds.
    async with asyncio.timeout(ELECTION_SECONDS / 2):
        with pytest.raises(errors.Unavailable, match=r"two documents of members have the same .*anna"):
            await MongoStore(address).open()


async def test_an_index_that_is_dropped_under_a_running_broker_is_told_until_it_is_made_again(
    address: str, raw: Raw
) -> None:
    store = MongoStore(address)
    await store.open()
    colony = HeldColony(store=store)
    await colony.submit()
    for name in CLAIM.values():
        raw["processes"].drop_index(name)
    for ask in (colony.claim(a_worker()), store.peek(colony.claiming(a_worker()).lanes, colony.now)):
        with pytest.raises(errors.Unavailable, match="lacks an index"):
            await ask
    another = MongoStore(address)
    await another.open()
    assert await colony.claim(a_worker())
    await asyncio.gather(store.close(), another.close())
