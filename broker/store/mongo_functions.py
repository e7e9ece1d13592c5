"""Functions of executors in MongoDB."""

from __future__ import annotations

from typing import Any

from colonies.wire.frames import pack, unpack
from colonies.wire.model import Function
from colonies.wire.validation import encode

from . import moves
from .mongo_database import Collections, Database, Document
from .refusals import no_executor, no_function

# What a member says of what belongs to it: written so that it cannot be removed at the same time.
ADDED = {"$inc": {"added": 1}}


def _function(document: Document) -> Function:
    return Function(
        executorid=document["executorid"],
        funcname=document["funcname"],
        description=document["description"],
        args=unpack(document["args"]),
    )


async def functions(database: Collections, colonyid: str) -> list[Function]:
    order = [("funcname", 1), ("executorid", 1)]
    found = await database.functions.find({"colonyid": colonyid}, sort=order, hint="listed").to_list(None)
    return [_function(document) for document in found]


def _function_id(executorid: str, funcname: str) -> str:
    return f"{executorid}/{funcname}"


async def add_function(database: Database, move: moves.AddFunction) -> Function:
    function = move.function
    document = {
        "_id": _function_id(function.executorid, function.funcname),
        "colonyid": move.colonyid,
        "executorid": function.executorid,
        "funcname": function.funcname,
        "description": function.description,
        "args": pack(encode(function.args)),
    }

    async def work(session: Any) -> Function:
        executor = {"_id": function.executorid, "kind": "executor", "home": move.colonyid}
        if not (await database.now.members.update_one(executor, ADDED, session=session)).matched_count:
            raise no_executor(function.executorid)
        await database.now.functions.replace_one({"_id": document["_id"]}, document, upsert=True, session=session)
        return function

    return await database.in_transaction(work)


async def remove_function(database: Database, move: moves.RemoveFunction) -> Function:
    key = {"_id": _function_id(move.executorid, move.funcname), "colonyid": move.colonyid}
    found = await database.now.functions.find_one_and_delete(key)
    if found is None:
        raise no_function(move.funcname)
    return _function(found)
