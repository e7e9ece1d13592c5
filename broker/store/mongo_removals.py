"""What goes for good in MongoDB: processes that are final, and colonies with everything in them.

However many processes a batch removes, it is a handful of calls: one transaction finds which
of them are still there and deletes those, so that of several brokers that remove the same
each process goes at exactly one. A broker that is killed in the middle leaves nothing marked:
MongoDB undoes what it had begun, within a minute, and until then says that others were faster.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

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
    for start in range(0, len(asked), _PAGE):
        await _remove(database, asked[start : start + _PAGE], answers)


async def _remove(database: Database, asked: Sequence[Asked[Remove]], answers: Answers) -> None:
    """Logs first: a final process takes no more lines, and one that is gone would leave its log behind."""
    ids = [one.move.processid for one in asked]
    found = await database.now.processes.find({"_id": {"$in": ids}}, batch_size=_PAGE).to_list(None)
    stored = {document["_id"]: process_of(document) for document in found}
    allowed: dict[str, Process] = {}
    for one in asked:
        process = stored.get(one.move.processid)
        refusal = _refusal(one.move, process)
        if refusal:
            answers.answer(one, refusal)
        elif process:
            allowed[process.processid] = process
    if not allowed:
        return
    await _remove_logs(database.now, allowed)
    gone = await database.in_transaction(lambda session: _delete(database.now, allowed, session))
    for one in answers.unanswered(asked):
        processid = one.move.processid
        # Whoever asked for it twice in one batch is told once; or somebody else removed it meanwhile.
        answers.answer(one, allowed[processid] if processid in gone else rules.not_found(processid))
        gone.discard(processid)


def _refusal(move: Remove, process: Process | None) -> Outcome[Process] | None:
    if process is None or process.colonyid != move.colonyid:
        return rules.not_found(move.processid)
    return None if rules.is_removable(process, by=move.ended_by) else rules.wrong_state(process, "removed")


async def _delete(database: Collections, processes: Mapping[str, Process], session: Any) -> set[str]:
    """Delete those that are still as they were read: their ids may have been removed and submitted again."""
    final = {"_id": {"$in": list(processes)}, "state": {"$gte": int(State.SUCCESSFUL)}}
    there = await database.processes.find(final, ["endtime"], batch_size=_PAGE, session=session).to_list(None)
    same = [one["_id"] for one in there if one["endtime"] == processes[one["_id"]].endtime]
    if same:
        await database.processes.delete_many({"_id": {"$in": same}}, session=session)
    return set(same)


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
