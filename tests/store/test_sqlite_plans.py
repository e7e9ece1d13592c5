"""How SQLite goes about it: whatever grows with what lies there would be a scan or a sort."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from broker.store.moves import Move
from broker.store.sqlite import SqliteStore
from colonies.wire.model import State
from colonies.wire.params import ProcessFilter
from tests.support.builders import HeldColony, Worker, a_worker


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
            ProcessFilter(cause="c"),
            ProcessFilter(state=State.FAILED, executortype="cli", func="f", cause="c"),
            ProcessFilter(cause="c", assigneeid="a" * 64),
            ProcessFilter(assigneeid="a" * 64),
            ProcessFilter(state=State.FAILED, executortype="cli", assigneeid="a" * 64),
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


@pytest.mark.parametrize(
    ("wanted", "figures"),
    [
        (ProcessFilter(), "counts"),
        (ProcessFilter(state=State.FAILED), "counts"),
        (ProcessFilter(executortype="cli"), "counts"),
        (ProcessFilter(cause="c"), "failures"),
        (ProcessFilter(state=State.FAILED, executortype="cli", func="f", cause="c"), "failures"),
    ],
)
async def test_a_total_is_read_from_figures_and_not_counted(
    sqlite: SqliteStore, wanted: ProcessFilter, figures: str
) -> None:
    colony = HeldColony(store=sqlite)
    plans = await _plans(sqlite, lambda: sqlite.page(colony.colonyid, wanted, newest=True, limit=5, cursor=""))
    assert len(plans) == 2
    assert [plan for plan in plans if plan.startswith(f"SEARCH {figures} USING PRIMARY KEY (colonyid=?")]
    assert not [plan for plan in plans if _grows(plan)]


@pytest.mark.parametrize(
    ("wanted", "by"),
    [
        (ProcessFilter(executortype="rare"), "processes_any (colonyid=? AND executortype=?"),
        (
            ProcessFilter(state=State.FAILED, executortype="rare"),
            "processes_type (colonyid=? AND state=? AND executortype=?",
        ),
        (ProcessFilter(state=State.FAILED, cause="c"), "processes_cause (colonyid=? AND cause=?"),
        (ProcessFilter(cause="c", assigneeid="a" * 64), "processes_cause (colonyid=? AND cause=?"),
        (
            ProcessFilter(state=State.FAILED, executortype="cli", func="f", cause="c"),
            "processes_group (colonyid=? AND cause=? AND executortype=? AND func=?",
        ),
        (ProcessFilter(assigneeid="a" * 64), "processes_assignee (colonyid=? AND assigneeid=?"),
        (
            ProcessFilter(state=State.SUCCESSFUL, executortype="cli", assigneeid="a" * 64),
            "processes_assignee (colonyid=? AND assigneeid=?",
        ),
    ],
)
async def test_a_type_a_cause_and_an_assignee_are_each_a_range_of_an_index(
    sqlite: SqliteStore, wanted: ProcessFilter, by: str
) -> None:
    colony = HeldColony(store=sqlite)
    plans = await _plans(
        sqlite, lambda: sqlite.page(colony.colonyid, wanted, newest=True, limit=5, cursor="5.5.process-1")
    )
    assert plans == [f"SEARCH processes USING INDEX {by} AND (submitted,processid)<(?,?))"]


async def test_what_an_executor_runs_now_is_found_among_that_alone(sqlite: SqliteStore) -> None:
    colony = HeldColony(store=sqlite)
    wanted = ProcessFilter(state=State.RUNNING, executortype="cli", assigneeid="a" * 64)
    plans = await _plans(sqlite, lambda: sqlite.page(colony.colonyid, wanted, newest=True, limit=5, cursor=""))
    found = [plan for plan in plans if plan.startswith("SEARCH")]
    assert found == ["SEARCH processes USING INDEX processes_held (colonyid=? AND assigneeid=?)"] * 2


async def test_a_claim_is_a_probe_of_an_index(sqlite: SqliteStore, worker: Worker) -> None:
    colony = HeldColony(store=sqlite)
    for latest in (False, True):
        await colony.submit()
        plans = await _plans(sqlite, partial(colony.claim, worker, latest=latest))
        assert plans
        assert not [plan for plan in plans if _grows(plan)]


@pytest.mark.parametrize("number", [2, 40])
async def test_what_many_moves_of_a_batch_ask_together_is_a_probe_for_each(
    sqlite: SqliteStore, worker: Worker, number: int
) -> None:
    """With more than one row in a statement SQLite has other ways than with one, of which some walk over everything."""
    colony = HeldColony(store=sqlite)
    colony.now += 1
    first = [await colony.run(worker, latestkey=f"a{key}") for key in range(3 * number)]
    to_close, to_log, to_hand_back = (first[start::3] for start in range(3))
    over = [await colony.close(await colony.run(worker)) for _ in range(number)]
    waiting = [await colony.submit(latestkey=f"b{key}") for key in range(number)]
    sqlite._kept.clear()  # so that all of it is read
    batch: list[Move[Any]] = [colony.submission(latestkey=f"b{key}") for key in range(number)]
    batch += [colony.submission(processid=process.processid) for process in waiting]  # taken, which makes it look
    batch += [colony.closing(process, successful=False, errors=["no bulb"]) for process in to_close]
    batch += [colony.logging(process, "line") for process in to_log]
    batch += [colony.handing_back(process) for process in to_hand_back]
    batch += [colony.removing(process) for process in over]
    batch += [colony.claiming(a_worker(), latest=latest) for latest in (False, True) for _ in range(number)]
    plans = await _plans(sqlite, lambda: sqlite.apply(batch))
    assert len(plans) > 20
    assert not [plan for plan in plans if _grows(plan)]
    removed = [plan for plan in plans if "SEARCH lanes" in plan and "processid=?" in plan]
    assert removed == ["SEARCH lanes USING PRIMARY KEY (lane=? AND place=? AND processid=?)"]


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
        partial(sqlite.upcoming, 10),
        partial(sqlite.held, colony.colonyid, worker.executorid),
        partial(sqlite.running, colony.colonyid),
        partial(sqlite.counts, colony.colonyid),
        partial(sqlite.finished, colony.colonyid, since=1),
        partial(sqlite.failures, colony.colonyid, executortype=None, limit=5),
        partial(sqlite.failures, colony.colonyid, executortype="cli", limit=5),
        partial(sqlite.who, worker.executorid),
        partial(colony.submit, latestkey="lamp"),
        partial(colony.cancel, process),
    ):
        plans = await _plans(sqlite, act)
        assert plans
        assert not [plan for plan in plans if _grows(plan)], act


async def test_keeping_figures_costs_the_same_whatever_lies_there(sqlite: SqliteStore) -> None:
    colony = HeldColony(store=sqlite)
    running = [await colony.run(a_worker()) for _ in range(2)]
    for process in running:
        failing = partial(colony.close, process, successful=False, errors=["no bulb"])
        assert not [plan for plan in await _plans(sqlite, failing) if _grows(plan)]
    # The one that failed last goes, and the one before it has to be found.
    plans = await _plans(sqlite, lambda: sqlite.apply([colony.removing(running[1])]))
    assert [plan for plan in plans if "INDEX processes_failed (colonyid=? AND cause=?" in plan]
    assert not [plan for plan in plans if _grows(plan)]


def _grows(plan: str) -> bool:
    is_in_order = "INDEX processes_due" in plan  # walked from its beginning, and left after the first rows
    is_of_batch = plan.startswith("SCAN batch") or plan.endswith(("CONSTANT ROW", "CONSTANT ROWS"))  # what was asked
    return "TEMP B-TREE" in plan or (plan.startswith("SCAN") and not (is_in_order or is_of_batch))
