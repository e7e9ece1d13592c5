"""What goes for good in MongoDB: processes that are final, and colonies with everything in them.

However many processes a batch removes, it is a handful of calls: one transaction finds which
of them are still there and deletes those, so that of several brokers that remove the same
each process goes at exactly one. A broker that is killed in the middle leaves nothing marked:
MongoDB undoes what it had begun, within a minute, and until then says that others were faster.

A colony is too large for that, and others store something for it meanwhile. So it is marked,
all brokers hear of that (`mongo_going.py`), and its document goes last: a removal that was
broken off is ended by whoever repeats it, or by any broker.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from bson import ObjectId
from pymongo import DeleteMany

from colonies.wire import errors
from colonies.wire.model import Colony, Process, State

from . import rules
from .mongo_answers import Answers, Asked
from .mongo_database import Collections, Database, Document, silent_for
from .mongo_documents import process_of
from .mongo_figures import forget
from .mongo_indexes import NAMED
from .mongo_logs import log_of
from .moves import ColonyRemoved, Outcome, Remove, RemoveColony
from .others import ALIVE_SECONDS
from .refusals import no_colony

_PAGE = 1000
REMOVED = "removed"  # the kind of what was a colony
PAUSE_SECONDS = 0.05
LEFT_SECONDS = 30  # longer than any call in which a colony is removed


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


async def remove_colony(database: Database, move: RemoveColony) -> ColonyRemoved:
    """First it is marked, and its document goes last: whoever asks again after a failure goes on with the rest."""
    collections, colonyid = database.now, move.colonyid
    with database.going.removing(colonyid):
        marked = await _mark(collections, colonyid)
        members = await _remove_members(collections, colonyid)
        await database.going.drained(colonyid)
        await _heard_by_others(database, colonyid, marked["mark"])
        await remove_what_lies_in(collections, colonyid)
        await collections.members.delete_one({"_id": colonyid, "kind": REMOVED, "mark": marked["mark"]})
    return ColonyRemoved(Colony(colonyid=colonyid, name=marked["was"]), members)


async def _mark(database: Collections, colonyid: str) -> Document:
    """From here on it is no colony, and has no owner. Its name is free, its id is not."""
    fields = {"kind": REMOVED, "was": "$name", "name": "$_id", "mark": ObjectId(), "since": "$$NOW"}
    found: Document | None = await database.members.find_one_and_update(
        {"_id": colonyid, "kind": "colony"}, [{"$set": fields}], return_document=True
    )
    found = found or await database.members.find_one({"_id": colonyid, "kind": REMOVED})
    if found is None:
        raise no_colony(colonyid)
    return found


async def _remove_members(database: Collections, colonyid: str) -> list[str]:
    """Nobody is added any more. Functions go after their executors, which are written to when one is added."""
    found = await database.members.find({"home": colonyid}, ["_id"], hint=NAMED).to_list(None)
    ids = [document["_id"] for document in found]
    if await _is_gone(database, colonyid):
        await database.members.delete_many({"_id": {"$in": ids}, "home": colonyid})
        await database.functions.delete_many({"colonyid": colonyid})
    return ids


async def _heard_by_others(database: Database, colonyid: str, mark: ObjectId) -> None:
    """Return when every other broker that lives has said that it stores nothing more for this colony.

    Also when another one has ended this removal: then there is nothing to hear of any more.
    """
    # One of a version that does not say what it heard is not waited for.
    heard = {"$exists": True, "$ne": str(mark)}
    deaf = {"_id": {"$ne": database.node}, "heard": heard, **silent_for(ALIVE_SECONDS, "$lt")}
    while await database.now.nodes.find(deaf, ["_id"]).to_list(None):
        if await database.now.members.find_one({"_id": colonyid, "mark": mark}, ["_id"]) is None:
            return
        await asyncio.sleep(PAUSE_SECONDS)


async def remove_what_lies_in(database: Collections, colonyid: str) -> None:
    """Remove all processes of a colony that is gone, and what is kept beside them."""
    while found := await database.processes.find({"colonyid": colonyid}, ["_id"], limit=_PAGE).to_list(None):
        if not await _is_gone(database, colonyid):
            return
        ids = [document["_id"] for document in found]
        await _remove_logs(database, ids)
        await database.processes.delete_many({"_id": {"$in": ids}})
    if await _is_gone(database, colonyid):
        await forget(database, colonyid)
        # All keys of a colony begin with its id and a slash; the character after the slash is 0.
        await database.latestkeys.delete_many({"_id": {"$gt": f"{colonyid}/", "$lt": f"{colonyid}0"}})


async def _is_gone(database: Collections, colonyid: str) -> bool:
    """Asked after each look and before what was found is deleted: another broker may have ended this removal.

    What was found before no colony was there is not of one that was added anew.
    """
    return await database.members.find_one({"_id": colonyid, "kind": "colony"}, ["_id"]) is None


async def look_again(database: Collections, colonyid: str) -> None:
    """Remove what a broker stored for a colony after it had stood still, unless the colony is there again."""
    if await _is_gone(database, colonyid):
        await remove_what_lies_in(database, colonyid)


async def remove_strays(database: Collections) -> None:
    """Remove members of no colony, with what lies there: an older version could leave some."""
    homes = await database.members.aggregate([{"$group": {"_id": "$home"}}], hint=NAMED).to_list(None)
    for colonyid in {home["_id"] for home in homes} - {""}:
        if await _is_gone(database, colonyid):
            await _remove_members(database, colonyid)
            await remove_what_lies_in(database, colonyid)


async def hear_of_removals(database: Database) -> None:
    going = {"home": "", "kind": REMOVED}
    fields = {"mark": 1, "left": silent_for(LEFT_SECONDS, "$gt", since="since")["$expr"]}
    found = await database.now.members.find(going, fields, hint=NAMED).to_list(None)
    database.going.hear({document["_id"]: str(document["mark"]) for document in found})
    if any(document["left"] for document in found):
        database.going.left.set()


async def finish_removals(database: Database) -> None:
    """End the removals that their brokers left: each of their calls has long ended."""
    left = {"home": "", "kind": REMOVED, **silent_for(LEFT_SECONDS, "$gt", since="since")}
    for document in await database.now.members.find(left, ["_id"], hint=NAMED).to_list(None):
        with contextlib.suppress(errors.NotFound):  # another broker was faster
            await remove_colony(database, RemoveColony(colonyid=document["_id"]))
