"""Files of version 1 are brought on when they are opened, and everything is found in them."""

from __future__ import annotations

import logging
import sqlite3
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from broker.store.base import SCHEMA_VERSION, SLOT_MS, Finished, LaneCount
from broker.store.sqlite import SqliteStore
from colonies.wire import errors
from colonies.wire.figures import FailureGroup
from colonies.wire.model import Process, State
from colonies.wire.params import ProcessFilter
from tests.store.sqlite_version_1 import VERSION_1
from tests.support.builders import HeldColony, Worker, a_worker


@pytest.fixture
async def made(tmp_path: Path, worker: Worker) -> tuple[HeldColony, list[Process]]:
    """A colony in a file of today, and its processes: what waits and runs, and five that ended."""
    store = SqliteStore(tmp_path / "today.db")
    await store.open()
    colony = HeldColony(store=store)
    ended = [await colony.close(await colony.run(worker))]
    for error, func in (("no bulb in 1", "turn_on"), ("no bulb in 2", "turn_on"), ("no bulb in 3", "turn_off")):
        colony.now += SLOT_MS
        running = await colony.run(worker, func=func)
        ended.append(await colony.close(running, successful=False, errors=[error]))
    ended.append(await colony.cancel(await colony.submit()))
    running = await colony.run(a_worker(), maxexectime=9)
    waiting = await colony.submit(latestkey="lamp")
    await store.close()
    return colony, [*ended, running, waiting]


@pytest.fixture
def old(tmp_path: Path, made: tuple[HeldColony, list[Process]]) -> Path:
    """The same processes in a file as version 1 made it, with its triggers keeping the counts."""
    path = tmp_path / "old.db"
    db = sqlite3.connect(path, isolation_level=None)
    db.executescript(VERSION_1)
    db.execute("ATTACH ? AS today", (str(tmp_path / "today.db"),))
    tables = db.execute(
        "SELECT name FROM main.sqlite_master WHERE type = 'table' AND name NOT IN ('counts')"
    ).fetchall()
    for (table,) in tables:
        columns = ", ".join(row[1] for row in db.execute(f"PRAGMA main.table_info({table})"))
        db.execute(f"INSERT INTO main.{table} ({columns}) SELECT {columns} FROM today.{table}")
    db.close()
    return path


@pytest.fixture
async def brought_on(old: Path, made: tuple[HeldColony, list[Process]]) -> AsyncIterator[HeldColony]:
    colony, _ = made
    colony.store = SqliteStore(old)
    await colony.store.open()
    yield colony
    await colony.store.close()


