"""Claiming: in which order, out of which lanes, and never twice."""

from __future__ import annotations

import asyncio

import pytest

from broker.store.lanes import lanes_for
from colonies.wire.model import KEPT_ATTEMPTS, Attempt, Process, State
from tests.support.builders import HeldColony, Worker, a_worker, do, granted


async def test_an_empty_queue_gives_nothing(colony: HeldColony, worker: Worker) -> None:
    assert await colony.claim(worker) is None
    assert await colony.claim(worker, latest=True) is None


async def test_the_oldest_is_claimed_first(colony: HeldColony, worker: Worker) -> None:
    submitted = [await colony.submit() for _ in range(4)]
    assert await colony.drain(worker) == [process.processid for process in submitted]


async def test_what_came_in_one_batch_is_claimed_in_its_order(colony: HeldColony, worker: Worker) -> None:
    moves = [colony.submission() for _ in range(20)]
    await colony.store.apply(moves)
    assert await colony.drain(worker) == [move.process.processid for move in moves]


async def test_one_step_of_priority_is_worth_one_day(colony: HeldColony, worker: Worker) -> None:
    old_low = await colony.submit(priority=-1)
    old = await colony.submit()
    old_high = await colony.submit(priority=50_000)
    colony.now += 2 * 86_400_000
    new = await colony.submit()
    new_high = await colony.submit(priority=3)
    new_one = await colony.submit(priority=1)
    expected = [old_high, new_high, old, old_low, new_one, new]
    assert await colony.drain(worker) == [process.processid for process in expected]


async def test_the_latest_is_the_newest_whatever_its_priority(colony: HeldColony, worker: Worker) -> None:
    submitted = [await colony.submit(priority=priority) for priority in (5, 50_000, -50_000, 0)]
    newest_first = [process.processid for process in reversed(submitted)]
    assert await colony.drain(worker, latest=True) == newest_first


async def test_the_latest_is_looked_for_in_all_lanes(colony: HeldColony, worker: Worker) -> None:
    by_type = await colony.submit()
    by_id = await colony.submit(executortype="", executorids=(worker.executorid,))
    by_both = await colony.submit(executorids=(worker.executorid,))
    newest_by_type = await colony.submit()
    expected = [newest_by_type, by_both, by_id, by_type]
    assert await colony.drain(worker, latest=True) == [process.processid for process in expected]


async def test_the_oldest_is_looked_for_in_all_lanes(colony: HeldColony, worker: Worker) -> None:
    by_both = await colony.submit(executorids=(worker.executorid,))
    by_type = await colony.submit()
    by_id = await colony.submit(executortype="", executorids=(worker.executorid,))
    assert await colony.drain(worker) == [process.processid for process in (by_both, by_type, by_id)]


ME, OTHER = a_worker("cli"), a_worker("cli")


@pytest.mark.parametrize(
    ("executortype", "executorids", "is_mine"),
    [
        ("cli", (), True),
        ("gpu", (), False),
        ("CLI", (), False),
        ("", (ME.executorid,), True),
        ("", (OTHER.executorid,), False),
        ("", (OTHER.executorid, ME.executorid), True),
        ("cli", (ME.executorid,), True),
        ("cli", (ME.executorid, OTHER.executorid), True),
        ("gpu", (ME.executorid,), False),
        ("cli", (OTHER.executorid,), False),
    ],
)
async def test_only_who_meets_the_conditions_gets_it(
    colony: HeldColony, executortype: str, executorids: tuple[str, ...], is_mine: bool
) -> None:
    process = await colony.submit(executortype=executortype, executorids=executorids)
    assert await colony.drain(ME) == ([process.processid] if is_mine else [])


async def test_a_process_that_names_many_executors_is_given_to_one(colony: HeldColony) -> None:
    workers = [a_worker() for _ in range(64)]
    process = await colony.submit(executortype="", executorids=tuple(worker.executorid for worker in workers))
    taken = [await colony.claim(worker) for worker in reversed(workers)]
    assert [found.processid for found in taken if found] == [process.processid]
    assert taken[0] is not None


async def test_an_executor_named_twice_queues_once(colony: HeldColony, worker: Worker) -> None:
    process = await colony.submit(executorids=(worker.executorid, worker.executorid))
    assert await colony.drain(worker) == [process.processid]


async def test_nothing_is_claimed_out_of_another_colony(colony: HeldColony, worker: Worker) -> None:
    await colony.submit()
    await colony.submit(executortype="", executorids=(worker.executorid,))
    assert await HeldColony(store=colony.store, now=colony.now).claim(worker) is None


