"""Counting: how much there is, who runs what, how many stand before."""

from __future__ import annotations

from broker.store.base import LaneCount
from colonies.wire.model import Process, State
from tests.support.builders import HeldColony, Worker, a_worker, do


async def _counts(colony: HeldColony) -> set[LaneCount]:
    return set(await colony.store.counts(colony.colonyid))


async def test_counts_follow_every_move(colony: HeldColony, worker: Worker) -> None:
    assert await _counts(colony) == set()
    first = await colony.submit()
    second = await colony.submit()
    assert await _counts(colony) == {LaneCount("cli", State.WAITING, 2, first.submissiontime)}
    running = await colony.claim(worker)
    assert running is not None
    assert await _counts(colony) == {
        LaneCount("cli", State.WAITING, 1, second.submissiontime),
        LaneCount("cli", State.RUNNING, 1, 0),
    }
    await colony.change(colony.handing_back(running))
    assert await _counts(colony) == {LaneCount("cli", State.WAITING, 2, first.submissiontime)}
    await colony.close(await _claimed(colony, worker))
    await colony.close(await _claimed(colony, worker), successful=False)
    await colony.cancel(await colony.submit())
    assert await _counts(colony) == {
        LaneCount("cli", State.SUCCESSFUL, 1, 0),
        LaneCount("cli", State.FAILED, 1, 0),
        LaneCount("cli", State.CANCELLED, 1, 0),
    }
    await do(colony.store, colony.removing(first))
    assert await _counts(colony) == {
        LaneCount("cli", State.FAILED, 1, 0),
        LaneCount("cli", State.CANCELLED, 1, 0),
    }


async def _claimed(colony: HeldColony, worker: Worker) -> Process:
    process = await colony.claim(worker)
    assert process is not None
    return process


async def test_counts_are_by_type_and_named_executors_alone_have_none(colony: HeldColony, worker: Worker) -> None:
    cli = await colony.submit(priority=-3)
    lamp = await colony.submit(executortype="lamp", executorids=(worker.executorid,))
    await colony.submit(executortype="lamp", priority=50)
    named = await colony.submit(executortype="", executorids=(worker.executorid, a_worker().executorid))
    await HeldColony(store=colony.store).submit()
    assert await _counts(colony) == {
        LaneCount("cli", State.WAITING, 1, cli.submissiontime),
        LaneCount("lamp", State.WAITING, 2, lamp.submissiontime),
        LaneCount("", State.WAITING, 1, named.submissiontime),
    }


async def test_superseding_is_counted(colony: HeldColony, worker: Worker) -> None:
    await colony.submit(latestkey="lamp")
    newer = await colony.submit(latestkey="lamp")
    assert await _counts(colony) == {
        LaneCount("cli", State.WAITING, 1, newer.submissiontime),
        LaneCount("cli", State.CANCELLED, 1, 0),
    }


async def test_a_refused_or_repeated_move_is_not_counted(colony: HeldColony, worker: Worker) -> None:
    running = await colony.run(worker)
    move = colony.submission()
    await colony.store.apply([move, move, colony.removing(running), colony.closing(running, attempt=7)])
    assert await _counts(colony) == {
        LaneCount("cli", State.WAITING, 1, move.process.submissiontime),
        LaneCount("cli", State.RUNNING, 1, 0),
    }


async def test_what_an_executor_runs_is_held_by_it(colony: HeldColony, worker: Worker) -> None:
    other = a_worker()
    mine = [await colony.run(worker) for _ in range(2)]
    theirs = await colony.run(other)
    await colony.close(await colony.run(worker))
    await colony.submit()
    held = await colony.store.held(colony.colonyid, worker.executorid)
    assert sorted(held, key=lambda process: process.submissiontime) == mine
    assert await colony.store.held(colony.colonyid, other.executorid) == [theirs]
    assert await colony.store.held(HeldColony(store=colony.store).colonyid, worker.executorid) == []
    assert await colony.store.running(colony.colonyid) == {worker.executorid: 2, other.executorid: 1}


async def test_ahead_counts_who_stands_before_it_in_its_lane(colony: HeldColony, worker: Worker) -> None:
    first = await colony.submit()
    second = await colony.submit()
    third = await colony.submit(priority=1)
    await colony.submit(executortype="gpu")
    await HeldColony(store=colony.store).submit()
    ahead = [await colony.store.ahead(process) for process in (third, first, second)]
    assert ahead == [0, 1, 2]
    await colony.claim(worker)
    assert await colony.store.ahead(second) == 1


async def test_ahead_counts_each_once_over_several_lanes(colony: HeldColony) -> None:
    one, two, three = (a_worker() for _ in range(3))
    await colony.submit(executorids=(one.executorid, two.executorid))
    await colony.submit(executorids=(one.executorid,))
    await colony.submit(executorids=(three.executorid,))
    await colony.submit(executortype="", executorids=(one.executorid,))
    both = await colony.submit(executorids=(two.executorid, one.executorid))
    assert await colony.store.ahead(both) == 2


async def test_nobody_stands_before_what_does_not_wait(colony: HeldColony, worker: Worker) -> None:
    await colony.submit(priority=-1)
    running = await colony.run(worker)
    assert await colony.store.ahead(running) == 0


async def test_a_type_may_have_any_character_in_its_name(colony: HeldColony) -> None:
    kind = "any\x00thing"
    first, second = await colony.submit(executortype=kind), await colony.submit(executortype=kind)
    await colony.submit(executortype="any")
    assert await colony.store.ahead(second) == 1
    claimed = await colony.claim(a_worker(kind))
    assert claimed is not None
    assert claimed.processid == first.processid
    assert await colony.drain(a_worker(kind)) == [second.processid]
