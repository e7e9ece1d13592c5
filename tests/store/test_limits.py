"""What the broker does by itself: runs and waits that end, and work that goes back to the queue."""

from __future__ import annotations

import pytest

from broker.store.base import Due, Store
from broker.store.moves import Changed
from colonies.wire.model import State
from tests.support.builders import HeldColony, Worker, a_worker


async def test_a_run_that_took_too_long_goes_back_to_the_queue(colony: HeldColony, worker: Worker) -> None:
    running = await colony.run(worker, maxexectime=5, maxretries=3)
    colony.now = running.execdeadline
    changed = await colony.change(colony.overrunning(running))
    requeued = changed.after
    assert changed.before == running
    assert (requeued.state, requeued.retries, requeued.attempt) == (State.WAITING, 1, 1)
    assert (requeued.assigneeid, requeued.execdeadline, requeued.starttime) == ("", 0, 0)
    assert (requeued.history[-1].ended, requeued.history[-1].end) == ("overrun", colony.now)
    assert await colony.stored(running) == requeued
    again = await colony.claim(a_worker())
    assert again is not None
    assert (again.processid, again.attempt) == (running.processid, 2)


async def test_once_the_retries_are_used_up_it_fails(colony: HeldColony, worker: Worker) -> None:
    running = await colony.run(worker, maxexectime=5, maxretries=2)
    for _ in range(2):
        colony.now = running.execdeadline
        await colony.change(colony.overrunning(running))
        again = await colony.claim(worker)
        assert again is not None
        running = again
    colony.now = running.execdeadline
    failed = (await colony.change(colony.overrunning(running))).after
    assert (failed.state, failed.endtime) == (State.FAILED, colony.now)
    assert failed.errors == ["maxexectime 5 s exceeded, 2 retries used up"]
    assert await colony.stored(failed) == failed
    assert await colony.claim(worker) is None


async def test_without_retries_the_first_overrun_fails(colony: HeldColony, worker: Worker) -> None:
    running = await colony.run(worker, maxexectime=0.25)
    colony.now = running.execdeadline
    failed = (await colony.change(colony.overrunning(running))).after
    assert failed.errors == ["maxexectime 0.25 s exceeded, 0 retries used up"]


async def test_minus_one_retries_without_end(colony: HeldColony, worker: Worker) -> None:
    running = await colony.run(worker, maxexectime=1, maxretries=-1)
    for _ in range(12):
        colony.now = running.execdeadline
        assert (await colony.change(colony.overrunning(running))).after.state == State.WAITING
        again = await colony.claim(worker)
        assert again is not None
        running = again
    assert running.retries == 12


async def test_an_overrun_is_applied_once(colony: HeldColony, worker: Worker) -> None:
    running = await colony.run(worker, maxexectime=5, maxretries=3)
    colony.now = running.execdeadline
    first = await colony.change(colony.overrunning(running))
    second = await colony.change(colony.overrunning(running))
    assert second == Changed(first.after, first.after)
    again = await colony.claim(worker)
    assert again is not None
    colony.now = again.execdeadline
    assert (await colony.change(colony.overrunning(running))).after == again


async def test_a_run_with_time_left_is_not_ended(colony: HeldColony, worker: Worker) -> None:
    running = await colony.run(worker, maxexectime=5)
    colony.now = running.execdeadline - 1
    assert await colony.change(colony.overrunning(running)) == Changed(running, running)


async def test_a_run_without_limit_is_never_ended(colony: HeldColony, worker: Worker) -> None:
    running = await colony.run(worker, maxexectime=0)
    colony.now += 10**12
    assert await colony.change(colony.overrunning(running)) == Changed(running, running)


async def test_what_goes_back_keeps_its_place(colony: HeldColony, worker: Worker) -> None:
    first = await colony.run(worker, maxexectime=1, maxretries=1)
    behind = await colony.submit()
    colony.now = first.execdeadline
    await colony.change(colony.overrunning(first))
    assert await colony.drain(worker) == [first.processid, behind.processid]


async def test_what_goes_back_keeps_its_age_for_the_latest(colony: HeldColony, worker: Worker) -> None:
    first = await colony.run(worker)
    behind = await colony.submit()
    await colony.change(colony.handing_back(first))
    assert await colony.drain(worker, latest=True) == [behind.processid, first.processid]


async def test_what_goes_back_waits_in_all_its_lanes_again(colony: HeldColony) -> None:
    workers = [a_worker() for _ in range(3)]
    named = await colony.run(workers[0], executorids=tuple(worker.executorid for worker in workers))
    await colony.change(colony.handing_back(named))
    assert await colony.drain(workers[2]) == [named.processid]
    assert await colony.claim(workers[1]) is None


