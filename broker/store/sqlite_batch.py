"""A batch of moves in SQLite: one transaction, one fsync, an answer for each move."""

from __future__ import annotations

import logging
import sqlite3
from collections.abc import Callable, Sequence
from enum import Enum, auto
from functools import partial
from typing import Any

from broker.logs import fields
from colonies.wire import errors

from . import moves, sqlite_figures, sqlite_members
from .figures import Figures
from .moves import Move, Outcome
from .sqlite_claims import Claims
from .sqlite_draft import Draft
from .sqlite_kept import Kept
from .sqlite_processes import Steps, Submits
from .sqlite_transaction import Transaction
from .sqlite_writes import IdsTaken, write

log = logging.getLogger(__name__)

_OF_MEMBERS: dict[type, Callable[[sqlite3.Connection, Any], Any]] = {
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


def apply(db: sqlite3.Connection, kept: Kept, batch: Sequence[Move[Any]]) -> list[Outcome[Any]]:
    """Do a batch in one transaction; when that meets a bug, each move in its own.

    A bug is raised where the batch is one move, and otherwise is that move's answer, without detail.
    """
    try:
        return _in_one_transaction(db, kept, batch)
    except Exception as error:
        if len(batch) == 1 or is_out_of_reach(error):
            raise
    return [_alone(db, kept, move) for move in batch]


def _alone(db: sqlite3.Connection, kept: Kept, move: Move[Any]) -> Outcome[Any]:
    try:
        return _in_one_transaction(db, kept, [move])[0]
    except Exception as error:
        if is_out_of_reach(error):
            raise
        log.exception("a move met a bug", extra=fields("bug", move=type(move).__name__))
        return errors.Internal("the store met a bug; see the broker's log")


def _in_one_transaction(db: sqlite3.Connection, kept: Kept, batch: Sequence[Move[Any]]) -> list[Outcome[Any]]:
    try:
        try:
            return _try(db, kept, batch, looks=False)
        except IdsTaken:
            return _try(db, kept, batch, looks=True)
    except BaseException:
        kept.clear()  # after a commit that failed nobody knows what is stored
        raise


def _try(db: sqlite3.Connection, kept: Kept, batch: Sequence[Move[Any]], *, looks: bool) -> list[Outcome[Any]]:
    transaction = Transaction(db)
    try:
        done = _Batch(transaction, kept, batch, looks=looks)
        transaction.commit()
    except BaseException:
        transaction.roll_back()
        raise
    done.note(kept)
    return done.outcomes


class _Batch:
    """A batch while it is done, kind by kind: claims last of what changes a draft, for they take what others put there.

    Members come when all is written, so that a colony is removed with whatever came into it.
    """

    def __init__(self, transaction: Transaction, kept: Kept, batch: Sequence[Move[Any]], *, looks: bool) -> None:
        self._batch = batch
        self._figures = Figures()
        self.outcomes: list[Outcome[Any]] = [None] * len(batch)
        kinds: dict[_Kind, list[int]] = {kind: [] for kind in _Kind}
        for number, move in enumerate(batch):
            kinds[_kind(move)].append(number)
        draft = Draft(transaction, kept)
        self._do(kinds[_Kind.SUBMIT], lambda moves: Submits(draft, moves, looks=looks).do)
        self._do(kinds[_Kind.STEP], lambda moves: Steps(draft, moves).do)
        self._claims = Claims(draft, [move for move in batch if isinstance(move, moves.Claim)])
        self._do(kinds[_Kind.CLAIM], lambda _: self._claims.do)
        self._written = write(draft)
        members = [batch[number] for number in kinds[_Kind.MEMBER]]
        self._empties = any(isinstance(move, moves.AddColony | moves.RemoveColony) for move in members)
        for move in members:
            if isinstance(move, moves.RemoveColony):
                kept.note_removed(move.colonyid)
        self._do(kinds[_Kind.MEMBER], lambda _: partial(_do_member, transaction.db))
        if self._figures:
            sqlite_figures.write(transaction.db, self._figures)

    def _do(self, numbers: Sequence[int], begin: Callable[[Sequence[Any]], Callable[[Any], Any]]) -> None:
        """Do the moves of one kind. A refusal is an answer: moves refuse before they change anything."""
        if not numbers:
            return
        do = begin([self._batch[number] for number in numbers])
        for number in numbers:
            move = self._batch[number]
            try:
                outcome = do(move)
            except errors.ColoniesError as refusal:
                outcome = refusal
            self.outcomes[number] = outcome
            self._figures.note(move, outcome)

    def note(self, kept: Kept) -> None:
        """Remember what is stored, once it is committed."""
        if self._empties:
            kept.clear()
            return
        self._claims.note(kept)
        self._written.note(kept)


class _Kind(Enum):
    SUBMIT = auto()
    STEP = auto()
    CLAIM = auto()
    MEMBER = auto()


def _kind(move: Move[Any]) -> _Kind:
    kind = _KIND_OF.get(type(move))
    # Whatever else is a change is one by what it is an instance of.
    return kind or (_Kind.STEP if isinstance(move, moves.Change) else _Kind.MEMBER)


_KIND_OF = {
    moves.Submit: _Kind.SUBMIT,
    moves.Claim: _Kind.CLAIM,
    **dict.fromkeys((moves.Close, moves.AddLog, moves.Remove), _Kind.STEP),
}


def _do_member(db: sqlite3.Connection, move: Move[Any]) -> Any:
    return _OF_MEMBERS[type(move)](db, move)
