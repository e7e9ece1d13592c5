"""Counting again what is kept as figures in MongoDB, and putting right what was lost.

A number is set right only if it did not move from before the count until `GRACE_SECONDS`
after it, by which time every broker has written what it had gathered by then. So a recount
never undoes what others do meanwhile; a number that never rests keeps its error until it does.
It walks over two indexes and no process.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Mapping
from typing import NamedTuple

from pymongo.errors import DuplicateKeyError

from .figures import CountKey, GroupKey
from .mongo_database import Collection, Database, Document
from .mongo_figures import count_document, count_id, group_document, group_id
from .mongo_indexes import GROUPED, LISTED_TYPE

log = logging.getLogger(__name__)

GRACE_SECONDS = 2.0


class _Counted(NamedTuple):
    """What a figure should be, beside its number: the fields that are set with it."""

    number: int
    fields: Document


async def recount(database: Database, *, grace_seconds: float = GRACE_SECONDS) -> int:
    """Count, and correct what is wrong and rests. Returns how many figures were corrected."""
    corrected = await _recount(database.now.counts, lambda: _counts(database.settled.processes), grace_seconds)
    corrected += await _recount(database.now.failures, lambda: _groups(database.settled.processes), grace_seconds)
    if corrected:
        log.info("figures were counted again and corrected", extra={"figures": corrected})
    return corrected


async def _recount(
    kept: Collection, count: Callable[[], Awaitable[Mapping[str, _Counted]]], grace_seconds: float
) -> int:
    before = {document["_id"]: document async for document in kept.find({}, ["number", "rev"])}
    counted = await count()
    wrong = {identity for identity, document in before.items() if document["number"] != _number(counted, identity)}
    wrong |= counted.keys() - before.keys()
    if wrong and grace_seconds:
        await asyncio.sleep(grace_seconds)
    corrected = sum([await _correct(kept, one, before.get(one), counted.get(one)) for one in wrong])
    await kept.delete_many({"number": 0})
    return corrected


def _number(counted: Mapping[str, _Counted], identity: str) -> int:
    return counted[identity].number if identity in counted else 0


async def _correct(kept: Collection, identity: str, before: Document | None, right: _Counted | None) -> bool:
    """Whether it was as it was read, and now is right."""
    if before is None:
        return right is not None and await _insert(kept, {"_id": identity, "rev": 1, **_fields(right)})
    same = {"_id": identity, "rev": before["rev"]}
    if right is None:
        return bool((await kept.delete_many(same)).deleted_count)
    change = {"$set": _fields(right), "$inc": {"rev": 1}}
    return bool((await kept.update_one(same, change)).modified_count)


def _fields(right: _Counted) -> Document:
    return {**right.fields, "number": right.number}


async def _insert(kept: Collection, document: Document) -> bool:
    try:
        await kept.insert_one(document)
    except DuplicateKeyError:  # it moved meanwhile
        return False
    return True


# — counting —


async def _counts(processes: Collection) -> dict[str, _Counted]:
    found = {}
    async for group in processes.aggregate(by_colony_state_and_type(), hint=LISTED_TYPE):
        key = CountKey(group["_id"]["colonyid"], group["_id"]["type"], group["_id"]["state"])
        found[count_id(key)] = _Counted(group["number"], count_document(key))
    return found


def by_colony_state_and_type() -> list[Document]:
    return [
        {"$group": {"_id": {"colonyid": "$colonyid", "state": "$state", "type": "$type"}, "number": {"$sum": 1}}},
    ]


async def _groups(processes: Collection) -> dict[str, _Counted]:
    found = {}
    async for group in processes.aggregate(by_cause(), hint=GROUPED, allowDiskUse=True):
        key, last = GroupKey(**group["_id"]), group["last"]
        times = {"first": group["first"], "last": last["time"], "processid": last["processid"]}
        found[group_id(key)] = _Counted(group["number"], {**group_document(key), **times})
    return found


def by_cause() -> list[Document]:
    key = {"colonyid": "$colonyid", "cause": "$cause", "executortype": "$type", "func": "$func"}
    # Documents compare by their first field: the greatest is of the one that failed last.
    last = {"$max": {"time": "$endtime", "processid": "$_id"}}
    return [
        {"$match": {"state": 3, "cause": {"$gt": ""}}},
        {"$group": {"_id": key, "number": {"$sum": 1}, "first": {"$min": "$endtime"}, "last": last}},
    ]