async def test_processes_and_figures_are_found(
    brought_on: HeldColony, made: tuple[HeldColony, list[Process]], worker: Worker
) -> None:
    colony, (successful, first, last, off, cancelled, running, waiting) = brought_on, made[1]
    page = await colony.store.page(colony.colonyid, ProcessFilter(), newest=False, limit=10, cursor="")
    assert page.processes == [successful, first, last, off, cancelled, running, waiting]
    assert page.total == 7
    assert set(await colony.store.counts(colony.colonyid)) == {
        LaneCount("cli", State.WAITING, 1, waiting.submissiontime),
        LaneCount("cli", State.RUNNING, 1, 0),
        LaneCount("cli", State.SUCCESSFUL, 1, 0),
        LaneCount("cli", State.FAILED, 3, 0),
        LaneCount("cli", State.CANCELLED, 1, 0),
    }
    assert await colony.store.failures(colony.colonyid, executortype=None, limit=9) == [
        _group("turn_off", 1, off, off),
        _group("turn_on", 2, first, last),
    ]
    slots = await colony.store.finished(colony.colonyid, since=0)
    assert {(slot.state, slot.time, slot.number) for slot in slots} == {
        (process.state, process.endtime // SLOT_MS * SLOT_MS, 1) for process in (successful, first, last, off)
    }


def _group(func: str, number: int, first: Process, last: Process) -> FailureGroup:
    return FailureGroup(
        executortype="cli",
        func=func,
        cause="no bulb in #",
        number=number,
        first=first.endtime,
        last=last.endtime,
        processid=last.processid,
    )


async def test_listings_by_cause_and_assignee_find_what_was_there(
    brought_on: HeldColony, made: tuple[HeldColony, list[Process]], worker: Worker
) -> None:
    colony, (successful, first, last, off, *_) = brought_on, made[1]
    for wanted, found in (
        (ProcessFilter(cause="no bulb in #"), [first, last, off]),
        (ProcessFilter(cause="no bulb in #", func="turn_off"), [off]),
        (ProcessFilter(assigneeid=worker.executorid), [successful, first, last, off]),
    ):
        page = await colony.store.page(colony.colonyid, wanted, newest=False, limit=9, cursor="")
        assert (page.processes, page.total) == (found, len(found))


async def test_moves_go_on_and_are_counted_once(brought_on: HeldColony, made: tuple[HeldColony, list[Process]]) -> None:
    colony, running = brought_on, made[1][5]
    failed = await colony.close(running, successful=False, errors=["no bulb in 9"])
    await colony.submit()
    numbers = {count.state: count.number for count in await colony.store.counts(colony.colonyid)}
    assert numbers == {State.WAITING: 2, State.SUCCESSFUL: 1, State.FAILED: 4, State.CANCELLED: 1}
    groups = await colony.store.failures(colony.colonyid, executortype="cli", limit=1)
    assert [(group.func, group.number, group.processid) for group in groups] == [("sleep", 1, failed.processid)]
    slot = Finished("cli", State.FAILED, failed.endtime // SLOT_MS * SLOT_MS, 2)
    assert slot in await colony.store.finished(colony.colonyid, since=slot.time)


def _schema(path: Path) -> dict[str, str]:
    db = sqlite3.connect(path)
    try:
        assert db.execute("PRAGMA user_version").fetchone() == (SCHEMA_VERSION,)
        assert db.execute("PRAGMA integrity_check").fetchone() == ("ok",)
        found = db.execute("SELECT name, sql FROM sqlite_master WHERE sql IS NOT NULL AND name != 'processes'")
        return dict(found.fetchall())
    finally:
        db.close()


async def test_it_ends_as_a_file_of_today_but_for_the_place_of_a_column(
    brought_on: HeldColony, old: Path, tmp_path: Path
) -> None:
    await brought_on.store.close()
    assert _schema(old) == _schema(tmp_path / "today.db")


def _dump(path: Path) -> list[str]:
    db = sqlite3.connect(path)
    try:
        return [*db.iterdump(), str(db.execute("PRAGMA user_version").fetchone())]
    finally:
        db.close()


async def test_a_file_that_cannot_be_brought_on_is_still_what_it_was(
    old: Path, made: tuple[HeldColony, list[Process]]
) -> None:
    db = sqlite3.connect(old, isolation_level=None)
    db.execute("UPDATE processes SET errors = x'FF' WHERE processid = ?", (made[1][3].processid,))
    db.close()
    before = _dump(old)
    with pytest.raises(errors.Unavailable, match="cannot be used"):
        await SqliteStore(old).open()
    assert _dump(old) == before


async def test_it_is_said_in_the_log(old: Path, caplog: pytest.LogCaptureFixture) -> None:
    store = SqliteStore(old)
    with caplog.at_level(logging.INFO):
        await store.open()
    await store.close()
    assert "bringing the file of an older version on" in caplog.text
    caplog.clear()
    with caplog.at_level(logging.INFO):
        await store.open()
    await store.close()
    assert caplog.text == ""


async def test_a_file_that_lacks_an_index_gets_it_when_it_is_opened(tmp_path: Path, worker: Worker) -> None:
    path = tmp_path / "broker.db"
    store = SqliteStore(path)
    await store.open()
    colony = HeldColony(store=store)
    failed = await colony.close(await colony.run(worker, func="turn_on"), successful=False, errors=["no bulb"])
    await store.close()
    db = sqlite3.connect(path)
    made = indexes_of(db)
    for index in ("processes_any", "processes_cause", "processes_group", "processes_assignee", "processes_failed"):
        db.execute(f"DROP INDEX {index}")
    db.close()
    await store.open()
    group = ProcessFilter(
        cause="no bulb", executortype=failed.spec.conditions.executortype, func="turn_on", state=State.FAILED
    )
    page = await store.page(colony.colonyid, group, newest=True, limit=10, cursor="")
    await store.close()
    assert page.processes == [failed]
    assert indexes_of(sqlite3.connect(path)) == made


def indexes_of(db: sqlite3.Connection) -> list[tuple[str, str]]:
    return db.execute("SELECT name, sql FROM sqlite_master WHERE type = 'index' ORDER BY name").fetchall()