async def test_a_claim_counts_the_attempt_and_starts_the_clock(colony: HeldColony, worker: Worker) -> None:
    submitted = await colony.submit(maxexectime=2.5)
    colony.now += 100
    running = await colony.claim(worker)
    assert running is not None
    assert (running.state, running.assigneeid, running.attempt) == (State.RUNNING, worker.executorid, 1)
    assert (running.starttime, running.execdeadline) == (colony.now, colony.now + 2500)
    assert running.history == [Attempt(attempt=1, executorid=worker.executorid, start=colony.now)]
    assert (running.spec, running.submissiontime) == (submitted.spec, submitted.submissiontime)
    assert await colony.stored(running) == running


@pytest.mark.parametrize("latest", [False, True])
async def test_a_process_whose_wait_has_ended_is_passed_over(colony: HeldColony, worker: Worker, latest: bool) -> None:
    before = await colony.submit(maxwaittime=1)
    in_time = await colony.submit(maxwaittime=1.01)
    behind = await colony.submit(maxwaittime=0.9)
    colony.now = before.waitdeadline
    assert behind.waitdeadline < colony.now < in_time.waitdeadline
    assert await colony.drain(worker, latest=latest) == [in_time.processid]
    assert (await colony.stored(before)).state == State.WAITING


async def test_a_wait_holds_until_the_last_millisecond(colony: HeldColony, worker: Worker) -> None:
    process = await colony.submit(maxwaittime=1)
    colony.now = process.waitdeadline - 1
    assert await colony.drain(worker) == [process.processid]


async def test_peek_shows_what_a_claim_would_take_and_leaves_it(colony: HeldColony, worker: Worker) -> None:
    lanes = lanes_for(colony.colonyid, worker.executorid, worker.executortype)
    assert await colony.store.peek(lanes, colony.now) is None
    expired = await colony.submit(maxwaittime=0.001, priority=2)
    await colony.submit()
    first = await colony.submit(priority=1)
    colony.now = expired.waitdeadline
    assert await colony.store.peek(lanes, colony.now) == first
    assert await colony.store.peek(lanes, colony.now) == first
    running = await colony.claim(worker)
    assert running is not None
    assert running.processid == first.processid


async def test_fifty_claims_at_once_never_get_a_process_twice(colony: HeldColony) -> None:
    await colony.store.apply([colony.submission() for _ in range(30)])
    workers = [a_worker() for _ in range(50)]
    answers = await asyncio.gather(*(do(colony.store, colony.claiming(worker)) for worker in workers))
    taken = [process for process in answers if process]
    assert len(taken) == len({process.processid for process in taken}) == 30
    for worker, process in zip(workers, answers, strict=True):
        if process:
            assert process.assigneeid == worker.executorid
            assert await colony.stored(process) == process


async def test_claims_and_submissions_that_meet_lose_and_double_nothing(colony: HeldColony) -> None:
    workers = [a_worker() for _ in range(10)]
    submissions = [[colony.submission() for _ in range(5)] for _ in range(10)]

    async def submit_some(number: int) -> None:
        await colony.store.apply(submissions[number])

    async def claim_some(worker: Worker) -> list[Process]:
        answers = await colony.store.apply([colony.claiming(worker)] * 5)
        return [process for process in map(granted, answers) if process]

    results = await asyncio.gather(
        *(submit_some(number) for number in range(10)), *(claim_some(worker) for worker in workers)
    )
    early = [process.processid for result in results if result for process in result]
    late = await colony.drain(a_worker())
    everything = [move.process.processid for batch in submissions for move in batch]
    assert sorted(early + late) == sorted(everything)


async def test_claims_of_one_batch_get_different_processes(colony: HeldColony, worker: Worker) -> None:
    submitted = [await colony.submit() for _ in range(3)]
    answers = await colony.store.apply([colony.claiming(worker)] * 5)
    taken = [process.processid for process in map(granted, answers) if process]
    assert sorted(taken) == sorted(process.processid for process in submitted)


async def test_the_last_twenty_attempts_are_remembered(colony: HeldColony, worker: Worker) -> None:
    process = await colony.run(worker)
    for _ in range(KEPT_ATTEMPTS + 3):
        await colony.change(colony.handing_back(process))
        again = await colony.claim(worker)
        assert again is not None
        process = again
    stored = await colony.stored(process)
    assert [line.attempt for line in stored.history] == list(range(5, 25))
    assert stored.attempt == 24
