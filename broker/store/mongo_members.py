"""Colonies, executors and users in MongoDB.

All who have an id are documents of one collection under that id, so that an id has one
place on the server and one insert decides it. A second unique index holds the names: of
one kind, in one home, which is the colony, and for a colony the server ("").
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Collection, Mapping, Sequence
from typing import Any

from pymongo import UpdateOne
from pymongo.errors import DuplicateKeyError

from colonies.wire import errors
from colonies.wire.model import Colony, Executor, ExecutorState, User

from . import mongo_functions, moves
from .base import Membership
from .mongo_answers import Answers, Asked
from .mongo_database import Collections, Database, Document
from .mongo_functions import ADDED
from .mongo_indexes import NAMED
from .mongo_removals import REMOVED, remove_colony
from .moves import Move
from .refusals import colony_goes, id_taken, name_taken, no_colony, no_executor, no_user


def _colony(document: Document) -> Colony:
    return Colony(colonyid=document["_id"], name=document["name"])


def _executor(document: Document, brokers: Mapping[str, int | None] | None = None) -> Executor:
    """brokers: those that count when it is connected to one of them, with when each died (ms), None: it lives."""
    brokers = brokers or {}
    at: dict[str, int] = {node: asked for node, asked in document.get("at", {}).items() if node in brokers}
    asked = [time for node, time in at.items() if brokers[node] is None]
    return Executor(
        executorid=document["_id"],
        executorname=document["name"],
        executortype=document["type"],
        colonyid=document["home"],
        state=ExecutorState(document["state"]),
        online=bool(asked),
        lastseen=max(document["lastseen"], *(brokers[node] or 0 for node in at), 0),
        lastasked=max(asked, default=0),
    )


def _user(document: Document) -> User:
    return User(userid=document["_id"], name=document["name"], role=document["role"])


# — reads —


async def who(database: Collections, identity: str) -> Membership:
    return _membership(await database.members.find_one({"_id": identity}))


def _membership(document: Document | None) -> Membership:
    """Nobody where it is a colony that goes: from then on its owner may do nothing more in it."""
    match document:
        case None:
            pass
        case {"kind": "colony"}:
            return Membership(owner_of=_colony(document))
        case {"kind": "executor"}:
            return Membership(executor=_executor(document))
        case {"kind": "user"}:
            return Membership(user=(document["home"], _user(document)))
    return Membership()


async def _named(database: Collections, home: str, kind: str) -> list[Document]:
    found: list[Document] = await database.members.find(
        {"home": home, "kind": kind}, sort=[("name", 1)], hint="named"
    ).to_list(None)
    return found


async def colonies(database: Collections) -> list[Colony]:
    return [_colony(document) for document in await _named(database, "", "colony")]


async def executors(database: Collections, colonyid: str, brokers: Mapping[str, int | None]) -> list[Executor]:
    return [_executor(document, brokers) for document in await _named(database, colonyid, "executor")]


async def executor_ids(database: Collections, colonyid: str, names: Collection[str]) -> dict[str, str]:
    wanted = {"home": colonyid, "kind": "executor", "name": {"$in": list(names)}}
    found = await database.members.find(wanted, ["name"], hint=NAMED).to_list(None)
    return {document["name"]: document["_id"] for document in found}


async def users(database: Collections, colonyid: str) -> list[User]:
    return [_user(document) for document in await _named(database, colonyid, "user")]


# — moves —


async def move_members(database: Database, asked: Sequence[Asked[Move[Any]]], answers: Answers) -> None:
    """One after the other: they are rare, and one may well stand on the one before."""
    for one in asked:
        try:
            answers.answer(one, await _DO[type(one.move)](database, one.move))
        except errors.ColoniesError as refusal:
            answers.answer(one, refusal)


async def see(database: Database, asked: Sequence[Asked[moves.Seen]], answers: Answers) -> None:
    seen = [
        UpdateOne({"_id": one.move.executorid, "kind": "executor"}, {"$max": {"lastseen": one.move.time}})
        for one in asked
    ]
    await database.now.members.bulk_write(seen, ordered=False)
    for one in asked:
        answers.answer(one, None)


async def _insert(database: Database, document: Document) -> Membership | None:
    """Add a member; None when it is done, otherwise who has that id, or nobody when the name is taken.

    In a transaction that also writes to the colony: with its removal, which marks it, one of the two comes first.
    """

    async def work(session: Any) -> None:
        colony = {"_id": document["home"], "kind": "colony"}
        if not (await database.now.members.update_one(colony, ADDED, session=session)).matched_count:
            raise no_colony(document["home"])
        await database.now.members.insert_one(document, session=session)

    try:
        await database.in_transaction(work)
    except DuplicateKeyError:
        return await _taken(database, document["_id"])
    return None


async def _taken(database: Database, identity: str) -> Membership:
    """Who has an id, nobody when it is a name that is taken."""
    found = await database.now.members.find_one({"_id": identity})
    await database.settle()  # what is answered as done before must be durable as well
    if found and found["kind"] == REMOVED:
        raise colony_goes(identity)
    return _membership(found)


async def add_colony(database: Database, move: moves.AddColony) -> Colony:
    colony = move.colony
    document = {"_id": colony.colonyid, "kind": "colony", "home": "", "name": colony.name}
    try:
        await database.now.members.insert_one(document)
    except DuplicateKeyError:
        there = await _taken(database, colony.colonyid)
    else:
        return colony
    if there.owner_of == colony:
        return colony
    raise name_taken("colony", colony.name) if there == Membership() else id_taken(colony.colonyid)


async def add_executor(database: Database, move: moves.AddExecutor) -> Executor:
    new = move.executor
    document = {
        "_id": new.executorid,
        "kind": "executor",
        "home": new.colonyid,
        "name": new.executorname,
        "type": new.executortype,
        "state": int(new.state),
        "lastseen": new.lastseen,
    }
    there = await _insert(database, document)
    if there is None:
        return new
    if there.executor and moves.is_same_executor(there.executor, new):
        return await _approved_if_asked(database, there.executor, new)
    raise name_taken("executor", new.executorname) if there == Membership() else id_taken(new.executorid)


async def _approved_if_asked(database: Database, stored: Executor, new: Executor) -> Executor:
    if new.state != ExecutorState.APPROVED or stored.state != ExecutorState.PENDING:
        return stored
    move = moves.SetExecutorState(colonyid=stored.colonyid, executorid=stored.executorid, state=new.state)
    return await set_executor_state(database, move)


def _key(identity: str, kind: str, colonyid: str) -> Document:
    return {"_id": identity, "kind": kind, "home": colonyid}


async def set_executor_state(database: Database, move: moves.SetExecutorState) -> Executor:
    found = await database.now.members.find_one_and_update(
        _key(move.executorid, "executor", move.colonyid), {"$set": {"state": int(move.state)}}, return_document=True
    )
    if found is None:
        raise no_executor(move.executorid)
    return _executor(found)


async def remove_executor(database: Database, move: moves.RemoveExecutor) -> Executor:
    async def work(session: Any) -> Executor:
        key = _key(move.executorid, "executor", move.colonyid)
        found = await database.now.members.find_one_and_delete(key, session=session)
        if found is None:
            raise no_executor(move.executorid)
        its_own = {"colonyid": move.colonyid, "executorid": move.executorid}
        await database.now.functions.delete_many(its_own, session=session)
        return _executor(found)

    return await database.in_transaction(work)


async def add_user(database: Database, move: moves.AddUser) -> User:
    user = move.user
    document = {"_id": user.userid, "kind": "user", "home": move.colonyid, "name": user.name, "role": user.role}
    there = await _insert(database, document)
    if there is None or there.user == (move.colonyid, user):
        return user
    raise name_taken("user", user.name) if there == Membership() else id_taken(user.userid)


async def remove_user(database: Database, move: moves.RemoveUser) -> User:
    found = await database.now.members.find_one_and_delete(_key(move.userid, "user", move.colonyid))
    if found is None:
        raise no_user(move.userid)
    return _user(found)


_DO: dict[type, Callable[[Database, Any], Awaitable[Any]]] = {
    moves.AddColony: add_colony,
    moves.RemoveColony: remove_colony,
    moves.AddExecutor: add_executor,
    moves.SetExecutorState: set_executor_state,
    moves.RemoveExecutor: remove_executor,
    moves.AddUser: add_user,
    moves.RemoveUser: remove_user,
    moves.AddFunction: mongo_functions.add_function,
    moves.RemoveFunction: mongo_functions.remove_function,
}
