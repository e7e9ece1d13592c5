"""Whether the colony is there for which something is to be stored: asked only where it may have been removed."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TypeAlias, TypeVar

from .mongo_answers import Answers, Asked
from .mongo_database import Database
from .moves import AddLog, Change, Submit
from .refusals import no_colony

_Move: TypeAlias = Submit | Change | AddLog
_M = TypeVar("_M", bound=_Move)


async def of_colonies_there(database: Database, asked: Sequence[Asked[_M]], answers: Answers) -> Sequence[Asked[_M]]:
    """Refuse those of colonies that are gone, and return the others. It costs nothing where none was removed lately."""
    going = database.going
    if not going.has_doubts:  # as nearly always: then not even a look at each move
        return asked
    doubted = {colonyid: doubt for one in asked if (doubt := going.doubt(colonyid := _colony_of(one.move)))}
    if not doubted:
        return asked
    there = {"_id": {"$in": list(doubted)}, "kind": "colony"}
    for document in await database.now.members.find(there, ["_id"]).to_list(None):
        going.note_there(document["_id"], doubted.pop(document["_id"]))
    for one in asked:
        if (colonyid := _colony_of(one.move)) in doubted:
            answers.answer(one, no_colony(colonyid))
    return answers.unanswered(asked)


def _colony_of(move: _Move) -> str:
    return move.process.colonyid if isinstance(move, Submit) else move.colonyid
