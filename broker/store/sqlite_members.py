"""Colonies, executors, users and functions in SQLite."""

from __future__ import annotations

import sqlite3
from collections.abc import Collection, Iterable
from typing import Any

from msgspec.structs import replace

from colonies.wire.frames import pack, unpack
from colonies.wire.model import Colony, Executor, ExecutorState, Function, User
from colonies.wire.validation import encode

from . import moves
from .base import Membership
from .refusals import id_taken, name_taken, no_colony, no_executor, no_function, no_user
from .sqlite_many import in_one_row, json_text, one_of, out_of_one_row

Row = tuple[Any, ...]

_MEMBERS = ("functions", "executors", "users")
_IDS = "SELECT executorname, executorid FROM executors WHERE colonyid = ? AND executorname IN "
_THERE = f"SELECT {in_one_row('colonyid')} FROM colonies WHERE colonyid IN (SELECT value FROM json_each(?) AS batch)"


def executor_of(row: Row) -> Executor:
    return Executor(
        executorid=row[0],
        colonyid=row[1],
        executorname=row[2],
        executortype=row[3],
        state=ExecutorState(row[4]),
        lastseen=row[5],
    )


def who(db: sqlite3.Connection, identity: str) -> Membership:
    if row := db.execute("SELECT * FROM executors WHERE executorid = ?", (identity,)).fetchone():
        return Membership(executor=executor_of(row))
    if row := db.execute("SELECT colonyid, userid, name, role FROM users WHERE userid = ?", (identity,)).fetchone():
        return Membership(user=(row[0], User(userid=row[1], name=row[2], role=row[3])))
    if row := db.execute("SELECT colonyid, name FROM colonies WHERE colonyid = ?", (identity,)).fetchone():
        return Membership(owner_of=Colony(colonyid=row[0], name=row[1]))
    return Membership()


def executors(db: sqlite3.Connection, colonyid: str) -> list[Executor]:
    rows = db.execute("SELECT * FROM executors WHERE colonyid = ? ORDER BY executorname", (colonyid,))
    return [executor_of(row) for row in rows]


def executor_ids(db: sqlite3.Connection, colonyid: str, names: Collection[str]) -> dict[str, str]:
    wanted = list(names)
    return dict(db.execute(_IDS + one_of(wanted), (colonyid, *wanted)).fetchall())


def users(db: sqlite3.Connection, colonyid: str) -> list[User]:
    rows = db.execute("SELECT userid, name, role FROM users WHERE colonyid = ? ORDER BY name", (colonyid,))
    return [User(userid=row[0], name=row[1], role=row[2]) for row in rows]


def functions(db: sqlite3.Connection, colonyid: str) -> list[Function]:
    columns = "SELECT executorid, funcname, description, args FROM functions WHERE colonyid = ? "
    rows = db.execute(columns + "ORDER BY funcname, executorid", (colonyid,))
    return [Function(executorid=row[0], funcname=row[1], description=row[2], args=unpack(row[3])) for row in rows]


# — moves —


def add_colony(db: sqlite3.Connection, move: moves.AddColony) -> Colony:
    colony = move.colony
    found = who(db, colony.colonyid)
    if found.owner_of == colony:
        return colony
    if found != Membership():
        raise id_taken(colony.colonyid)
    if db.execute("SELECT 1 FROM colonies WHERE name = ?", (colony.name,)).fetchone():
        raise name_taken("colony", colony.name)
    _empty(db, colony.colonyid)  # an older version could leave processes behind, which would all be back
    db.execute("INSERT INTO colonies VALUES (?, ?)", (colony.colonyid, colony.name))
    return colony


def there(db: sqlite3.Connection, colonyids: Iterable[str]) -> set[str]:
    """Those of these ids that are a colony's."""
    found = db.execute(_THERE, (json_text(list(colonyids)),))
    return {row[0] for row in out_of_one_row(found)}


def _refuse_unless_there(db: sqlite3.Connection, colonyid: str) -> None:
    if not there(db, [colonyid]):
        raise no_colony(colonyid)


def remove_colony(db: sqlite3.Connection, move: moves.RemoveColony) -> moves.ColonyRemoved:
    found = who(db, move.colonyid).owner_of
    if found is None:
        raise no_colony(move.colonyid)
    members = [executor.executorid for executor in executors(db, move.colonyid)]
    members += [user.userid for user in users(db, move.colonyid)]
    _empty(db, move.colonyid)
    db.execute("DELETE FROM colonies WHERE colonyid = ?", (move.colonyid,))
    return moves.ColonyRemoved(found, members)


