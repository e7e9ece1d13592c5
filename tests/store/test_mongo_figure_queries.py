"""What MongoDB does to keep the figures beside the processes and to read them, as its own profiler tells it."""

from __future__ import annotations

import pytest

from colonies.wire.model import Process, State
from colonies.wire.params import ProcessFilter
from tests.store.watched import BACKLOG, Watched, assert_by_index, examined
from tests.support.builders import HeldColony, Worker, a_worker, granted


@pytest.fixture
def colony(backlog: HeldColony) -> HeldColony:
    return backlog


async def test_counts_are_read_and_not_counted(watched: Watched, colony: HeldColony) -> None:
    with watched.profiled() as done:
        counts = await watched.store.counts(colony.colonyid)
    assert sum(count.number for count in counts) == 2 * BACKLOG
    assert_by_index(done)
    read, oldest = done
    assert read["docsExamined"] == 6  # three types in two states
    assert oldest["docsExamined"] <= 3  # the oldest that waits, of each type


@pytest.mark.parametrize(
    "wanted",
    [
        ProcessFilter(),
        ProcessFilter(state=State.WAITING),
        ProcessFilter(executortype="gpu"),
        ProcessFilter(state=State.FAILED, cause="no bulb"),
        ProcessFilter(cause="no bulb", executortype="cli", func="f0"),
    ],
    ids=["all", "state", "type", "cause", "group"],
)
async def test_a_total_is_read_from_figures_and_not_counted(
    watched: Watched, colony: HeldColony, wanted: ProcessFilter
) -> None:
    await _fail(colony, 2)  # f0 and f3
    with watched.profiled() as done:
        page = await watched.store.page(colony.colonyid, wanted, newest=True, limit=1, cursor="")
    assert page.total >= 1
    assert_by_index(done)
    assert examined(done) <= 9  # three types in three states


async def _fail(colony: HeldColony, number: int) -> list[Process]:
    """Let as many fail for one cause; whoever waits longest."""
    moves = [colony.claiming(a_worker()) for _ in range(number)]
    running = [granted(outcome) for outcome in await colony.store.apply(moves)]
    closing = [colony.closing(process, successful=False, errors=["no bulb"]) for process in running if process]
    return [granted(outcome).after for outcome in await colony.store.apply(closing)]


async def test_failures_are_read_from_groups_and_one_cause_from_its_own_index(
    watched: Watched, colony: HeldColony
) -> None:
    await _fail(colony, 40)
    wanted = ProcessFilter(state=State.FAILED, cause="no bulb")
    with watched.profiled() as done:
        assert await watched.store.failures(colony.colonyid, executortype=None, limit=5)
        assert await watched.store.failures(colony.colonyid, executortype="cli", limit=5)
        assert await watched.store.finished(colony.colonyid, since=0)
        page = await watched.store.page(colony.colonyid, wanted, newest=True, limit=10, cursor="")
        await watched.store.page(colony.colonyid, wanted, newest=True, limit=10, cursor=page.cursor)
    assert_by_index(done)
    assert page.total == 40
    assert examined(done) <= 12  # of the forty


async def test_one_group_is_found_among_all_that_failed_for_its_cause(watched: Watched, colony: HeldColony) -> None:
    await _fail(colony, 40)  # f0 to f4, of three types each
    wanted = ProcessFilter(cause="no bulb", executortype="cli", func="f0")
    with watched.profiled() as done:
        page = await watched.store.page(colony.colonyid, wanted, newest=True, limit=100, cursor="")
    assert_by_index(done)
    assert page.total == len(page.processes)
    assert examined(done) <= page.total < 10


async def test_what_an_executor_ran_is_found_by_an_index(watched: Watched, colony: HeldColony, worker: Worker) -> None:
    for _ in range(3):
        claimed = await colony.claim(worker)
        assert claimed
        await colony.close(claimed)
    wanted = ProcessFilter(assigneeid=worker.executorid)
    with watched.profiled() as done:
        page = await watched.store.page(colony.colonyid, wanted, newest=True, limit=10, cursor="")
    assert page.total == len(page.processes) == 3
    assert_by_index(done)
    assert examined(done) <= 4


async def test_what_an_executor_runs_now_is_found_among_that_alone(
    watched: Watched, colony: HeldColony, worker: Worker
) -> None:
    for _ in range(5):
        claimed = await colony.claim(worker)
        assert claimed
        await colony.close(claimed)
    running = await colony.claim(worker)
    assert running
    wanted = ProcessFilter(assigneeid=worker.executorid, state=State.RUNNING)
    with watched.profiled() as done:
        page = await watched.store.page(colony.colonyid, wanted, newest=True, limit=10, cursor="")
    assert page.processes == [running]
    assert examined(done) <= 2


async def test_figures_are_written_by_their_ids_in_a_few_writes(watched: Watched, colony: HeldColony) -> None:
    assert watched.store._keeper
    with watched.profiled(keeps_figures=True) as done:
        failed = await _fail(colony, 60)
        await watched.store._keeper.settle()
        await watched.store.apply([colony.removing(process) for process in failed[30:]])
        await watched.store._keeper.settle()
    assert_by_index(done)
    kept = [step for step in done if not step["ns"].endswith(".processes") and not step["ns"].endswith(".logs")]
    assert kept
    assert max(step.get("docsExamined", 0) for step in kept) <= 5  # one of each type
    assert len(kept) < 60


async def test_a_recount_walks_over_indexes_alone(watched: Watched, colony: HeldColony) -> None:
    await _fail(colony, 5)
    assert watched.store._keeper
    await watched.store._keeper.settle()
    with watched.profiled() as done:
        await watched.store._keeper._recount()
    counted = [step for step in done if step["ns"].endswith(".processes")]
    assert len(counted) == 2
    assert [step["docsExamined"] for step in counted] == [0, 0]
    assert_by_index(counted)
