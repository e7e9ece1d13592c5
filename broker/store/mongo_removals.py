"""What goes for good in MongoDB: single processes, and colonies with everything in them."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Sequence

from pymongo import DeleteMany

from colonies.wire.model import Colony, Process, State

from . import rules
from .mongo_answers import Answers, Asked
from .mongo_database import Collections, Database
from .mongo_documents import process_of
from .mongo_figures import forget
from .mongo_logs import log_of
from .moves import Outcome, Remove, RemoveColony
from .refusals import no_colony

_PAGE = 1000


async def remove(database: Database, asked: Sequence[Asked[Remove]], answers: Answers) -> None:
    """Logs first: a final process takes no more lines, and one that is gone would leave its log behind."""
    found = await database.now.processes.find({"_id": {"$in": [one.move.processid for one in asked]}}).to_list(None)
    stored = {document["_id"]: process_of(document) for document in found}
    allowed = []
    for one in asked:
        refusal = _refusal(one.move, stored.get(one.move.processid))
        if refusal:
            answers.answer(one, refusal)
        else:
            allowed.append(one)
    await _remove_logs(database.now, [one.move.processid for one in allowed])
    async with asyncio.TaskGroup() as tasks:
        for one in allowed:
            tasks.create_task(_remove(database.now, one, answers))


def _refusal(move: Remove, process: Process | None) -> Outcome[Process] | None:
    if process is None or process.colonyid != move.colonyid:
        return rules.not_found(move.processid)
    return None if process.state.is_final else rules.wrong_state(process, "removed")


async def _remove(database: Collections, asked: Asked[Remove], answers: Answers) -> None:
    move = asked.move
    key = {"_id": move.processid, "colonyid": move.colonyid, "state": {"$gte": int(State.SUCCESSFUL)}}
    document = await database.processes.find_one_and_delete(key)
    # None: somebody else removed it meanwhile.
    answers.answer(asked, process_of(document) if document else rules.not_found(move.processid))


async def _remove_logs(database: Collections, processids: Iterable[str]) -> None:
    if removals := [DeleteMany(log_of(processid)) for processid in processids]:
        await database.logs.bulk_write(removals, ordered=False)


async def remove_colony(database: Database, move: RemoveColony) -> Colony:
    """The colony itself goes last: whoever asks again after a failure in the middle goes on with the rest."""
    collections, colonyid = database.now, move.colonyid
    found = await collections.members.find_one({"_id": colonyid, "kind": "colony"})
    if found is None:
        raise no_colony(colonyid)
    await collections.members.delete_many({"home": colonyid})
    await collections.functions.delete_many({"colonyid": colonyid})
    await _remove_processes(collections, colonyid)
    await forget(collections, colonyid)
    # All keys of a colony begin with its id and a slash; the character after the slash is 0.
    await collections.latestkeys.delete_many({"_id": {"$gt": f"{colonyid}/", "$lt": f"{colonyid}0"}})
    await collections.members.delete_many({"_id": colonyid, "kind": "colony"})
    return Colony(colonyid=colonyid, name=found["name"])


async def _remove_processes(database: Collections, colonyid: str) -> None:
    while found := await database.processes.find({"colonyid": colonyid}, ["_id"], limit=_PAGE).to_list(None):
        ids = [document["_id"] for document in found]
        await _remove_logs(database, ids)
        await database.processes.delete_many({"_id": {"$in": ids}})
