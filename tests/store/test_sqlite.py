"""What only the SQLite store promises: one broker a file, its rights, one transaction a batch, and bad disks."""

from __future__ import annotations

import asyncio
import logging
import signal
import sqlite3
import stat
import subprocess
import sys
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from broker.store.base import SCHEMA_VERSION, Membership, StoreTooNew
from broker.store.moves import AddColony, AddExecutor, Change, Changed, Move, RemoveColony, Submitted
from broker.store.open import open_store
from broker.store.sqlite import SqliteStore
from colonies.wire import errors
from colonies.wire.model import Colony, Process, State
from colonies.wire.params import ProcessFilter
from tests.support.builders import HeldColony, Worker, a_worker, an_executor, an_id, do


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "folder" / "made for it" / "broker.db"


@pytest.fixture
async def sqlite(path: Path) -> AsyncIterator[SqliteStore]:
    store = SqliteStore(path)
    await store.open()
    yield store
    await store.close()


async def test_the_folder_is_made_and_the_file_is_its_owners_alone(sqlite: SqliteStore, path: Path) -> None:
    await HeldColony(store=sqlite).submit()
    files = list(path.parent.iterdir())
    assert {file.name for file in files} >= {"broker.db", "broker.db-wal", "broker.db.lock"}
    assert {stat.S_IMODE(file.stat().st_mode) for file in files} == {0o600}


async def test_a_second_broker_on_one_file_is_refused_with_a_sentence(sqlite: SqliteStore, path: Path) -> None:
    second = SqliteStore(path)
    with pytest.raises(errors.Unavailable, match="another broker uses"):
        await second.open()
    await sqlite.close()
    await second.open()
    await second.close()


def test_the_file_is_free_again_after_kill_9(path: Path) -> None:
    program = (
        "import asyncio, pathlib, sys\n"
        "from broker.store.sqlite import SqliteStore\n"
        "async def hold() -> None:\n"
        "    await SqliteStore(pathlib.Path(sys.argv[1])).open()\n"
        "    print('open', flush=True)\n"
        "    await asyncio.Event().wait()\n"
        "asyncio.run(hold())\n"
    )
    with subprocess.Popen([sys.executable, "-c", program, str(path)], stdout=subprocess.PIPE) as child:
        assert child.stdout is not None
        assert child.stdout.readline() == b"open\n"
        with pytest.raises(errors.Unavailable):
            asyncio.run(_open_once(path))
        child.send_signal(signal.SIGKILL)
    asyncio.run(_open_once(path))


async def _open_once(path: Path) -> None:
    store = SqliteStore(path)
    await store.open()
    await store.close()


def test_a_file_of_a_newer_version_is_not_touched(path: Path) -> None:
    asyncio.run(_open_once(path))
    db = sqlite3.connect(path, isolation_level=None)
    db.execute(f"PRAGMA user_version = {SCHEMA_VERSION + 1}")
    db.close()
    before = path.read_bytes()
    with pytest.raises(StoreTooNew, match="newer"):
        asyncio.run(_open_once(path))
    assert path.read_bytes() == before


@pytest.mark.parametrize("what", ["not a database", "a folder", "below a file"])
async def test_a_path_that_cannot_be_used_is_refused_with_a_sentence(tmp_path: Path, what: str) -> None:
    path = tmp_path / "broker.db"
    if what == "not a database":
        path.write_bytes(b"This is no database. " * 100)
    elif what == "a folder":
        path.mkdir()
    else:
        path.write_bytes(b"")
        path = path / "broker.db"
    with pytest.raises(errors.Unavailable, match="cannot be used"):
        await _open_once(path)


async def test_commits_are_synced_to_the_disk(sqlite: SqliteStore) -> None:
    assert sqlite._writer is not None
    modes = await sqlite._writer.run(
        lambda db: [db.execute(f"PRAGMA {name}").fetchone()[0] for name in ("journal_mode", "synchronous")]
    )
    assert modes == ["wal", 2]


async def test_a_batch_is_one_transaction(sqlite: SqliteStore) -> None:
    colony = HeldColony(store=sqlite)
    statements: list[str] = []
    assert sqlite._writer is not None
    await sqlite._writer.run(lambda db: db.set_trace_callback(statements.append))
    await sqlite.apply([colony.submission() for _ in range(50)])
    assert [word for word in statements if word.startswith(("BEGIN", "COMMIT", "ROLLBACK"))] == [
        "BEGIN IMMEDIATE",
        "COMMIT",
    ]


