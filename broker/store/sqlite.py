"""The embedded store: one SQLite file, the default.

One thread writes, one batch a transaction and one fsync a batch; two others read, so that a
long listing holds up neither a write (WAL) nor what the broker itself has to know. A broker
has the file for itself. At its worst moment, a batch in which something unforeseen is
raised, everything is rolled back and each move is tried alone, so that only the culprit is
told.
"""

from __future__ import annotations

import asyncio
import os
import sqlite3
from collections.abc import Callable, Collection, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any, TypeVar

from colonies.wire import errors
from colonies.wire.figures import FailureGroup
from colonies.wire.model import Colony, Executor, Function, Log, Page, Process, User
from colonies.wire.params import ProcessFilter

from . import sqlite_figures, sqlite_members, sqlite_reads
from .base import Due, Finished, LaneCount, Membership
from .moves import Move, Outcome
from .sqlite_batch import apply, is_out_of_reach
from .sqlite_kept import Kept
from .sqlite_migrations import prepare
from .sqlite_schema import connect_to_read, connect_to_write, lock, make_file, touch

T = TypeVar("T")

PING_SECONDS = 2.0


class SqliteStore:
    name = "sqlite"
    shared = False
    others = None
    concurrent_batches = 1

    def __init__(self, path: Path) -> None:
        self._path = path
        self._kept = Kept()  # of the writer's thread
        self._lock: int | None = None
        self._writer: _Thread | None = None
        self._reader: _Thread | None = None
        self._lister: _Thread | None = None  # listings may walk far; what the broker itself reads must not wait for one

    async def open(self) -> None:
        """As `Store.open`. Unavailable also when another broker has the file."""
        try:
            self._lock = lock(self._path)
            make_file(self._path)
            self._writer = _Thread(connect_to_write(self._path), "store-writer")
            prepare(self._writer.db, self._path)
            sqlite_members.remove_strays(self._writer.db)
            self._kept.clear()
            self._reader = _Thread(connect_to_read(self._path), "store-reader")
            self._lister = _Thread(connect_to_read(self._path), "store-lister")
        except (sqlite3.Error, OSError) as error:
            await self.close()
            raise errors.Unavailable(f"{self._path} cannot be used: {error}; check the path and its rights") from error
        except BaseException:
            await self.close()
            raise

    async def close(self) -> None:
        threads, held = (self._lister, self._reader, self._writer), self._lock
        # From here on whoever comes is told that it is closed; the lock is kept until the last write is done.
        self._writer = self._reader = self._lister = self._lock = None
        for thread in threads:
            if thread:
                await thread.close()
        if held is not None:
            os.close(held)

    async def ping(self) -> None:
        """Make one durable write that changes nothing: reading would not show a full disk."""
        try:
            async with asyncio.timeout(PING_SECONDS):
                await _open(self._writer).run(touch)
        except TimeoutError:
            raise errors.Unavailable(f"the SQLite file took no write for {PING_SECONDS:g} s; see its disk") from None

    async def apply(self, batch: Sequence[Move[Any]]) -> list[Outcome[Any]]:
        return await _open(self._writer).run(lambda db: apply(db, self._kept, batch))

    async def _read(self, read: Callable[[sqlite3.Connection], T]) -> T:
        return await _open(self._reader).run(read)

    async def _list(self, read: Callable[[sqlite3.Connection], T]) -> T:
        return await _open(self._lister).run(read)

    # — members —

    async def who(self, identity: str) -> Membership:
        return await self._read(lambda db: sqlite_members.who(db, identity))

    async def colonies(self) -> list[Colony]:
        rows = await self._read(lambda db: db.execute("SELECT colonyid, name FROM colonies ORDER BY name").fetchall())
        return [Colony(colonyid=row[0], name=row[1]) for row in rows]

    async def executors(self, colonyid: str) -> list[Executor]:
        return await self._read(lambda db: sqlite_members.executors(db, colonyid))

    async def executor_ids(self, colonyid: str, names: Collection[str]) -> dict[str, str]:
        return await self._read(lambda db: sqlite_members.executor_ids(db, colonyid, names))

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
        return await self._list(
            lambda db: sqlite_reads.page(db, colonyid, wanted, newest=newest, limit=limit, cursor=cursor)
        )

    async def logs(self, processid: str, *, since: int, after: int = 0, limit: int) -> list[Log]:
        return await self._list(lambda db: sqlite_reads.logs(db, processid, since=since, after=after, limit=limit))

    async def upcoming(self, limit: int) -> list[Due]:
        return await self._read(lambda db: sqlite_reads.upcoming(db, limit))

    async def held(self, colonyid: str, executorid: str) -> list[Process]:
        return await self._read(lambda db: sqlite_reads.held(db, colonyid, executorid))

    async def running(self, colonyid: str) -> dict[str, int]:
        return await self._read(lambda db: sqlite_reads.running(db, colonyid))

    async def counts(self, colonyid: str) -> list[LaneCount]:
        return await self._read(lambda db: sqlite_figures.counts(db, colonyid))

    async def finished(self, colonyid: str, *, since: int) -> list[Finished]:
        return await self._read(lambda db: sqlite_figures.finished(db, colonyid, since))

    async def failures(self, colonyid: str, *, executortype: str | None, limit: int) -> list[FailureGroup]:
        return await self._read(
            lambda db: sqlite_figures.failures(db, colonyid, executortype=executortype, limit=limit)
        )

    async def ahead(self, process: Process) -> int:
        return await self._list(lambda db: sqlite_reads.ahead(db, process))


class _Thread:
    """One connection and the one thread that uses it."""

    def __init__(self, db: sqlite3.Connection, name: str) -> None:
        self.db = db
        self._executor = ThreadPoolExecutor(1, thread_name_prefix=name)

    async def run(self, work: Callable[[sqlite3.Connection], T]) -> T:
        """Have it done there. What the file system refuses is Unavailable."""
        try:
            return await asyncio.get_running_loop().run_in_executor(self._executor, work, self.db)
        except sqlite3.DatabaseError as error:
            if not is_out_of_reach(error):
                raise
            raise errors.Unavailable(f"the SQLite file cannot be used now: {error}; see its disk and rights") from error

    async def close(self) -> None:
        await asyncio.get_running_loop().run_in_executor(self._executor, self.db.close)
        self._executor.shutdown()


def _open(thread: _Thread | None) -> _Thread:
    if thread is None:
        raise errors.Unavailable("the store is closed: the broker is stopping")
    return thread
