"""The embedded store: one SQLite file, the default.

One thread writes, one batch a transaction and one fsync a batch; another reads, so that a
long listing never holds up a write (WAL). A broker has the file for itself. At its worst
moment, a batch in which something unforeseen is raised, everything is rolled back and each
move is tried alone, so that only the culprit is told.
"""

from __future__ import annotations

import asyncio
import logging
import sqlite3
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import IO, Any, TypeVar

from broker.logs import fields
from colonies.wire import errors
from colonies.wire.messages import ProcessFilter
from colonies.wire.model import Colony, Executor, Function, Log, Page, Process, User

from . import moves, sqlite_members, sqlite_processes, sqlite_reads
from .base import Due, LaneCount, Membership
from .moves import Move, Outcome
from .sqlite_schema import connect, lock, prepare

log = logging.getLogger(__name__)
T = TypeVar("T")

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


class SqliteStore:
    name = "sqlite"
    shared = False
    concurrent_batches = 1

    def __init__(self, path: Path) -> None:
        self._path = path
        self._lock: IO[bytes] | None = None
        self._writer: _Thread | None = None
        self._reader: _Thread | None = None

    async def open(self) -> None:
        try:
            self._lock = lock(self._path)
            self._writer = _Thread(connect(self._path), "store-writer")
            prepare(self._writer.db, self._path)
            self._reader = _Thread(connect(self._path), "store-reader")
        except (sqlite3.Error, OSError) as error:
            await self.close()
            raise errors.Unavailable(f"{self._path} cannot be used: {error}; check the path and its rights") from error
        except BaseException:
            await self.close()
            raise

    async def close(self) -> None:
        for thread in (self._writer, self._reader):
            if thread:
                await thread.close()
        self._writer = self._reader = None
        if self._lock:
            self._lock.close()
            self._lock = None

    async def ping(self) -> None:
        await self._read(lambda db: db.execute("SELECT 1").fetchone())

    async def apply(self, batch: Sequence[Move[Any]]) -> list[Outcome[Any]]:
        if self._writer is None:
            raise _closed()
        return await self._writer.run(lambda db: _apply(db, batch))

    async def _read(self, read: Callable[[sqlite3.Connection], T]) -> T:
        if self._reader is None:
            raise _closed()
        return await self._reader.run(read)

    # — members —

    async def who(self, identity: str) -> Membership:
        return await self._read(lambda db: sqlite_members.who(db, identity))

    async def colonies(self) -> list[Colony]:
        rows = await self._read(lambda db: db.execute("SELECT colonyid, name FROM colonies ORDER BY name").fetchall())
        return [Colony(colonyid=row[0], name=row[1]) for row in rows]

    async def executors(self, colonyid: str) -> list[Executor]:
        return await self._read(lambda db: sqlite_members.executors(db, colonyid))

    async def users(self, colonyid: str) -> list[User]:
        return await self._read(lambda db: sqlite_members.users(db, colonyid))

    async def functions(self, colonyid: str) -> list[Function]:
        return await self._read(lambda db: sqlite_members.functions(db, colonyid))

    # — processes —

    async def process(self, colonyid: str, processid: str) -> Process | None:
        return await self._read(lambda db: sqlite_reads.process(db, colonyid, processid))

    async def peek(self, lanes: Sequence[str], now: int) -> Process | None:
        return await self._read(lambda db: sqlite_reads.peek(db, lanes, now))

    async def page(self, colonyid: str, wanted: ProcessFilter, *, newest: bool, limit: int, cursor: str) -> Page:
        return await self._read(
            lambda db: sqlite_reads.page(db, colonyid, wanted, newest=newest, limit=limit, cursor=cursor)
        )

    async def logs(self, processid: str, *, since: int, limit: int) -> list[Log]:
        return await self._read(lambda db: sqlite_reads.logs(db, processid, since=since, limit=limit))

    async def due(self, now: int, limit: int) -> list[Due]:
        return await self._read(lambda db: sqlite_reads.due(db, now, limit))

    async def next_due(self) -> int | None:
        return await self._read(sqlite_reads.next_due)

    async def held(self, colonyid: str, executorid: str) -> list[Process]:
        return await self._read(lambda db: sqlite_reads.held(db, colonyid, executorid))

    async def running(self, colonyid: str) -> dict[str, int]:
        return await self._read(lambda db: sqlite_reads.running(db, colonyid))

    async def counts(self, colonyid: str) -> list[LaneCount]:
        return await self._read(lambda db: sqlite_reads.counts(db, colonyid))

    async def ahead(self, process: Process) -> int:
        return await self._read(lambda db: sqlite_reads.ahead(db, process))


class _Thread:
    """One connection and the one thread that uses it."""

    def __init__(self, db: sqlite3.Connection, name: str) -> None:
        self.db = db
        self._executor = ThreadPoolExecutor(1, thread_name_prefix=name)

    async def run(self, work: Callable[[sqlite3.Connection], T]) -> T:
        """Have it done there. What the file system refuses is Unavailable."""
        try:
            return await asyncio.get_running_loop().run_in_executor(self._executor, work, self.db)
        except sqlite3.OperationalError as error:
            raise errors.Unavailable(f"the SQLite file cannot be used now: {error}; see its disk and rights") from error

    async def close(self) -> None:
        await asyncio.get_running_loop().run_in_executor(self._executor, self.db.close)
        self._executor.shutdown()


def _closed() -> errors.Unavailable:
    return errors.Unavailable("the store is closed: the broker is stopping")


# — in the writer's thread —


def _apply(db: sqlite3.Connection, batch: Sequence[Move[Any]]) -> list[Outcome[Any]]:
    try:
        return _in_one_transaction(db, batch)
    except sqlite3.OperationalError:
        raise
    except Exception:
        if len(batch) == 1:
            raise
    return [outcome for move in batch for outcome in _alone(db, move)]


def _alone(db: sqlite3.Connection, move: Move[Any]) -> list[Outcome[Any]]:
    try:
        return _in_one_transaction(db, [move])
    except sqlite3.OperationalError:
        raise
    except Exception:
        log.exception("a move met a bug", extra=fields("bug", move=type(move).__name__))
        return [errors.Internal("the store met a bug; see the broker's log")]


def _in_one_transaction(db: sqlite3.Connection, batch: Sequence[Move[Any]]) -> list[Outcome[Any]]:
    db.execute("BEGIN IMMEDIATE")
    try:
        outcomes = [_do(db, move) for move in batch]
        db.execute("COMMIT")
    except BaseException:
        if db.in_transaction:
            db.execute("ROLLBACK")
        raise
    return outcomes


def _do(db: sqlite3.Connection, move: Move[Any]) -> Outcome[Any]:
    """One move; its refusal is an answer. Moves refuse before they write, so nothing has to be undone."""
    try:
        if isinstance(move, moves.Change):
            return sqlite_processes.change(db, move)
        return _DO[type(move)](db, move)
    except errors.ColoniesError as refusal:
        return refusal
