"""Brokers on one MongoDB, as they know of each other: the roster, and who is connected where.

A broker is a document of `nodes` that it touches once a second, by MongoDB's clock. Where an
executor is connected stands in the executor's own document, under `at` and the broker's
name, and counts as long as that broker lives; so one write says it, one read knows it, and
it goes with the executor.
"""

from __future__ import annotations

import logging
from collections.abc import Collection, Mapping, Sequence
from datetime import UTC, datetime

from pymongo import UpdateOne

from broker.channels.bus import Feed
from broker.logs import fields
from colonies.wire.model import Process

from .mongo_changes import MongoFeed
from .mongo_database import Database, Document, silent_for
from .mongo_documents import process_of
from .mongo_link import Link
from .mongo_removals import hear_of_removals
from .mongo_told import as_it_was
from .others import ALIVE_SECONDS, STRUCK_SECONDS, ProcessChanged, Roll, Standing, Told

log = logging.getLogger(__name__)

CALL_SECONDS = 5.0


class MongoOthers:
    def __init__(self, link: Link, node: str) -> None:
        self.node = node
        self.changes = MongoFeed(link.follow, node)
        self.feed: Feed[Told] = self.changes
        self._reach = link.reach

    async def as_told(self, changes: Sequence[ProcessChanged]) -> list[Process | None]:
        missing = list({change.processid for change in changes if change.process is None})
        found: dict[str, Process] = {}
        if missing:
            with self._reach(CALL_SECONDS) as database:
                documents = await database.now.processes.find({"_id": {"$in": missing}}).to_list(None)
            found = {document["_id"]: read for document in documents if (read := _readable(document))}
        return [change.process or _as_told(change, found.get(change.processid)) for change in changes]

    # — the roster —

    async def beat(self, takes: Collection[str]) -> Roll:
        with self._reach(CALL_SECONDS) as database:
            await hear_of_removals(database)
            written = await database.now.nodes.update_one(
                {"_id": self.node},
                {"$currentDate": {"beat": True}, "$set": {"takes": sorted(takes), "heard": database.going.heard()}},
                upsert=True,
            )
            living = await database.now.nodes.find(silent_for(ALIVE_SECONDS, "$lt")).to_list(None)
            await _strike_off(database)
            database.living = frozenset(document["_id"] for document in living)
            self.changes.is_alone = database.living <= {self.node}
        standings = [Standing(document["_id"], frozenset(document["takes"])) for document in living]
        return Roll(standings, is_new=written.upserted_id is not None)

    async def attend(self, here: Mapping[str, int], left: Collection[str]) -> None:
        place = f"at.{self.node}"
        updates = [UpdateOne(_executor(identity), {"$set": {place: asked}}) for identity, asked in here.items()]
        updates += [UpdateOne(_executor(identity), {"$unset": {place: ""}}) for identity in left]
        if updates:
            with self._reach(CALL_SECONDS) as database:
                await database.now.members.bulk_write(updates, ordered=False)

    async def retire(self) -> None:
        with self._reach(CALL_SECONDS) as database:
            await _forget(database, self.node, last=round(datetime.now(UTC).timestamp() * 1000))


def _as_told(change: ProcessChanged, now: Process | None) -> Process | None:
    return as_it_was(now, change.told) if now else None


def _readable(document: Document) -> Process | None:
    """One process that this program cannot read must not keep the others from being told."""
    try:
        return process_of(document)
    except Exception:
        log.exception("a process could not be read", extra=fields("bug", processid=document["_id"]))
        return None


def _executor(identity: str) -> Document:
    return {"_id": identity, "kind": "executor"}


async def roll_call(database: Database) -> dict[str, int | None]:
    """By the name of each broker: None where it lives, otherwise when it last said so (ms)."""
    fields = {"beat": 1, "lives": silent_for(ALIVE_SECONDS, "$lt")["$expr"]}
    found = await database.now.nodes.find({}, fields).to_list(None)
    return {document["_id"]: None if document["lives"] else _milliseconds(document["beat"]) for document in found}


async def _strike_off(database: Database) -> None:
    """Whoever was connected to a broker that died was seen last when it last said that it lived."""
    for dead in await database.now.nodes.find(silent_for(STRUCK_SECONDS, "$gt"), ["beat"]).to_list(None):
        await _forget(database, dead["_id"], last=_milliseconds(dead["beat"]))


async def _forget(database: Database, node: str, *, last: int) -> None:
    """First the executors: whoever is interrupted goes on where it was."""
    place = f"at.{node}"
    there = {"kind": "executor", place: {"$exists": True}}
    await database.now.members.update_many(there, {"$unset": {place: ""}, "$max": {"lastseen": last}})
    await database.now.nodes.delete_one({"_id": node})


def _milliseconds(date: datetime) -> int:
    return round(date.replace(tzinfo=UTC).timestamp() * 1000)