async def test_a_wait_that_took_too_long_fails(colony: HeldColony, worker: Worker) -> None:
    waiting = await colony.submit(maxwaittime=10)
    colony.now = waiting.waitdeadline
    changed = await colony.change(colony.ending_the_wait(waiting))
    failed = changed.after
    assert changed.before == waiting
    assert (failed.state, failed.endtime, failed.errors) == (
        State.FAILED,
        colony.now,
        ["maxwaittime 10 s exceeded"],
    )
    assert await colony.stored(waiting) == failed
    colony.now = waiting.waitdeadline - 1
    assert await colony.claim(worker) is None


async def test_a_wait_with_time_left_is_not_ended(colony: HeldColony) -> None:
    waiting = await colony.submit(maxwaittime=10)
    colony.now = waiting.waitdeadline - 1
    assert await colony.change(colony.ending_the_wait(waiting)) == Changed(waiting, waiting)


async def test_what_runs_is_not_ended_for_its_wait(colony: HeldColony, worker: Worker) -> None:
    running = await colony.run(worker, maxwaittime=10)
    colony.now = running.waitdeadline + 1
    assert await colony.change(colony.ending_the_wait(running)) == Changed(running, running)


async def test_the_wait_is_renewed_when_it_goes_back(colony: HeldColony, worker: Worker) -> None:
    running = await colony.run(worker, maxwaittime=10)
    colony.now += 9_000
    requeued = (await colony.change(colony.handing_back(running))).after
    assert requeued.waitdeadline == colony.now + 10_000
    colony.now += 9_999
    assert await colony.drain(worker) == [running.processid]


async def test_handing_back_uses_up_no_retry(colony: HeldColony, worker: Worker) -> None:
    running = await colony.run(worker, maxexectime=5)
    requeued = (await colony.change(colony.handing_back(running, attempt=1))).after
    assert (requeued.state, requeued.retries, requeued.history[-1].ended) == (State.WAITING, 0, "handed_back")
    assert await colony.stored(running) == requeued


@pytest.mark.parametrize("who", ["another executor", "another attempt"])
async def test_handing_back_what_is_not_held_does_nothing(colony: HeldColony, worker: Worker, who: str) -> None:
    running = await colony.run(worker)
    if who == "another executor":
        move = colony.handing_back(running, by=a_worker().executorid)
    else:
        move = colony.handing_back(running, attempt=2)
    assert await colony.change(move) == Changed(running, running)
    assert await colony.stored(running) == running


async def test_handing_back_what_has_ended_does_nothing(colony: HeldColony, worker: Worker) -> None:
    running = await colony.run(worker)
    closed = await colony.close(running)
    assert await colony.change(colony.handing_back(running)) == Changed(closed, closed)


async def test_what_falls_due_is_listed_in_that_order(empty_store: Store, worker: Worker) -> None:
    colony = HeldColony(store=empty_store)
    runs = await colony.run(worker, maxexectime=3, maxwaittime=99)
    waits = await colony.submit(maxwaittime=2)
    later = await colony.submit(maxwaittime=50)
    await colony.submit()
    elsewhere = HeldColony(store=empty_store)
    first = await elsewhere.submit(maxwaittime=1)
    expected = [
        Due(elsewhere.colonyid, first.processid, State.WAITING, 0, first.waitdeadline),
        Due(colony.colonyid, waits.processid, State.WAITING, 0, waits.waitdeadline),
        Due(colony.colonyid, runs.processid, State.RUNNING, 1, runs.execdeadline),
    ]
    assert await empty_store.upcoming(3) == expected
    assert await empty_store.upcoming(2) == expected[:2]
    assert await empty_store.upcoming(10) == [
        *expected,
        Due(colony.colonyid, later.processid, State.WAITING, 0, later.waitdeadline),
    ]


async def test_what_falls_due_next_follows_what_happens(empty_store: Store, worker: Worker) -> None:
    async def times() -> list[int]:
        return [due.time for due in await empty_store.upcoming(10)]

    colony = HeldColony(store=empty_store)
    assert await times() == []
    await colony.submit()
    assert await times() == []
    process = await colony.submit(priority=1, maxwaittime=10, maxexectime=30, maxretries=1)
    assert await times() == [process.waitdeadline]
    running = await colony.claim(worker)
    assert running is not None
    assert await times() == [running.execdeadline]
    colony.now = running.execdeadline
    requeued = (await colony.change(colony.overrunning(running))).after
    assert await times() == [requeued.waitdeadline]
    await colony.cancel(running)
    assert await times() == []


async def test_what_was_due_is_due_no_longer_once_it_is_applied(empty_store: Store) -> None:
    colony = HeldColony(store=empty_store)
    moves = [colony.submission(maxwaittime=1) for _ in range(5)]
    await empty_store.apply(moves)
    colony.now += 5_000
    await empty_store.apply([colony.ending_the_wait(move.process) for move in moves[:3]])
    due = await empty_store.upcoming(10)
    assert [item.processid for item in due] == [move.process.processid for move in moves[3:]]
