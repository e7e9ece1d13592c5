"""Cancelling, removing, and the log that goes with a process."""

from __future__ import annotations

import pytest

from broker.store.base import PAGE_BYTES
from broker.store.moves import Changed
from colonies.wire import errors
from colonies.wire.model import MAX_LOG_LINES, Log, State
from tests.support.builders import HeldColony, Worker, a_worker, an_id, do


async def test_what_waits_can_be_cancelled(colony: HeldColony, worker: Worker) -> None:
    waiting = await colony.submit()
    cancelled = await colony.cancel(waiting)
    assert (cancelled.state, cancelled.endtime) == (State.CANCELLED, colony.now)
    assert await colony.stored(waiting) == cancelled
    assert await colony.claim(worker) is None


async def test_what_runs_can_be_cancelled(colony: HeldColony, worker: Worker) -> None:
    running = await colony.run(worker)
    changed = await colony.change(colony.cancelling(running))
    assert changed.before == running
    assert (changed.after.state, changed.after.history[-1].ended) == (State.CANCELLED, "cancelled")
    assert await colony.stored(running) == changed.after
    assert await colony.store.running(colony.colonyid) == {}


async def test_cancelling_again_answers_what_is_stored(colony: HeldColony) -> None:
    cancelled = await colony.cancel(await colony.submit())
    colony.now += 5
    assert await colony.change(colony.cancelling(cancelled)) == Changed(cancelled, cancelled)


async def test_what_has_ended_cannot_be_cancelled(colony: HeldColony, worker: Worker) -> None:
    closed = await colony.close(await colony.run(worker))
    with pytest.raises(errors.WrongState):
        await colony.cancel(closed)
    assert await colony.stored(closed) == closed


async def test_cancelling_in_another_colony_finds_nothing(colony: HeldColony) -> None:
    waiting = await colony.submit()
    with pytest.raises(errors.NotFound):
        await HeldColony(store=colony.store).cancel(waiting)
    assert await colony.stored(waiting) == waiting


@pytest.mark.parametrize("end", ["successful", "failed", "cancelled"])
async def test_what_has_ended_can_be_removed_with_its_log(colony: HeldColony, worker: Worker, end: str) -> None:
    running = await colony.run(worker)
    await do(colony.store, colony.logging(running, "one line"))
    ended = await (colony.cancel(running) if end == "cancelled" else colony.close(running, successful=end[0] == "s"))
    assert await do(colony.store, colony.removing(ended)) == ended
    assert await colony.store.process(colony.colonyid, ended.processid) is None
    assert await colony.store.logs(ended.processid, since=0, limit=10) == []
    with pytest.raises(errors.NotFound):
        await do(colony.store, colony.removing(ended))


async def test_what_waits_or_runs_cannot_be_removed(colony: HeldColony, worker: Worker) -> None:
    running = await colony.run(worker)
    waiting = await colony.submit()
    for process in (running, waiting):
        with pytest.raises(errors.WrongState):
            await do(colony.store, colony.removing(process))
        assert await colony.stored(process) == process


async def test_removing_in_another_colony_finds_nothing(colony: HeldColony) -> None:
    cancelled = await colony.cancel(await colony.submit())
    with pytest.raises(errors.NotFound):
        await do(colony.store, HeldColony(store=colony.store).removing(cancelled))
    assert await colony.stored(cancelled) == cancelled


async def test_a_removed_id_may_be_submitted_anew(colony: HeldColony, worker: Worker) -> None:
    cancelled = await colony.cancel(await colony.submit())
    await do(colony.store, colony.removing(cancelled))
    await colony.submit("other", processid=cancelled.processid)
    assert await colony.drain(worker) == [cancelled.processid]


