"""The way of a MongoDB to what this program knows: indexes, and what version 1 did not keep.

Several brokers may go it at once, and one that gives up in the middle goes on when it is
started again: each step asks what is still missing, and the version is written last. Brokers
of version 1 must be stopped before: what they write meanwhile has no cause and is not counted.
"""

from __future__ import annotations

import logging

from pymongo import UpdateOne

from .base import KEPT_FINISHED_MS, SCHEMA_VERSION, SLOT_MS, StoreTooNew
from .figures import SlotKey
from .mongo_database import Collections, Database
from .mongo_figures import slot_document, slot_id
from .mongo_indexes import LISTED_STATE
from .mongo_making import make_all
from .mongo_recount import recount
from .text import cause_of

log = logging.getLogger(__name__)

_PAGE = 1000


async def prepare(database: Database, place: str) -> bool:
    """Make what is missing, refuse what a newer version wrote. Returns whether the figures are still to be filled."""
    found = await database.now.schema.find_one({"_id": "schema"})
    if found and found["version"] > SCHEMA_VERSION:
        raise StoreTooNew(
            f"{place} has schema version {found['version']}, this program knows {SCHEMA_VERSION}; "
            "use the newer program for it"
        )
    await make_all(database.now)
    if found and found["version"] < SCHEMA_VERSION:
        return True
    await _write_version(database.now)
    return False


async def bring_on(database: Database) -> None:
    """Fill in what a database of version 1 does not have. It costs about a minute for a million failed processes."""
    log.info("bringing a database of version 1 on")
    await _add_causes(database.now)
    await recount(database, grace_seconds=0)
    await _add_finished(database.now)
    await _write_version(database.now)


async def _write_version(database: Collections) -> None:
    await database.schema.update_one({"_id": "schema"}, {"$max": {"version": SCHEMA_VERSION}}, upsert=True)


async def _add_causes(database: Collections) -> None:
    """In the order of an index: those without a cause are in none."""
    colonies: list[str] = [group["_id"] async for group in database.processes.aggregate(_COLONIES, hint=LISTED_STATE)]
    for colonyid in colonies:
        updates = []
        failed = {"colonyid": colonyid, "state": 3}
        async for process in database.processes.find(failed, ["errors", "cause"], hint=LISTED_STATE):
            if "cause" not in process:
                change = {"$set": {"cause": cause_of(process["errors"])}}
                updates.append(UpdateOne({"_id": process["_id"], "state": 3}, change))
            if len(updates) == _PAGE:
                await database.processes.bulk_write(updates, ordered=False)
                updates = []
        if updates:
            await database.processes.bulk_write(updates, ordered=False)


_COLONIES = [{"$group": {"_id": "$colonyid"}}]


async def _add_finished(database: Collections) -> None:
    """What ended in the last hour before the one that ended last; nothing where somebody counts already."""
    found = await database.processes.find(
        {"state": {"$in": [2, 3]}}, ["endtime"], sort=[("endtime", -1)], limit=1
    ).to_list(None)
    if not found:
        return
    since = found[0]["endtime"] - KEPT_FINISHED_MS
    async for group in database.processes.aggregate(_ended(since)):
        key = SlotKey(**group["_id"])
        fixed = {**slot_document(key), "number": group["number"], "rev": 1}
        await database.finished.update_one({"_id": slot_id(key)}, {"$setOnInsert": fixed}, upsert=True)


def _ended(since: int) -> list[dict[str, object]]:
    slot = {"$subtract": ["$endtime", {"$mod": ["$endtime", SLOT_MS]}]}
    key = {"colonyid": "$colonyid", "time": slot, "executortype": "$type", "state": "$state"}
    return [
        {"$match": {"state": {"$in": [2, 3]}, "endtime": {"$gte": since}}},
        {"$group": {"_id": key, "number": {"$sum": 1}}},
    ]
