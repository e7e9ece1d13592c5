"""Closing, attributes and output: all of it or none of it, by the one who holds the process."""

from __future__ import annotations

import pytest

from broker.store.moves import Change, Changed, Close
from colonies.wire import errors
from colonies.wire.model import MAX_ATTRIBUTE_BYTES, MAX_ATTRIBUTES, Attribute, Process, State
from tests.support.builders import HeldColony, Worker, a_worker, an_id, do

RESULT = Attribute(key="result", value={"answer": [42, b"\x00"]})


async def test_a_success_is_written_with_its_output_and_attributes(colony: HeldColony, worker: Worker) -> None:
    running = await colony.run(worker, env={"A": "1"})
    colony.now += 7
    changed = await colony.change(colony.closing(running, out=["42", {"b": b"\x01"}], attributes=[RESULT]))
    closed = changed.after
    assert changed.before == running
    assert (closed.state, closed.endtime, closed.out) == (State.SUCCESSFUL, colony.now, ["42", {"b": b"\x01"}])
    assert closed.attributes == [Attribute(key="A", value="1", kind="env"), RESULT]
    assert (closed.history[-1].end, closed.history[-1].ended) == (colony.now, "successful")
    assert await colony.stored(closed) == closed


async def test_a_failure_is_written_with_its_errors(colony: HeldColony, worker: Worker) -> None:
    closed = await colony.close(await colony.run(worker), successful=False, errors=["no bulb", "no power"])
    assert (closed.state, closed.errors, closed.history[-1].ended) == (State.FAILED, ["no bulb", "no power"], "failed")
    assert await colony.stored(closed) == closed


async def test_a_closed_process_is_claimed_by_nobody(colony: HeldColony, worker: Worker) -> None:
    await colony.close(await colony.run(worker))
    assert await colony.claim(worker) is None
    assert await colony.store.held(colony.colonyid, worker.executorid) == []


@pytest.mark.parametrize("successful", [True, False])
async def test_closing_again_the_same_way_answers_what_is_stored(
    colony: HeldColony, worker: Worker, successful: bool
) -> None:
    running = await colony.run(worker)
    closed = await colony.close(running, successful=successful, out=["first"])
    colony.now += 1000
    again = await colony.change(colony.closing(running, successful=successful, out=["second"], attempt=1))
    assert again == Changed(closed, closed)
    assert await colony.stored(running) == closed


async def test_a_late_close_is_refused_before_anybody_swept(colony: HeldColony, worker: Worker) -> None:
    running = await colony.run(worker, maxexectime=5)
    colony.now = running.execdeadline
    await _is_refused(colony, colony.closing(running, out=["late"], attributes=[RESULT]), errors.DeadlinePassed)


async def test_a_close_in_the_last_millisecond_holds(colony: HeldColony, worker: Worker) -> None:
    running = await colony.run(worker, maxexectime=5)
    colony.now = running.execdeadline - 1
    assert (await colony.close(running)).state == State.SUCCESSFUL


async def test_a_close_of_another_executor_is_refused(colony: HeldColony, worker: Worker) -> None:
    running = await colony.run(worker)
    await _is_refused(colony, colony.closing(running, by=an_id(), out=["x"]), errors.NotAssignedToYou)


async def test_a_close_in_another_attempt_is_refused(colony: HeldColony, worker: Worker) -> None:
    running = await colony.run(worker)
    await _is_refused(colony, colony.closing(running, attempt=2), errors.NotAssignedToYou)


async def test_a_close_after_an_assignment_to_somebody_else_is_refused(colony: HeldColony, worker: Worker) -> None:
    running = await colony.run(worker, maxexectime=5, maxretries=3)
    colony.now = running.execdeadline
    await colony.change(colony.overrunning(running))
    await _is_refused(colony, colony.closing(running, out=["late"]), errors.NotAssignedToYou)
    assert await colony.claim(a_worker())
    await _is_refused(colony, colony.closing(running, out=["late"]), errors.NotAssignedToYou)


