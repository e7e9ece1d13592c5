"""Batches: each move is answered in its place, and none takes another down."""

from __future__ import annotations

from broker.store.moves import AddColony, Changed, Submitted
from colonies.wire import errors
from colonies.wire.model import Attribute, Colony, Process, State
from tests.support.builders import HeldColony, Worker, an_id


async def test_nothing_asked_is_nothing_answered(colony: HeldColony) -> None:
    assert await colony.store.apply([]) == []


async def test_every_move_is_answered_in_its_place_with_refusals_between(colony: HeldColony, worker: Worker) -> None:
    to_close, to_cancel, to_refuse = [await colony.run(worker) for _ in range(3)]
    submission = colony.submission()
    answers = await colony.store.apply(
        [
            colony.closing(to_refuse, by=an_id()),
            submission,
            colony.removing(to_close),
            colony.cancelling(to_cancel),
            HeldColony(store=colony.store).cancelling(to_refuse),
            AddColony(colony=Colony(colonyid=an_id(), name=an_id())),
            colony.closing(to_close, out=["done"]),
            colony.closing(to_refuse, attempt=2),
        ]
    )
    assert isinstance(answers[0], errors.NotAssignedToYou)
    assert answers[1] == Submitted(submission.process, [], False)
    assert isinstance(answers[2], errors.WrongState | Process)  # before the close of its batch, or after it
    assert isinstance(answers[3], Changed)
    assert isinstance(answers[4], errors.NotFound)
    assert isinstance(answers[5], Colony)
    assert isinstance(answers[7], errors.NotAssignedToYou)
    assert (await colony.stored(to_cancel)).state == State.CANCELLED
    assert await colony.stored(to_refuse) == to_refuse
    assert await colony.stored(submission.process) == submission.process
    if isinstance(answers[2], errors.WrongState):
        assert isinstance(answers[6], Changed)
        assert await colony.stored(to_close) == answers[6].after


async def test_of_two_moves_on_one_process_one_comes_first(colony: HeldColony, worker: Worker) -> None:
    for _ in range(5):
        running = await colony.run(worker)
        closed, cancelled = await colony.store.apply([colony.closing(running), colony.cancelling(running)])
        stored = await colony.stored(running)
        if stored.state == State.SUCCESSFUL:
            assert closed == Changed(running, stored)
            assert isinstance(cancelled, errors.WrongState)
        else:
            assert cancelled == Changed(running, stored)
            assert isinstance(closed, errors.WrongState)


async def test_five_closes_of_one_attempt_end_it_once(colony: HeldColony, worker: Worker) -> None:
    running = await colony.run(worker)
    answers = await colony.store.apply([colony.closing(running, out=[number]) for number in range(5)])
    stored = await colony.stored(running)
    assert [answer for answer in answers if answer == Changed(running, stored)] != []
    assert answers.count(Changed(stored, stored)) == 4


async def test_attributes_of_one_batch_are_all_kept(colony: HeldColony, worker: Worker) -> None:
    running = await colony.run(worker)
    names = [f"k{number}" for number in range(20)]
    await colony.store.apply([colony.setting(running, Attribute(key=name, value=name)) for name in names])
    assert sorted(attribute.key for attribute in (await colony.stored(running)).attributes) == sorted(names)


async def test_a_large_batch_is_one_batch(colony: HeldColony, worker: Worker) -> None:
    moves = [colony.submission(args=["x" * 2000]) for _ in range(512)]
    answers = await colony.store.apply(moves)
    assert answers == [Submitted(move.process, [], False) for move in moves]
    claimed = await colony.store.apply([colony.claiming(worker)] * 512)
    assert len({process.processid for process in claimed if isinstance(process, Process)}) == 512
