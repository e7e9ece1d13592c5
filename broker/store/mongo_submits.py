"""Submits in MongoDB: one insert for all of a batch, a transaction for each that has a latestkey."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from typing import Any

from bson import ObjectId
from pymongo.errors import BulkWriteError, DuplicateKeyError

from colonies.wire import errors
from colonies.wire.model import Process, State

from . import rules
from .mongo_answers import Answers, Asked
from .mongo_database import Database, Document, crowded
from .mongo_documents import UNTOLD, Update, document_of, process_of, stored_of
from .mongo_indexes import LATESTKEY
from .mongo_there import of_colonies_there
from .mongo_writes import remember, write
from .moves import Outcome, Submit, Submitted

_DUPLICATE = 11000
_TRIES = 5


async def submit(database: Database, asked: Sequence[Asked[Submit]], answers: Answers) -> None:
    """Store those without a latestkey, all at once."""
    with database.going.storing():
        if there := await of_colonies_there(database, asked, answers):
            await _store(database, there, answers)


async def _store(database: Database, asked: Sequence[Asked[Submit]], answers: Answers) -> None:
    documents = [_document(database, one.move) for one in asked]
    taken: set[int] = set()
    try:
        await database.now.processes.insert_many(documents, ordered=False)
    except BulkWriteError as error:
        taken = _taken(error)
    for index, one in enumerate(asked):
        if index not in taken:
            answers.answer(one, Submitted(one.move.process, [], False))
            if one.move.process.state == State.RUNNING:
                remember(database, stored_of(documents[index]))
    if taken:
        await _answer_taken(database, [asked[index] for index in taken], answers)


def _document(database: Database, move: Submit) -> Document:
    return document_of(move.process, move.place, step=ObjectId(), by=database.node)


def _taken(error: BulkWriteError) -> set[int]:
    """Which of the documents have an id that is taken; any other reason is raised."""
    refused = error.details["writeErrors"]
    if error.details.get("writeConcernErrors") or any(write["code"] != _DUPLICATE for write in refused):
        raise error
    return {write["index"] for write in refused}


async def _answer_taken(database: Database, asked: Sequence[Asked[Submit]], answers: Answers) -> None:
    ids = [one.move.process.processid for one in asked]
    found = await database.now.processes.find({"_id": {"$in": ids}}).to_list(None)
    await database.settle()
    stored = {document["_id"]: process_of(document) for document in found}
    for one in asked:
        answers.answer(one, _submitted_before(one.move.process, stored.get(one.move.process.processid)))


def _submitted_before(again: Process, stored: Process | None) -> Outcome[Submitted]:
    if stored is None or not rules.is_same_submission(stored, again):
        return rules.exists(again.processid)
    return Submitted(stored, [], True)


# — with a latestkey —


def latestkey_id(process: Process) -> str:
    return f"{process.colonyid}/{process.spec.latestkey}"


async def submit_latest(database: Database, asked: Sequence[Asked[Submit]], answers: Answers) -> None:
    """Store those with a latestkey: of one key after each other, of several beside each other."""
    with database.going.storing():
        keys: dict[str, list[Asked[Submit]]] = {}
        for one in await of_colonies_there(database, asked, answers):
            keys.setdefault(latestkey_id(one.move.process), []).append(one)
        async with asyncio.TaskGroup() as tasks:
            for ones in keys.values():
                tasks.create_task(_submit_in_turn(database, ones, answers))


async def _submit_in_turn(database: Database, asked: Sequence[Asked[Submit]], answers: Answers) -> None:
    for one in asked:
        try:
            answers.answer(one, await _submit_latest(database, one.move))
        except errors.ColoniesError as refusal:
            answers.answer(one, refusal)


async def _submit_latest(database: Database, move: Submit) -> Outcome[Submitted]:
    for _ in range(_TRIES):
        try:
            return await database.in_transaction(lambda session: _supersede_and_insert(database, move, session))
        except DuplicateKeyError:
            found = await database.now.processes.find_one({"_id": move.process.processid})
            if found:
                await database.settle()
                return _submitted_before(move.process, process_of(found))
    raise crowded()  # each time somebody else made the key, or made and removed the process


async def _supersede_and_insert(database: Database, move: Submit, session: Any) -> Submitted:
    process = move.process
    collections = database.now
    # First the key: two submits with one key conflict here, and whoever is second begins again.
    await collections.latestkeys.update_one(
        {"_id": latestkey_id(process)}, {"$set": {"processid": process.processid}}, upsert=True, session=session
    )
    await collections.processes.insert_one(_document(database, move), session=session)
    wanted = {
        "colonyid": process.colonyid,
        "latestkey": process.spec.latestkey,
        "state": 0,
        "_id": {"$ne": process.processid},
    }
    older = [
        stored_of(document)
        for document in await collections.processes.find(wanted, UNTOLD, session=session, hint=LATESTKEY).to_list(None)
    ]
    superseded = [
        rules.superseded(stored.process, by=process.processid, now=process.submissiontime) for stored in older
    ]
    # Last what others also write: while a transaction holds a document, whoever wants it waits.
    updates = [Update(stored, after, stored.logs) for stored, after in zip(older, superseded, strict=True)]
    await write(database, updates, session=session)
    return Submitted(process, superseded, False)