async def test_a_close_in_an_earlier_attempt_of_the_same_executor_is_refused(
    colony: HeldColony, worker: Worker
) -> None:
    running = await colony.run(worker)
    await colony.change(colony.handing_back(running))
    assert await colony.claim(worker)
    await _is_refused(colony, colony.closing(running, attempt=1), errors.NotAssignedToYou)


@pytest.mark.parametrize("successful", [True, False])
async def test_a_close_after_a_cancel_is_refused(colony: HeldColony, worker: Worker, successful: bool) -> None:
    running = await colony.run(worker)
    await colony.cancel(running)
    await _is_refused(colony, colony.closing(running, successful=successful, errors=["e"]), errors.WrongState)


async def test_closing_again_the_other_way_is_refused(colony: HeldColony, worker: Worker) -> None:
    running = await colony.run(worker)
    await colony.close(running, out=["kept"])
    await _is_refused(colony, colony.closing(running, successful=False, errors=["no"]), errors.WrongState)


async def test_a_close_after_the_retries_were_used_up_is_said_to_be_late(colony: HeldColony, worker: Worker) -> None:
    running = await colony.run(worker, maxexectime=5)
    colony.now = running.execdeadline
    await colony.change(colony.overrunning(running))
    for successful in (True, False):
        await _is_refused(colony, colony.closing(running, successful=successful), errors.DeadlinePassed)


async def test_closing_what_waits_is_refused(colony: HeldColony, worker: Worker) -> None:
    waiting = await colony.submit()
    await _is_refused(colony, colony.closing(waiting, by=worker.executorid), errors.NotAssignedToYou)


async def test_closing_in_another_colony_finds_nothing(colony: HeldColony, worker: Worker) -> None:
    running = await colony.run(worker)
    elsewhere = HeldColony(store=colony.store, now=colony.now)
    with pytest.raises(errors.NotFound):
        await elsewhere.close(running)
    assert await colony.stored(running) == running


async def test_closing_what_is_not_there_finds_nothing(colony: HeldColony, worker: Worker) -> None:
    move = Close(colonyid=colony.colonyid, processid="nowhere-1", now=colony.now, executorid=an_id(), successful=True)
    with pytest.raises(errors.NotFound):
        await do(colony.store, move)


async def test_an_attribute_is_set_and_replaced_by_key_and_kind(colony: HeldColony, worker: Worker) -> None:
    running = await colony.run(worker, env={"k": "env"})
    for value in (1, 2):
        await colony.change(colony.setting(running, Attribute(key="k", value=value)))
    await colony.change(colony.setting(running, Attribute(key="k", value=None, kind="err")))
    expected = [("k", "env", "env"), ("k", "out", 2), ("k", "err", None)]
    assert [(a.key, a.kind, a.value) for a in (await colony.stored(running)).attributes] == expected


async def test_an_attribute_of_somebody_who_does_not_hold_it_is_refused(colony: HeldColony, worker: Worker) -> None:
    running = await colony.run(worker, maxexectime=5)
    await _is_refused(colony, colony.setting(running, RESULT, by=an_id()), errors.NotAssignedToYou)
    colony.now = running.execdeadline
    await _is_refused(colony, colony.setting(running, RESULT), errors.DeadlinePassed)


@pytest.mark.parametrize(
    "attributes",
    [
        [Attribute(key="ok", value=1), Attribute(key="long", value="x" * (MAX_ATTRIBUTE_BYTES + 1))],
        [Attribute(key=f"k{number}", value=1) for number in range(MAX_ATTRIBUTES + 1)],
    ],
)
async def test_a_close_with_too_much_in_it_writes_none_of_it(
    colony: HeldColony, worker: Worker, attributes: list[Attribute]
) -> None:
    running = await colony.run(worker)
    await _is_refused(colony, colony.closing(running, out=["x"], attributes=attributes), errors.TooLarge)
    assert (await colony.close(running)).state == State.SUCCESSFUL


async def _is_refused(colony: HeldColony, move: Change, refusal: type[errors.ColoniesError]) -> None:
    """It is refused so, and the process is in every field what it was."""
    before = await colony.store.process(colony.colonyid, move.processid)
    assert isinstance(before, Process)
    with pytest.raises(refusal):
        await colony.change(move)
    assert await colony.stored(before) == before
