"""Figures of processes as documents of the MongoDB store: counts, slots of what ended, groups of failures.

A document is one number, found by an id made of its key. `rev` counts its writes, so that a
recount can tell whether it moved meanwhile. Numbers may for a moment be below what is there,
even below zero: those of several brokers arrive in any order. Only those above zero are shown.
"""

from __future__ import annotations

from collections.abc import Sequence
from hashlib import blake2b
from typing import Any

from msgspec.msgpack import Encoder
from pymongo import UpdateOne

from colonies.wire.figures import FailureGroup
from colonies.wire.model import State
from colonies.wire.params import ProcessFilter

from .base import Finished, LaneCount
from .figures import CountKey, Figures, GroupChange, GroupKey, SlotKey
from .mongo_database import Collection, Collections, Document
from .mongo_indexes import COUNTED, ENDED, FAILED_LAST, FAILED_TYPE, GROUPED, GROUPS, LISTED_TYPE

_pack = Encoder().encode


# — documents —


def count_id(key: CountKey) -> str:
    return f"{key.colonyid}/{int(key.state)}/{key.executortype}"


def count_document(key: CountKey) -> Document:
    return {"colonyid": key.colonyid, "type": key.executortype, "state": int(key.state)}


def slot_id(key: SlotKey) -> str:
    return f"{key.colonyid}/{key.time}/{int(key.state)}/{key.executortype}"


def slot_document(key: SlotKey) -> Document:
    return {"colonyid": key.colonyid, "time": key.time, "type": key.executortype, "state": int(key.state)}


def group_id(key: GroupKey) -> str:
    """Short, whatever the cause; the parts cannot run into each other."""
    digest = blake2b(_pack([key.cause, key.executortype, key.func]), digest_size=16).hexdigest()
    return f"{key.colonyid}/{digest}"


def group_document(key: GroupKey) -> Document:
    return {"colonyid": key.colonyid, "cause": key.cause, "type": key.executortype, "func": key.func}


# — writing —


async def write(database: Collections, figures: Figures) -> None:
    """Add these changes. Raises what the driver raises; some of them may then be written."""
    counts = [_added(count_id(key), count_document(key), number) for key, number in figures.counts.items()]
    await _write(database.counts, counts)
    slots = [_added(slot_id(key), slot_document(key), number) for key, number in figures.finished.items()]
    await _write(database.finished, slots)
    groups = [_grouped(key, change) for key, change in figures.failures.items()]
    await _write(database.failures, groups)
    await _tidy(database, [(key, change) for key, change in figures.failures.items() if change.removed])


async def _write(collection: Collection, updates: Sequence[UpdateOne]) -> None:
    if updates:
        await collection.bulk_write(updates, ordered=False)


def _added(identity: str, fixed: Document, number: int) -> UpdateOne:
    """Also when it adds nothing: that the number went up and down is what a recount has to know."""
    return UpdateOne({"_id": identity}, {"$inc": {"number": number, "rev": 1}, "$setOnInsert": fixed}, upsert=True)


def _grouped(key: GroupKey, change: GroupChange) -> UpdateOne:
    number = change.failed - len(change.removed)
    if not change.failed:
        return _added(group_id(key), group_document(key), number)
    is_last = {"$gte": [change.last, {"$ifNull": ["$last", 0]}]}
    fields = {
        **{name: {"$literal": value} for name, value in group_document(key).items()},
        "number": {"$add": [{"$ifNull": ["$number", 0]}, number]},
        "rev": {"$add": [{"$ifNull": ["$rev", 0]}, 1]},
        "first": {"$min": ["$first", change.first]},
        "last": {"$max": ["$last", change.last]},
        "processid": {"$cond": [is_last, {"$literal": change.processid}, "$processid"]},
    }
    return UpdateOne({"_id": group_id(key)}, [{"$set": fields}], upsert=True)


async def _tidy(database: Collections, removals: Sequence[tuple[GroupKey, GroupChange]]) -> None:
    """Let empty groups go, and find who failed last where that one was removed."""
    changed = {group_id(key): (key, change) for key, change in removals}
    if not changed:
        return
    for group in await database.failures.find({"_id": {"$in": list(changed)}}).to_list(None):
        key, change = changed[group["_id"]]
        if group["number"] == 0:
            await database.failures.delete_many({"_id": group["_id"], "number": 0})
        elif group.get("processid") in change.removed and (last := await failed_last(database.processes, key)):
            same = {"_id": group["_id"], "processid": group["processid"]}
            await database.failures.update_one(same, {"$set": last, "$inc": {"rev": 1}})


