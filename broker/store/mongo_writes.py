"""Conditional writes on processes in MongoDB: one command for all of a batch.

A statement is for many processes and has a table of what each becomes: MongoDB plans every
statement anew, for which it looks at all indexes, and that costs as much as the write. It
writes a process only if it is still what was read, by `rev` and `step`: a `rev` alone comes
again when an id was removed and submitted anew.

Such statements the driver does not repeat by itself when a connection breaks or the primary
steps down, so they are repeated here; `step` then tells what the first time had done.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple

from bson import ObjectId
from pymongo import UpdateMany
from pymongo.errors import PyMongoError

from colonies.wire.model import State

from .mongo_database import Database, Document
from .mongo_documents import Change, Stored, Update, change_of
from .mongo_errors import is_broken_off

TRIES = 5
# MongoDB takes 16 MiB in a statement, and a process may change by half a MiB.
STATEMENT_BYTES = 4 << 20
STATEMENT_PROCESSES = 128


class _Told(NamedTuple):
    """modified: how many were written. is_repeated: whether it had to be said more than once."""

    modified: int
    is_repeated: bool


async def write(database: Database, updates: Sequence[Update], *, session: Any = None) -> set[str]:
    """Write each update if its process is still as it was read. Returns the ids of those that were.

    One that changes nothing counts among them: it makes the write wait until what was read is durable.
    In a transaction (session) all are as they were read there, or it fails.
    """
    step = ObjectId()
    changes = {update.after.processid: change_of(update, step=step, by=database.node) for update in updates}
    changed = {processid: change for processid, change in changes.items() if change}
    statements = [_statement(part) for part in _parts(list(changed.values()))]
    if session:
        if statements:
            await database.now.processes.bulk_write(statements, ordered=False, session=session)
        return set(changes)
    won = await _written(database, statements, set(changed), step) if changed else set()
    if not changed and updates:
        await database.settle()
    _remember(database, [change.after for processid, change in changed.items() if processid in won])
    return changes.keys() - changed.keys() | won


async def _written(database: Database, statements: Sequence[UpdateMany], changed: set[str], step: ObjectId) -> set[str]:
    told = await _say(database, statements)
    if told.modified == len(changed):
        return changed
    mine = {"_id": {"$in": list(changed)}, "step": step}
    found = await database.now.processes.find(mine, {"_id": 1}).to_list(None)
    if told.is_repeated:
        await database.settle()  # what the first time wrote, this time did not wait for
    return {document["_id"] for document in found}


async def _say(database: Database, statements: Sequence[UpdateMany]) -> _Told:
    for tries in range(1, TRIES + 1):
        try:
            result = await database.now.processes.bulk_write(statements, ordered=False)
        except PyMongoError as error:
            if tries == TRIES or not is_broken_off(error):
                raise
        else:
            return _Told(result.modified_count, tries > 1)
    raise AssertionError("the last try ends it")


def _remember(database: Database, written: Sequence[Stored]) -> None:
    for stored in written:
        remember(database, stored)


def remember(database: Database, stored: Stored) -> None:
    """Keep what runs: its next step most likely comes to this broker. What waits, whichever broker may take."""
    if stored.process.state == State.RUNNING:
        database.memory.keep(stored.process.processid, stored, size=stored.size)


# — statements —


def _parts(changes: Sequence[Change]) -> Iterator[list[Change]]:
    """What goes into a statement together: the same fields go, all tell or none, and it does not become too large."""
    alike: dict[tuple[frozenset[str], bool], list[Change]] = {}
    for change in changes:
        alike.setdefault((change.gone, change.told is not None), []).append(change)
    for some in alike.values():
        part: list[Change] = []
        size = 0
        for change in some:
            if part and (len(part) == STATEMENT_PROCESSES or size + change.size > STATEMENT_BYTES):
                yield part
                part, size = [], 0
            part.append(change)
            size += change.size
        yield part


def _statement(changes: Sequence[Change]) -> UpdateMany:
    ids = [change.after.process.processid for change in changes]
    table = [_row(change) for change in changes]
    row = {"$arrayElemAt": [{"$literal": table}, {"$indexOfArray": [{"$literal": ids}, "$_id"]}]}
    is_same = {
        "$and": [
            {"$eq": ["$rev", "$$row.rev"]},
            {"$eq": [{"$ifNull": ["$step", None]}, "$$row.step"]},
        ]
    }
    after = {"$cond": [is_same, {"$mergeObjects": list(_merged(changes[0]))}, "$$ROOT"]}
    pipeline = [{"$replaceWith": {"$let": {"vars": {"row": row}, "in": after}}}]
    return UpdateMany({"_id": {"$in": ids}}, pipeline)


def _row(change: Change) -> Document:
    row: Document = {"rev": change.before.rev, "step": change.before.step, "set": change.fields}
    return row if change.told is None else {**row, "told": change.told}


def _merged(alike: Change) -> Iterator[Any]:
    """What the document is made of, each over those before it."""
    before: Any = "$$ROOT"
    for name in sorted(alike.gone):
        before = {"$unsetField": {"field": name, "input": before}}
    yield before
    yield "$$row.set"
    if alike.told is not None:
        # In a list every other time. Of a document that became another one, the change stream has only what
        # differs in it; what changed its type it has whole.
        yield {"told": {"$cond": [{"$isArray": ["$told"]}, "$$row.told", ["$$row.told"]]}}
