"""What MongoDB does for each question of the store, as its own profiler tells it.

The database holds a backlog; whatever the store asks for must be found through an index, in
order, at a cost that does not grow with what lies there.
"""

from __future__ import annotations

import asyncio

import pytest

from broker.store.lanes import lanes_for
from broker.store.moves import AddColony, AddExecutor, Seen
from colonies.wire.model import Colony, Executor, State
from colonies.wire.params import ProcessFilter
from tests.store.watched import BACKLOG, Watched, assert_by_index, examined
from tests.support.builders import HeldColony, Worker, a_worker, do, granted


@pytest.fixture
def colony(backlog: HeldColony) -> HeldColony:
    return backlog


async def test_a_claim_costs_the_same_whatever_waits(watched: Watched, colony: HeldColony, worker: Worker) -> None:
    with watched.profiled() as done:
        assert await do(watched.store, colony.claiming(worker))
        assert await do(watched.store, colony.claiming(worker, latest=True))
        assert await watched.store.peek(lanes_for(colony.colonyid, worker.executorid, "cli"), colony.now)
    assert_by_index(done)
    assert examined(done) <= 4  # one probe a lane, and one step beyond the one that is taken


async def test_fifty_claims_of_different_executors_are_one_look_at_each_kind_of_lane(
    watched: Watched, colony: HeldColony
) -> None:
    workers = [a_worker() for _ in range(50)]
    with watched.profiled() as done:
        outcomes = await watched.store.apply([colony.claiming(worker) for worker in workers])
    assert len({granted(outcome).processid for outcome in outcomes}) == 50
    assert_by_index(done)
    assert [step["op"] for step in done].count("query") == 2
    assert examined(done) <= 3 * 50 + 1


async def test_batches_of_one_broker_do_not_reach_for_the_same_process(watched: Watched, colony: HeldColony) -> None:
    batches = [[colony.claiming(a_worker()) for _ in range(20)] for _ in range(4)]
    with watched.profiled() as done:
        await asyncio.gather(*(watched.store.apply(batch) for batch in batches))
    # Each was written, and not one in vain.
    written = [(step["nMatched"], step["nModified"]) for step in done if step["op"] == "update"]
    assert all(matched == modified for matched, modified in written)
    assert sum(modified for _, modified in written) == 80


async def test_moves_on_processes_are_found_by_their_ids(watched: Watched, colony: HeldColony, worker: Worker) -> None:
    claimed = await do(watched.store, colony.claiming(worker))
    assert claimed
    again = colony.submission(latestkey="lamp")
    with watched.profiled() as done:
        await do(watched.store, colony.logging(claimed, "hello"))
        closed = await do(watched.store, colony.closing(claimed))
        await do(watched.store, again)
        await do(watched.store, colony.submission(latestkey="lamp"))
        await watched.store.logs(claimed.processid, since=0, limit=10)
        await do(watched.store, colony.removing(closed.after))
    assert_by_index(done)
    assert examined(done) <= 3


async def test_limits_that_end_are_found_by_an_index(watched: Watched, colony: HeldColony) -> None:
    with watched.profiled() as done:
        assert len(await watched.store.upcoming(10)) == 10
    assert_by_index(done)
    assert examined(done) <= 11


async def test_what_executors_run_is_found_and_counted_by_an_index(
    watched: Watched, colony: HeldColony, worker: Worker
) -> None:
    await do(watched.store, colony.claiming(worker))
    with watched.profiled() as done:
        assert await watched.store.running(colony.colonyid) == {worker.executorid: 1}
        assert len(await watched.store.held(colony.colonyid, worker.executorid)) == 1
    assert_by_index(done)
    assert examined(done) <= 2


async def test_those_ahead_are_counted_in_an_index_without_the_processes(watched: Watched, colony: HeldColony) -> None:
    last = (await do(watched.store, colony.submission())).process
    with watched.profiled() as done:
        assert await watched.store.ahead(last) == BACKLOG // 3
    assert_by_index(done)
    assert max(step["docsExamined"] for step in done) <= 1


@pytest.mark.parametrize("newest", [True, False])
@pytest.mark.parametrize(
    "wanted",
    [
        ProcessFilter(),
        ProcessFilter(state=State.WAITING),
        ProcessFilter(executortype="gpu"),
        ProcessFilter(state=State.CANCELLED, executortype="gpu"),
        ProcessFilter(since=HeldColony.now, before=HeldColony.now + 300),
        ProcessFilter(func="f1", label="", text="X"),
    ],
    ids=["all", "state", "type", "state and type", "time", "text"],
)
async def test_a_page_comes_out_of_an_index_in_order(
    watched: Watched, colony: HeldColony, wanted: ProcessFilter, newest: bool
) -> None:
    with watched.profiled() as done:
        page = await watched.store.page(colony.colonyid, wanted, newest=newest, limit=20, cursor="")
        more = await watched.store.page(colony.colonyid, wanted, newest=newest, limit=20, cursor=page.cursor)
    assert len(page.processes) == len(more.processes) == 20
    assert_by_index(done)


async def test_a_page_behind_a_cursor_does_not_walk_over_those_before(watched: Watched, colony: HeldColony) -> None:
    cursor = (await watched.store.page(colony.colonyid, ProcessFilter(), newest=True, limit=500, cursor="")).cursor
    with watched.profiled() as done:
        await watched.store.page(colony.colonyid, ProcessFilter(), newest=True, limit=20, cursor=cursor)
    assert examined(done) <= 22


async def test_members_are_found_by_an_index(watched: Watched, colony: HeldColony) -> None:
    mine = Colony(colonyid=colony.colonyid, name="mine")
    executor = Executor(executorid="e" * 64, executorname="one", executortype="cli", colonyid=colony.colonyid)
    with watched.profiled() as done:
        await do(watched.store, AddColony(colony=mine))
        await do(watched.store, AddExecutor(executor=executor))
        await do(watched.store, Seen(executorid=executor.executorid, time=1))
        await watched.store.who(executor.executorid)
        assert len(await watched.store.executors(colony.colonyid)) == 1
        assert await watched.store.users(colony.colonyid) == []
        assert await watched.store.functions(colony.colonyid) == []
        assert await watched.store.colonies() == [mine]
    assert_by_index(done)
