"""What the writer of a SQLite file remembers is what is in the file, and no more of it than is bounded."""

from __future__ import annotations

import random
import sqlite3
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from broker.store import sqlite_kept
from broker.store.moves import AddColony, Change, Move, RemoveColony
from broker.store.sqlite import SqliteStore
from broker.store.sqlite_kept import Kept
from broker.store.sqlite_rows import Stored, read
from colonies.wire import errors
from colonies.wire.model import Colony, Process, State
from tests.support.builders import HeldColony, Worker, a_worker, an_id


@pytest.fixture
async def sqlite(tmp_path: Path) -> AsyncIterator[SqliteStore]:
    store = SqliteStore(tmp_path / "broker.db")
    await store.open()
    yield store
    await store.close()


@pytest.fixture
def colony(sqlite: SqliteStore) -> HeldColony:
    return HeldColony(store=sqlite)


class Faulty(Change, frozen=True, kw_only=True):
    def change(self, process: Process) -> Process:
        raise ZeroDivisionError("a bug in a rule")


async def test_what_is_remembered_is_what_is_stored(sqlite: SqliteStore, colony: HeldColony) -> None:
    """Whatever the moves, in batches of every kind: each process that is remembered is the one of its row."""
    chance = random.Random(7)
    workers = [a_worker(kind) for kind in ("cli", "cli", "gpu")]
    held: list[Process] = []
    for _ in range(60):
        batch: list[Move[Any]] = []
        for _ in range(chance.randrange(8)):
            named = chance.choice([(), (workers[0].executorid, workers[1].executorid)])
            limits: dict[str, Any] = {"maxwaittime": chance.choice([0, 30]), "latestkey": chance.choice(["", "", "k"])}
            batch.append(colony.submission(executorids=named, executortype="cli", args=["x" * 9], **limits))
        batch += [colony.claiming(worker, latest=chance.random() < 0.3) for worker in chance.choices(workers, k=4)]
        for process in chance.sample(held, min(3, len(held))):
            batch += [colony.closing(process, successful=chance.random() < 0.5), colony.handing_back(process)][
                :: chance.choice([1, -1])
            ]
        outcomes = await sqlite.apply(batch)
        held += [outcome for outcome in outcomes if isinstance(outcome, Process)]
        await _compare(sqlite)
    assert len(held) > 50


async def _compare(sqlite: SqliteStore) -> None:
    assert sqlite._writer is not None

    def compare(db: sqlite3.Connection) -> None:
        kept = sqlite._kept
        for row in db.execute("SELECT processid, state FROM processes").fetchall():
            remembered = kept.find(row[0])
            assert remembered in (None, read(db, row[0]))
            assert remembered or row[1] not in (State.WAITING, State.RUNNING)
        waiting = db.execute("SELECT lane, waitdeadline FROM lanes").fetchall()
        assert not [lane for lane, deadline in waiting if kept.is_empty(lane, deadline - 1 if deadline else 1 << 52)]

    await sqlite._writer.run(compare)


async def test_a_batch_that_is_rolled_back_leaves_nothing_to_remember(
    sqlite: SqliteStore, colony: HeldColony, worker: Worker
) -> None:
    running = await colony.run(worker)
    waiting = await colony.submit()
    assert len(sqlite._kept) > 0
    with pytest.raises(ZeroDivisionError):
        await sqlite.apply([Faulty(colonyid=running.colonyid, processid=running.processid, now=1)])
    assert len(sqlite._kept) == 0
    assert await colony.drain(worker) == [waiting.processid]


async def test_a_batch_that_the_disk_refuses_is_forgotten(
    sqlite: SqliteStore, colony: HeldColony, worker: Worker
) -> None:
    running, waiting = await colony.run(worker), await colony.submit()
    assert sqlite._writer is not None
    await sqlite._writer.run(lambda db: db.execute("PRAGMA max_page_count = 1"))
    with pytest.raises(errors.Unavailable, match="full"):
        await sqlite.apply(
            [colony.closing(running), colony.claiming(worker), colony.submission("f", args=["x" * 200_000])]
        )
    await sqlite._writer.run(lambda db: db.execute("PRAGMA max_page_count = 1000000"))
    assert await colony.drain(worker) == [waiting.processid]
    assert (await colony.close(running)).state == State.SUCCESSFUL


async def test_of_a_colony_that_is_removed_nothing_is_remembered(
    sqlite: SqliteStore, colony: HeldColony, worker: Worker
) -> None:
    await sqlite.apply([AddColony(colony=Colony(colonyid=colony.colonyid, name=an_id()))])
    running = await colony.run(worker)
    submission = colony.submission()
    await sqlite.apply([RemoveColony(colonyid=colony.colonyid), submission])
    (closed,) = await sqlite.apply([colony.closing(running)])
    assert isinstance(closed, errors.NotFound)
    assert await colony.drain(worker) == []
    assert await sqlite.counts(colony.colonyid) == []


async def test_a_file_that_is_opened_again_is_read_again(
    sqlite: SqliteStore, colony: HeldColony, worker: Worker
) -> None:
    await colony.drain(worker)
    waiting = await colony.submit()
    await sqlite.close()
    await sqlite.open()
    assert len(sqlite._kept) == 0
    assert await colony.drain(worker) == [waiting.processid]


async def test_what_is_remembered_is_bounded(
    sqlite: SqliteStore, colony: HeldColony, worker: Worker, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sqlite_kept, "MAX_PROCESSES", 10)
    monkeypatch.setattr(sqlite_kept, "MAX_LANES", 5)
    await sqlite.apply([colony.submission() for _ in range(50)])
    await sqlite.apply([colony.claiming(worker)] * 30)
    last = await sqlite.apply([colony.claiming(worker)] * 10)
    for _ in range(20):
        await colony.claim(a_worker("gpu"))
    assert len(sqlite._kept) == 10 + 5  # of those that wait all ten were taken, and those that run are the last ten
    assert [
        process for process in last if isinstance(process, Process) and sqlite._kept.find(process.processid)
    ] == last


async def test_what_is_remembered_is_bounded_in_bytes(colony: HeldColony, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sqlite_kept, "MAX_BYTES", 100_000)
    kept = Kept()
    stored = [
        Stored(await colony.run(a_worker(), args=["x"]), place=number, spec_size=10, size=size)
        for number, size in enumerate([1_500] * 70 + [2_000])
    ]
    for one in stored:
        kept.note(one)
    assert [kept.find(one.process.processid) for one in stored] == [*[None] * 4, *stored[4:70], None]
    for one in stored:
        kept.forget(one.process.processid)
    assert len(kept) == 0