async def failed_last(processes: Collection, key: GroupKey) -> Document:
    """`last` and `processid` of a group, as its processes have them; empty when there are none."""
    where = {"state": 3, **group_document(key)}
    order = [("endtime", -1), ("_id", -1)]
    found = await processes.find(where, ["endtime"], sort=order, limit=1, hint=GROUPED).to_list(None)
    return {"last": found[0]["endtime"], "processid": found[0]["_id"]} if found else {}


async def forget(database: Collections, colonyid: str) -> None:
    for collection in (database.counts, database.finished, database.failures):
        await collection.delete_many({"colonyid": colonyid})


async def prune(database: Collections, colonyid: str, before: int) -> None:
    """Let slots go that began before this time (ms)."""
    await database.finished.delete_many({"colonyid": colonyid, "time": {"$lt": before}})


# — reading —


async def counts(database: Collections, colonyid: str) -> list[LaneCount]:
    kept = await database.counts.find({"colonyid": colonyid, "number": {"$gt": 0}}, hint=COUNTED).to_list(None)
    is_waiting = any(document["state"] == State.WAITING for document in kept)
    oldest = await _oldest(database.processes, colonyid) if is_waiting else {}
    return [_lane_count(document, oldest) for document in kept]


def _lane_count(document: Document, oldest: dict[str, int]) -> LaneCount:
    kind, state = document["type"], State(document["state"])
    # 0 as well when what waited was taken between the two looks.
    return LaneCount(kind, state, document["number"], oldest.get(kind, 0) if state == State.WAITING else 0)


async def _oldest(processes: Collection, colonyid: str) -> dict[str, int]:
    found = await processes.aggregate(oldest_waiting(colonyid), hint=LISTED_TYPE).to_list(None)
    return {group["_id"]: group["time"] for group in found}


def oldest_waiting(colonyid: str) -> list[Document]:
    """The first of each type, which costs one step in the index a type."""
    return [
        {"$match": {"colonyid": colonyid, "state": 0}},
        {"$sort": {"colonyid": 1, "state": 1, "type": 1, "submitted": 1, "_id": 1}},
        {"$group": {"_id": "$type", "time": {"$first": "$submissiontime"}}},
    ]


async def finished(database: Collections, colonyid: str, since: int) -> list[Finished]:
    where = {"colonyid": colonyid, "time": {"$gte": since}}
    kept = await database.finished.find(where, hint=ENDED).to_list(None)
    return [Finished(slot["type"], State(slot["state"]), slot["time"], slot["number"]) for slot in kept]


async def failures(database: Collections, colonyid: str, *, executortype: str | None, limit: int) -> list[FailureGroup]:
    where: Document = {"colonyid": colonyid, "number": {"$gt": 0}}
    if executortype is not None:
        where["type"] = executortype
    hint = FAILED_LAST if executortype is None else FAILED_TYPE
    kept = await database.failures.find(where, sort=[("last", -1)], limit=limit, hint=hint).to_list(None)
    return [_group(document) for document in kept]


def _group(document: Document) -> FailureGroup:
    plain = {name: document[name] for name in ("func", "cause", "number", "first", "last", "processid")}
    return FailureGroup(executortype=document["type"], **plain)


async def total_of_counts(database: Collections, colonyid: str, wanted: ProcessFilter) -> int:
    """How many processes match a filter that is `filters.is_of_counts`."""
    state = None if wanted.state is None else int(wanted.state)
    return await _sum(database.counts, {"colonyid": colonyid, "state": state, "type": wanted.executortype}, COUNTED)


async def total_of_groups(database: Collections, colonyid: str, wanted: ProcessFilter) -> int:
    """How many processes match a filter that is `filters.is_of_groups`."""
    asked = {"colonyid": colonyid, "cause": wanted.cause, "type": wanted.executortype, "func": wanted.func}
    return await _sum(database.failures, asked, GROUPS)


async def _sum(collection: Collection, asked: dict[str, Any], hint: str) -> int:
    where = {name: value for name, value in asked.items() if value is not None}
    found = await collection.find(where, ["number"], hint=hint).to_list(None)
    total: int = sum(document["number"] for document in found)
    return max(0, total)
