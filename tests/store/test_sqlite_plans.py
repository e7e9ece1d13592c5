"""How SQLite goes about it: whatever grows with what lies there would be a scan or a sort."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable
from functools import partial
from pathlib import Path

import pytest

from broker.store.sqlite import SqliteStore
from colonies.wire.messages import ProcessFilter
from colonies.wire.model import State
from tests.support.builders import HeldColony, Worker


@pytest.fixture
async def sqlite(tmp_path: Path) -> AsyncIterator[SqliteStore]:
    store = SqliteStore(tmp_path / "broker.db")
    await store.open()
    yield store
    await store.close()


@pytest.mark.parametrize(
    ("wanted", "newest"),
    [
        (wanted, newest)
        for newest in (True, False)
        for wanted in (
            ProcessFilter(),
            ProcessFilter(state=State.FAILED),
            ProcessFilter(state=State.FAILED, executortype="cli"),
            ProcessFilter(state=State.FAILED, since=1, before=2),
            ProcessFilter(func="f", text="x"),
        )
    ],
)
async def test_a_page_is_read_in_the_order_of_an_index(
    sqlite: SqliteStore, wanted: ProcessFilter, newest: bool
) -> None:
    """However much lies there, a page costs what is on it: nothing is sorted, nothing is walked past a cursor."""
    colony = HeldColony(store=sqlite)
    plans = await _plans(
        sqlite, lambda: sqlite.page(colony.colonyid, wanted, newest=newest, limit=5, cursor="5.5.process-1")
    )
    assert plans
    assert not [plan for plan in plans if _grows(plan)]


async def test_a_claim_is_a_probe_of_an_index(sqlite: SqliteStore, worker: Worker) -> None:
    colony = HeldColony(store=sqlite)
    for latest in (False, True):
        await colony.submit()
        plans = await _plans(sqlite, partial(colony.claim, worker, latest=latest))
        assert plans
        assert not [plan for plan in plans if _grows(plan)]


async def _plans(sqlite: SqliteStore, act: Callable[[], Awaitable[object]]) -> list[str]:
    """How SQLite goes about each statement of `act`."""
    statements: list[str] = []
    threads = [sqlite._writer, sqlite._lister, sqlite._reader]
    for thread in threads:
        assert thread is not None
        await thread.run(lambda db: db.set_trace_callback(statements.append))
    await act()
    for thread in threads:
        assert thread is not None
        await thread.run(lambda db: db.set_trace_callback(None))
    wanted = [text for text in statements if text.lstrip().startswith(("SELECT", "UPDATE", "DELETE"))]
    assert threads[0] is not None
    return await threads[0].run(
        lambda db: [row[3] for text in wanted for row in db.execute(f"EXPLAIN QUERY PLAN {text}").fetchall()]
    )


async def test_what_the_broker_asks_again_and_again_is_a_probe_of_an_index(sqlite: SqliteStore, worker: Worker) -> None:
    colony = HeldColony(store=sqlite)
    process = await colony.submit(latestkey="lamp", maxwaittime=1)
    lanes = colony.claiming(worker).lanes
    for act in (
        partial(sqlite.peek, lanes, colony.now),
        partial(sqlite.due, colony.now, 10),
        sqlite.next_due,
        partial(sqlite.held, colony.colonyid, worker.executorid),
        partial(sqlite.running, colony.colonyid),
        partial(sqlite.counts, colony.colonyid),
        partial(sqlite.who, worker.executorid),
        partial(colony.submit, latestkey="lamp"),
        partial(colony.cancel, process),
    ):
        plans = await _plans(sqlite, act)
        assert plans
        assert not [plan for plan in plans if _grows(plan)], act


def _grows(plan: str) -> bool:
    is_in_order = "INDEX processes_due" in plan  # walked from its beginning, and left after the first rows
    return "TEMP B-TREE" in plan or (plan.startswith("SCAN") and not is_in_order)
