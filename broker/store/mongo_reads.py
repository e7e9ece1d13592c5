"""What is read of processes in MongoDB: pages, what is due, who runs what."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from colonies.wire.model import Page, Process, State
from colonies.wire.params import ProcessFilter

from . import filters, mongo_figures
from .base import PAGE_BYTES, Due
from .cursors import Cursor, read_cursor
from .lanes import lanes_of
from .mongo_claims import first_in
from .mongo_database import Collection, Collections, Document, Documents
from .mongo_documents import process_of, size_of, standing_in
from .mongo_indexes import (
    CLAIM,
    DUE,
    HELD,
    LISTED,
    LISTED_ASSIGNEE,
    LISTED_CAUSE,
    LISTED_GROUP,
    LISTED_STATE,
    LISTED_TYPE,
)

# Beyond it MongoDB has no integers of microseconds; no time that can be meant comes near.
_LAST_TIME = 1 << 52
_BATCH = 64


async def process(processes: Collection, colonyid: str, processid: str) -> Process | None:
    found = await processes.find_one({"_id": processid, "colonyid": colonyid})
    return process_of(found) if found else None


async def peek(processes: Collection, lanes: Sequence[str], now: int) -> Process | None:
    found = await first_in(processes, lanes, now=now, latest=False, limit=1)
    return found.first[0].process if found.first else None


# — listings —


async def page(
    database: Collections, colonyid: str, wanted: ProcessFilter, *, newest: bool, limit: int, cursor: str
) -> Page:
    start = read_cursor(cursor)
    if filters.matches_nothing(wanted):
        return Page(processes=[], cursor="", total=0)
    where = matching(colonyid, wanted)
    total = start.total if start else await _total(database, colonyid, wanted)
    # One document more than asked for says whether this page is the last.
    options = {**in_order(wanted, newest=newest), "limit": limit + 1, "batch_size": min(limit + 1, _BATCH)}
    found = database.processes.find(_behind(start, newest=newest, where=where), **options)
    documents, has_more = await _fitting(found, limit)
    last = documents[-1] if documents else {}
    following = Cursor(last["submitted"], total, last["_id"]).text() if has_more else ""
    return Page(processes=[process_of(document) for document in documents], cursor=following, total=total)


async def _total(database: Collections, colonyid: str, wanted: ProcessFilter) -> int:
    if filters.is_of_counts(wanted):
        return await mongo_figures.total_of_counts(database, colonyid, wanted)
    if filters.is_of_groups(wanted):
        return await mongo_figures.total_of_groups(database, colonyid, wanted)
    return await database.processes.count_documents(matching(colonyid, wanted), hint=index_of(wanted))


async def _fitting(found: Documents, limit: int) -> tuple[list[Document], bool]:
    """The documents that make up a page, at least one where there is any, and whether there are more behind them."""
    documents: list[Document] = []
    size = 0
    async for document in found:
        size += size_of(document)
        if documents and (len(documents) == limit or size > PAGE_BYTES):
            await found.close()
            return documents, True
        documents.append(document)
    return documents, False


def matching(colonyid: str, wanted: ProcessFilter) -> Document:
    """The condition of a filter."""
    where: Document = {"colonyid": colonyid}
    if wanted.cause is not None:
        where |= {"state": int(State.FAILED), "cause": wanted.cause}
    elif wanted.state is not None:
        where["state"] = int(wanted.state)
    elif wanted.executortype is not None:
        where["state"] = {"$in": [int(state) for state in State]}  # so that the index by state and type serves
    fields = {"type": wanted.executortype, "func": wanted.func, "label": wanted.label, "assigneeid": wanted.assigneeid}
    for field, value in fields.items():
        if value is not None:
            where[field] = value
    if wanted.text is not None:
        # Not a regular expression: those cannot hold a zero byte.
        found = {"$indexOfBytes": ["$text", {"$literal": wanted.text.lower()}]}
        where["$expr"] = {"$gte": [found, 0]}
    if wanted.since is not None:
        where.setdefault("submitted", {})["$gte"] = _within(wanted.since) * 1000
    if wanted.before is not None:
        where.setdefault("submitted", {})["$lt"] = _within(wanted.before) * 1000
    return where


def index_of(wanted: ProcessFilter) -> str:
    if wanted.cause is not None:
        return LISTED_GROUP if filters.is_in_group(wanted) else LISTED_CAUSE
    if filters.is_of_held(wanted):
        return HELD
    if wanted.assigneeid is not None:
        return LISTED_ASSIGNEE
    if wanted.executortype is not None:
        return LISTED_TYPE
    return LISTED if wanted.state is None else LISTED_STATE


def in_order(wanted: ProcessFilter, *, newest: bool) -> dict[str, Any]:
    direction = -1 if newest else 1
    return {"sort": [("submitted", direction), ("_id", direction)], "hint": index_of(wanted)}


def _behind(start: Cursor | None, *, newest: bool, where: Document) -> Document:
    """The part of a listing that comes after a page."""
    if start is None:
        return where
    beyond, within = ("$lt", "$lte") if newest else ("$gt", "$gte")
    place = {
        "submitted": {within: start.submitted},  # said apart, or the index is not entered there
        "$or": [{"submitted": {beyond: start.submitted}}, {"_id": {beyond: start.processid}}],
    }
    return {"$and": [where, place]}


def _within(milliseconds: int) -> int:
    return max(-_LAST_TIME, min(milliseconds, _LAST_TIME))


# — what the broker acts on —


async def upcoming(processes: Collection, limit: int) -> list[Due]:
    fields = ("colonyid", "state", "attempt", "due")
    cursor = processes.find({"due": {"$gt": 0}}, fields, sort=[("due", 1)], limit=limit, hint=DUE)
    found = await cursor.to_list(None)
    return [
        Due(document["colonyid"], document["_id"], State(document["state"]), document["attempt"], document["due"])
        for document in found
    ]


async def held(processes: Collection, colonyid: str, executorid: str) -> list[Process]:
    where = {"colonyid": colonyid, "state": 1, "assigneeid": executorid}
    return [process_of(document) for document in await processes.find(where, hint=HELD).to_list(None)]


# — counts —


async def running(processes: Collection, colonyid: str) -> dict[str, int]:
    found = await processes.aggregate(running_by_executor(colonyid), hint=HELD).to_list(None)
    return {group["_id"]: group["number"] for group in found}


def running_by_executor(colonyid: str) -> list[Document]:
    return [
        {"$match": {"colonyid": colonyid, "state": 1}},
        {"$group": {"_id": "$assigneeid", "number": {"$sum": 1}}},
    ]


async def ahead(processes: Collection, waiting: Process) -> int:
    found = await processes.find_one({"_id": waiting.processid, "state": 0}, ["place"])
    if found is None:
        return 0
    stands = standing_in(lanes_of(waiting.colonyid, waiting.spec.conditions))
    ((field, lanes),) = stands.items()
    before = {
        "state": 0,
        field: {"$in": lanes} if field == "named" else lanes,
        "place": {"$lte": found["place"]},
        "$or": [{"place": {"$lt": found["place"]}}, {"_id": {"$lt": waiting.processid}}],
    }
    return await processes.count_documents(before, hint=CLAIM[field])
