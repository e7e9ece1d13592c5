"""Processes with a latestkey: only the newest of them may wait."""

from __future__ import annotations

from broker.store import rules
from broker.store.moves import Submit
from colonies.wire.model import State
from tests.support.builders import HeldColony, Worker, do


async def test_a_newer_submission_supersedes_the_older_that_waits(colony: HeldColony, worker: Worker) -> None:
    older = await colony.submit(latestkey="lamp")
    newer = await colony.submit_whole(latestkey="lamp")
    (superseded,) = newer.superseded
    assert superseded.processid == older.processid
    assert (superseded.state, superseded.endtime) == (State.CANCELLED, newer.process.submissiontime)
    assert superseded.errors == [f"superseded by {newer.process.processid}"]
    assert await colony.stored(older) == superseded
    assert await colony.drain(worker) == [newer.process.processid]


async def test_other_keys_and_colonies_are_left_alone(colony: HeldColony, worker: Worker) -> None:
    elsewhere = HeldColony(store=colony.store)
    untouched = [
        await colony.submit(latestkey="other"),
        await colony.submit(),
        await elsewhere.submit(latestkey="lamp"),
    ]
    assert (await colony.submit_whole(latestkey="lamp")).superseded == []
    assert await colony.stored(untouched[0]) == untouched[0]
    assert await colony.stored(untouched[1]) == untouched[1]
    assert await elsewhere.stored(untouched[2]) == untouched[2]


async def test_no_key_supersedes_nothing(colony: HeldColony) -> None:
    await colony.submit()
    assert (await colony.submit_whole()).superseded == []


async def test_what_runs_is_not_superseded(colony: HeldColony, worker: Worker) -> None:
    running = await colony.run(worker, latestkey="lamp")
    assert (await colony.submit_whole(latestkey="lamp")).superseded == []
    assert await colony.stored(running) == running


async def test_of_one_batch_the_last_is_left(colony: HeldColony, worker: Worker) -> None:
    moves = [colony.submission(latestkey="lamp") for _ in range(10)]
    await colony.store.apply(moves)
    states = [(await colony.stored(move.process)).state for move in moves]
    assert sorted(states) == [State.WAITING] + [State.CANCELLED] * 9
    assert len(await colony.drain(worker)) == 1


async def test_one_that_is_stored_as_claimed_supersedes_too(colony: HeldColony, worker: Worker) -> None:
    older = await colony.submit(latestkey="lamp")
    move = colony.submission(latestkey="lamp")
    running = rules.claimed(move.process, executorid=worker.executorid, now=colony.now)
    submitted = await do(colony.store, Submit(process=running, place=move.place))
    assert [process.processid for process in submitted.superseded] == [older.processid]
    assert await colony.claim(worker) is None


async def test_an_older_one_that_goes_back_is_superseded_at_once(colony: HeldColony, worker: Worker) -> None:
    running = await colony.run(worker, latestkey="lamp", maxexectime=5, maxretries=3)
    newer = await colony.submit(latestkey="lamp")
    colony.now = running.execdeadline
    changed = await colony.change(colony.overrunning(running))
    outdated = changed.after
    assert changed.before == running
    assert (outdated.state, outdated.endtime) == (State.CANCELLED, colony.now)
    assert outdated.errors == [f"superseded by {newer.processid}"]
    assert outdated.history[-1].ended == "overrun"
    assert await colony.stored(running) == outdated
    assert await colony.drain(worker) == [newer.processid]


async def test_an_older_one_is_superseded_even_when_the_newer_has_ended(colony: HeldColony, worker: Worker) -> None:
    running = await colony.run(worker, latestkey="lamp")
    newer = await colony.run(worker, latestkey="lamp")
    await colony.close(newer)
    outdated = (await colony.change(colony.handing_back(running))).after
    assert (outdated.state, outdated.errors) == (State.CANCELLED, [f"superseded by {newer.processid}"])
    assert await colony.claim(worker) is None


async def test_the_newest_goes_back_as_any_other(colony: HeldColony, worker: Worker) -> None:
    await colony.submit(latestkey="lamp")
    await colony.submit(latestkey="lamp")
    running = await colony.claim(worker)
    assert running is not None
    requeued = (await colony.change(colony.handing_back(running))).after
    assert requeued.state == State.WAITING
    assert await colony.drain(worker) == [running.processid]


async def test_a_repeat_supersedes_nothing_again(colony: HeldColony, worker: Worker) -> None:
    first = await colony.submit(latestkey="lamp")
    second = await colony.submit(latestkey="lamp")
    again = await colony.submit_whole(latestkey="lamp", processid=first.processid)
    assert (again.repeated, again.superseded) == (True, [])
    assert again.process.state == State.CANCELLED
    assert await colony.drain(worker) == [second.processid]