def _empty(db: sqlite3.Connection, colonyid: str) -> None:
    db.execute("DELETE FROM logs WHERE processid IN (SELECT processid FROM processes WHERE colonyid = ?)", (colonyid,))
    # All lanes of a colony begin with its id and a slash; the character after the slash is 0.
    db.execute("DELETE FROM lanes WHERE lane > ? AND lane < ?", (f"{colonyid}/", f"{colonyid}0"))
    # Figures before the processes: what is gone costs nothing to keep right.
    for table in ("counts", "finished", "failures", "processes", "latestkeys", *_MEMBERS):
        db.execute(f"DELETE FROM {table} WHERE colonyid = ?", (colonyid,))


def remove_strays(db: sqlite3.Connection) -> None:
    """Remove members of no colony: an older version could leave some, whom nobody could remove."""
    for table in _MEMBERS:
        db.execute(f"DELETE FROM {table} WHERE colonyid NOT IN (SELECT colonyid FROM colonies)")


def add_executor(db: sqlite3.Connection, move: moves.AddExecutor) -> Executor:
    new = move.executor
    _refuse_unless_there(db, new.colonyid)
    found = who(db, new.executorid)
    if found.executor and moves.is_same_executor(found.executor, new):
        return _approved_if_asked(db, found.executor, new)
    if found != Membership():
        raise id_taken(new.executorid)
    key = (new.colonyid, new.executorname)
    if db.execute("SELECT 1 FROM executors WHERE colonyid = ? AND executorname = ?", key).fetchone():
        raise name_taken("executor", new.executorname)
    row = (new.executorid, new.colonyid, new.executorname, new.executortype, int(new.state), new.lastseen)
    db.execute("INSERT INTO executors VALUES (?, ?, ?, ?, ?, ?)", row)
    return new


def _approved_if_asked(db: sqlite3.Connection, stored: Executor, new: Executor) -> Executor:
    if new.state != ExecutorState.APPROVED or stored.state != ExecutorState.PENDING:
        return stored
    move = moves.SetExecutorState(colonyid=stored.colonyid, executorid=stored.executorid, state=new.state)
    return set_executor_state(db, move)


def _executor(db: sqlite3.Connection, colonyid: str, executorid: str) -> Executor:
    found = who(db, executorid).executor
    if found is None or found.colonyid != colonyid:
        raise no_executor(executorid)
    return found


def set_executor_state(db: sqlite3.Connection, move: moves.SetExecutorState) -> Executor:
    found = _executor(db, move.colonyid, move.executorid)
    db.execute("UPDATE executors SET state = ? WHERE executorid = ?", (int(move.state), move.executorid))
    return replace(found, state=move.state)


def remove_executor(db: sqlite3.Connection, move: moves.RemoveExecutor) -> Executor:
    found = _executor(db, move.colonyid, move.executorid)
    db.execute("DELETE FROM functions WHERE executorid = ?", (move.executorid,))
    db.execute("DELETE FROM executors WHERE executorid = ?", (move.executorid,))
    return found


def seen(db: sqlite3.Connection, move: moves.Seen) -> None:
    db.execute("UPDATE executors SET lastseen = max(lastseen, ?) WHERE executorid = ?", (move.time, move.executorid))


def add_user(db: sqlite3.Connection, move: moves.AddUser) -> User:
    _refuse_unless_there(db, move.colonyid)
    found = who(db, move.user.userid)
    if found.user == (move.colonyid, move.user):
        return move.user
    if found != Membership():
        raise id_taken(move.user.userid)
    if db.execute("SELECT 1 FROM users WHERE colonyid = ? AND name = ?", (move.colonyid, move.user.name)).fetchone():
        raise name_taken("user", move.user.name)
    row = (move.user.userid, move.colonyid, move.user.name, move.user.role)
    db.execute("INSERT INTO users VALUES (?, ?, ?, ?)", row)
    return move.user


def remove_user(db: sqlite3.Connection, move: moves.RemoveUser) -> User:
    found = who(db, move.userid).user
    if found is None or found[0] != move.colonyid:
        raise no_user(move.userid)
    db.execute("DELETE FROM users WHERE userid = ?", (move.userid,))
    return found[1]


def add_function(db: sqlite3.Connection, move: moves.AddFunction) -> Function:
    function = move.function
    _executor(db, move.colonyid, function.executorid)
    row = (function.executorid, function.funcname, move.colonyid, function.description, pack(encode(function.args)))
    db.execute("INSERT OR REPLACE INTO functions VALUES (?, ?, ?, ?, ?)", row)
    return function


def remove_function(db: sqlite3.Connection, move: moves.RemoveFunction) -> Function:
    for function in functions(db, move.colonyid):
        if (function.executorid, function.funcname) == (move.executorid, move.funcname):
            key = (move.executorid, move.funcname)
            db.execute("DELETE FROM functions WHERE executorid = ? AND funcname = ?", key)
            return function
    raise no_function(move.funcname)