async def test_log_lines_are_numbered_in_their_order(colony: HeldColony, worker: Worker) -> None:
    running = await colony.run(worker)
    first = colony.now
    assert await do(colony.store, colony.logging(running, "began")) == 1
    colony.now += 10
    assert await do(colony.store, colony.logging(running, "ünd över")) == 2
    lines = [
        Log(processid=running.processid, seq=1, time=first, attempt=1, executorid=worker.executorid, message="began"),
        Log(
            processid=running.processid,
            seq=2,
            time=colony.now,
            attempt=1,
            executorid=worker.executorid,
            message="ünd över",
        ),
    ]
    assert await colony.store.logs(running.processid, since=0, limit=10) == lines
    assert await colony.store.logs(running.processid, since=0, limit=1) == lines[:1]
    assert await colony.store.logs(running.processid, since=colony.now, limit=10) == lines[1:]
    assert await colony.store.logs(running.processid, since=colony.now + 1, limit=10) == []
    assert await colony.store.logs(running.processid, since=1 << 62, limit=10) == []


async def test_log_lines_of_one_batch_all_get_a_number(colony: HeldColony, worker: Worker) -> None:
    running = await colony.run(worker)
    answers = await colony.store.apply([colony.logging(running, str(number)) for number in range(20)])
    assert sorted(answers) == list(range(1, 21))  # type: ignore[type-var]
    lines = await colony.store.logs(running.processid, since=0, limit=100)
    assert [line.seq for line in lines] == list(range(1, 21))
    assert sorted(line.message for line in lines) == sorted(str(number) for number in range(20))


async def test_the_log_goes_on_in_the_next_attempt(colony: HeldColony, worker: Worker) -> None:
    running = await colony.run(worker)
    await do(colony.store, colony.logging(running, "first"))
    await colony.change(colony.handing_back(running))
    again = await colony.claim(a_worker())
    assert again is not None
    await do(colony.store, colony.logging(again, "second"))
    lines = await colony.store.logs(running.processid, since=0, limit=10)
    assert [(line.seq, line.attempt, line.executorid) for line in lines] == [
        (1, 1, worker.executorid),
        (2, 2, again.assigneeid),
    ]


async def test_only_who_holds_a_process_writes_into_its_log(colony: HeldColony, worker: Worker) -> None:
    running = await colony.run(worker, maxexectime=5)
    with pytest.raises(errors.NotAssignedToYou):
        await do(colony.store, colony.logging(running, "not mine", by=an_id()))
    with pytest.raises(errors.NotFound):
        await do(colony.store, HeldColony(store=colony.store).logging(running, "elsewhere"))
    colony.now = running.execdeadline
    with pytest.raises(errors.DeadlinePassed):
        await do(colony.store, colony.logging(running, "late"))
    assert await colony.store.logs(running.processid, since=0, limit=10) == []


async def test_a_log_has_an_end(colony: HeldColony, worker: Worker) -> None:
    running = await colony.run(worker)
    for _ in range(MAX_LOG_LINES // 1000):
        await colony.store.apply([colony.logging(running, "x")] * 1000)
    with pytest.raises(errors.TooLarge):
        await do(colony.store, colony.logging(running, "one too many"))
    (last,) = await colony.store.logs(running.processid, since=0, after=MAX_LOG_LINES - 1, limit=1000)
    assert last.seq == MAX_LOG_LINES


async def test_lines_that_would_not_fit_a_frame_come_in_several_answers(colony: HeldColony) -> None:
    worker = a_worker()
    running = await colony.run(worker)
    for number in range(100):
        await do(colony.store, colony.logging(running, f"{number} " + "x" * 16_000))
    seen: list[int] = []
    answers = 0
    while lines := await colony.store.logs(running.processid, since=0, after=seen[-1] if seen else 0, limit=1000):
        assert sum(len(line.message) for line in lines) < PAGE_BYTES + 17_000
        seen += [line.seq for line in lines]
        answers += 1
    assert seen == list(range(1, 101))  # all in one millisecond, and each once
    assert answers > 2
    assert await colony.store.logs(running.processid, since=0, after=MAX_LOG_LINES * 10, limit=1) == []
