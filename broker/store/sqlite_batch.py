"""A batch of moves in SQLite: one transaction, one fsync, an answer for each move."""

from __future__ import annotations

import logging
import sqlite3
from collections.abc import Callable, Sequence
from typing import Any

from broker.logs import fields
from colonies.wire import errors

from . import moves, sqlite_figures, sqlite_members, sqlite_processes
from .figures import Figures
from .moves import Move, Outcome

log = logging.getLogger(__name__)

_DO: dict[type, Callable[[sqlite3.Connection, Any], Any]] = {
    moves.Submit: sqlite_processes.submit,
    moves.Claim: sqlite_processes.claim,
    moves.Remove: sqlite_processes.remove,
    moves.AddLog: sqlite_processes.add_log,
    moves.AddColony: sqlite_members.add_colony,
    moves.RemoveColony: sqlite_members.remove_colony,
    moves.AddExecutor: sqlite_members.add_executor,
    moves.SetExecutorState: sqlite_members.set_executor_state,
    moves.RemoveExecutor: sqlite_members.remove_executor,
    moves.Seen: sqlite_members.seen,
    moves.AddUser: sqlite_members.add_user,
    moves.RemoveUser: sqlite_members.remove_user,
    moves.AddFunction: sqlite_members.add_function,
    moves.RemoveFunction: sqlite_members.remove_function,
}

# What the disk, the file system or another program does to the file; any other error is a bug of ours.
_OUT_OF_REACH = frozenset(
    {
        sqlite3.SQLITE_BUSY,
        sqlite3.SQLITE_LOCKED,
        sqlite3.SQLITE_FULL,
        sqlite3.SQLITE_IOERR,
        sqlite3.SQLITE_READONLY,
        sqlite3.SQLITE_CANTOPEN,
        sqlite3.SQLITE_PERM,
        sqlite3.SQLITE_PROTOCOL,
        sqlite3.SQLITE_CORRUPT,
        sqlite3.SQLITE_NOTADB,
    }
)


def is_out_of_reach(error: Exception) -> bool:
    """Whether the file cannot be used now, though nothing is wrong with what was asked."""
    return (getattr(error, "sqlite_errorcode", 0) & 0xFF) in _OUT_OF_REACH


def apply(db: sqlite3.Connection, batch: Sequence[Move[Any]]) -> list[Outcome[Any]]:
    """Do a batch in one transaction; when that meets a bug, each move in its own.

    A bug is raised where the batch is one move, and otherwise is that move's answer, without detail.
    """
    try:
        return _in_one_transaction(db, batch)
    except Exception as error:
        if len(batch) == 1 or is_out_of_reach(error):
            raise
    return [_alone(db, move) for move in batch]


def _alone(db: sqlite3.Connection, move: Move[Any]) -> Outcome[Any]:
    try:
        return _in_one_transaction(db, [move])[0]
    except Exception as error:
        if is_out_of_reach(error):
            raise
        log.exception("a move met a bug", extra=fields("bug", move=type(move).__name__))
        return errors.Internal("the store met a bug; see the broker's log")


def _in_one_transaction(db: sqlite3.Connection, batch: Sequence[Move[Any]]) -> list[Outcome[Any]]:
    db.execute("BEGIN IMMEDIATE")
    try:
        outcomes = [_do(db, move) for move in batch]
        _keep_figures(db, batch, outcomes)
        db.execute("COMMIT")
    except BaseException:
        if db.in_transaction:
            db.execute("ROLLBACK")
        raise
    return outcomes


def _keep_figures(db: sqlite3.Connection, batch: Sequence[Move[Any]], outcomes: Sequence[Outcome[Any]]) -> None:
    figures = Figures()
    for move, outcome in zip(batch, outcomes, strict=True):
        figures.note(move, outcome)
    if figures:
        sqlite_figures.write(db, figures)


def _do(db: sqlite3.Connection, move: Move[Any]) -> Outcome[Any]:
    """One move; its refusal is an answer. Moves refuse before they write, so nothing has to be undone."""
    try:
        if isinstance(move, moves.Change):
            return sqlite_processes.change(db, move)
        return _DO[type(move)](db, move)
    except errors.ColoniesError as refusal:
        return refusal