async def test_while_another_program_holds_the_file_the_store_is_unavailable_and_then_goes_on(
    sqlite: SqliteStore, path: Path
) -> None:
    colony = HeldColony(store=sqlite)
    first = await colony.submit()
    other = sqlite3.connect(path, isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    with pytest.raises(errors.Unavailable):
        await colony.submit()
    with pytest.raises(errors.Unavailable):
        await sqlite.ping()
    assert await colony.stored(first) == first  # reading goes on
    other.execute("ROLLBACK")
    other.close()
    await sqlite.ping()
    await colony.submit()


async def test_a_full_disk_is_unavailable_and_loses_nothing(sqlite: SqliteStore) -> None:
    colony = HeldColony(store=sqlite)
    kept = await colony.submit()
    assert sqlite._writer is not None
    await sqlite._writer.run(_fill)
    with pytest.raises(errors.Unavailable, match="full"):
        await colony.submit(args=["x" * 200_000])
    await sqlite._writer.run(lambda db: db.execute("PRAGMA max_page_count = 1000000"))
    assert await colony.stored(kept) == kept
    await colony.submit(args=["x" * 200_000])


def _fill(db: sqlite3.Connection) -> None:
    db.execute("PRAGMA max_page_count = 1")  # SQLite takes it as: not one page more than there are


class Faulty(Change, frozen=True, kw_only=True):
    def change(self, process: Process) -> Process:
        raise ZeroDivisionError("a bug in a rule")


def _faulty(process: Process) -> Faulty:
    return Faulty(colonyid=process.colonyid, processid=process.processid, now=1)


async def test_a_bug_in_one_move_is_answered_to_it_alone(
    sqlite: SqliteStore, worker: Worker, caplog: pytest.LogCaptureFixture
) -> None:
    colony = HeldColony(store=sqlite)
    running = await colony.run(worker)
    moves: list[Move[Any]] = [colony.submission(), _faulty(running), colony.closing(running)]
    with caplog.at_level(logging.ERROR):
        submitted, failed, closed = await sqlite.apply(moves)
    assert isinstance(submitted, Submitted)
    assert not submitted.repeated
    assert isinstance(failed, errors.Internal)
    assert "ZeroDivisionError" not in failed.message
    assert isinstance(closed, Changed)
    assert closed.after.state == State.SUCCESSFUL
    assert "ZeroDivisionError: a bug in a rule" in caplog.text


async def test_a_bug_in_a_batch_of_one_is_raised(sqlite: SqliteStore, worker: Worker) -> None:
    colony = HeldColony(store=sqlite)
    running = await colony.run(worker)
    with pytest.raises(ZeroDivisionError):
        await sqlite.apply([_faulty(running)])
    assert await colony.stored(running) == running
    assert (await colony.close(running)).state == State.SUCCESSFUL


async def test_a_slow_listing_holds_up_neither_writes_nor_other_reads(sqlite: SqliteStore, worker: Worker) -> None:
    colony = HeldColony(store=sqlite)
    process = await colony.submit()
    assert sqlite._lister is not None
    started, go_on = asyncio.Event(), asyncio.Event()
    loop = asyncio.get_running_loop()

    def dawdle(db: sqlite3.Connection) -> None:
        rows = db.execute("SELECT processid FROM processes")
        rows.fetchone()  # a read transaction is open from here
        loop.call_soon_threadsafe(started.set)
        asyncio.run_coroutine_threadsafe(go_on.wait(), loop).result(60)
        rows.close()

    async with asyncio.TaskGroup() as tasks:
        tasks.create_task(sqlite._lister.run(dawdle))
        await started.wait()
        listing = tasks.create_task(sqlite.page(colony.colonyid, ProcessFilter(), newest=True, limit=10, cursor=""))
        assert await colony.stored(process) == process
        assert await colony.drain(worker) == [process.processid]
        await sqlite.ping()
        assert not listing.done()
        go_on.set()
    assert [found.state for found in listing.result().processes] == [State.RUNNING]


async def test_removing_a_colony_leaves_the_queues_of_the_others(sqlite: SqliteStore, worker: Worker) -> None:
    gone, kept = HeldColony(store=sqlite), HeldColony(store=sqlite)
    await sqlite.apply([AddColony(colony=Colony(colonyid=gone.colonyid, name=an_id())), gone.submission(latestkey="k")])
    process = await kept.submit()
    await sqlite.apply([RemoveColony(colonyid=gone.colonyid)])
    assert await gone.drain(worker) == []
    assert await kept.drain(worker) == [process.processid]
    assert sqlite._reader is not None
    tables = ("processes", "counts", "lanes", "latestkeys", "logs", "colonies")
    left = await sqlite._reader.run(
        lambda db: {table: db.execute(f"SELECT count(*) FROM {table}").fetchone()[0] for table in tables}
    )
    kept_counts = 2  # what waited once, and what runs now
    assert left == {**dict.fromkeys(tables, 0), "processes": 1, "counts": kept_counts}


@pytest.mark.parametrize("address", ["", "sqlite:", "postgres://x", "broker.db", "mongo://x", "sqlite::memory:"])
def test_an_address_of_no_known_store_is_refused_with_what_is_possible(address: str) -> None:
    with pytest.raises(ValueError, match=r"sqlite:PATH.*mongodb://"):
        open_store(address)


def test_an_address_says_which_store(tmp_path: Path) -> None:
    assert open_store(f"sqlite:{tmp_path / 'b.db'}").name == "sqlite"
    assert open_store("mongodb://127.0.0.1:1/x").name == "mongodb"


async def test_what_an_older_version_left_of_a_colony_that_was_removed_is_gone(sqlite: SqliteStore, path: Path) -> None:
    colony = HeldColony(store=sqlite)
    mine = Colony(colonyid=colony.colonyid, name="mine")
    await sqlite.apply([AddColony(colony=mine)])
    executor = await do(sqlite, AddExecutor(executor=an_executor(mine)))
    await colony.submit()
    with sqlite3.connect(path) as past_it:
        past_it.execute("DELETE FROM colonies")
    past_it.close()
    await sqlite.close()
    await sqlite.open()
    assert await sqlite.who(executor.executorid) == Membership()
    assert await do(sqlite, AddColony(colony=mine)) == mine
    assert await colony.drain(a_worker()) == []
    assert await sqlite.counts(mine.colonyid) == []
