"""`docs/schema.md` names the indexes and collections that the program makes, and no others."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pymongo

from broker.store.base import SCHEMA_VERSION
from broker.store.mongo import MongoStore
from broker.store.mongo_indexes import OF_COLLECTION
from tests.conftest import database
from tests.support.builders import HeldColony, a_worker, do

PAGE = (Path(__file__).parents[2] / "docs" / "schema.md").read_text()


def section(title: str) -> str:
    (found,) = re.findall(rf"^#+ {title}\n(.*?)(?=^#|\Z)", PAGE, re.MULTILINE | re.DOTALL)
    return str(found)


def rows(title: str) -> list[list[str]]:
    lines = [line for line in section(title).splitlines() if line.startswith("| `")]
    return [[cell.strip() for cell in line.strip("|").split("|")] for line in lines]


def test_the_indexes_on_the_page_are_those_of_the_program() -> None:
    for collection, indexes in OF_COLLECTION.items():
        told = {name.strip("`"): keys.strip("`") for name, keys, *_ in rows(collection)}
        assert told == {index.document["name"]: keys_of(index.document["key"]) for index in indexes}, collection


def keys_of(keys: Any) -> str:
    return ", ".join(f"-{name}" if direction < 0 else name for name, direction in keys.items())


def test_the_page_says_for_each_index_what_it_serves_and_what_it_holds() -> None:
    for collection, indexes in OF_COLLECTION.items():
        for index, (_, _, serves, holds) in zip(indexes, rows(collection), strict=True):
            assert serves
            assert (holds == "all") == ("partialFilterExpression" not in index.document), index.document["name"]
            assert ("(unique)" in serves) == bool(index.document.get("unique"))


def test_the_version_on_the_page_is_that_of_the_program() -> None:
    assert f"the version of the schema, {SCHEMA_VERSION}." in section("Version")


async def test_collections_and_fields_on_the_page_are_those_that_are_stored(mongodb: str) -> None:
    address = database(mongodb)
    store = MongoStore(address)
    await store.open()
    colony = HeldColony(store=store)
    await store.others.beat([])
    waiting = await colony.submit(maxwaittime=5, latestkey="lamp")
    failed = await colony.close(await colony.run(a_worker("gpu"), executortype="gpu"), successful=False, errors=["no"])
    named = await do(store, colony.submission(executorids=("e" * 64,)))
    await store.counts(colony.colonyid)
    fields: set[str] = set()
    with pymongo.MongoClient[dict[str, Any]](address) as client:
        found = client.get_default_database()
        for process in (waiting, failed, named.process):
            fields |= set(found["processes"].find_one({"_id": process.processid}) or {})
        assert {name.strip("`") for name, *_ in rows("Collections")} == set(found.list_collection_names())
    await store.close()
    told = {name for cell, *_ in rows("Fields of a process") for name in re.findall(r"`([a-z]+)`", cell)}
    assert told == fields - {"_id"}
