"""Submitting: what is stored, what a repeat answers, what is refused."""

from __future__ import annotations

import math
from typing import Any

import pytest
from msgspec.structs import replace

from broker.store import rules
from broker.store.moves import Submit, Submitted
from colonies.wire import errors
from colonies.wire.model import Attribute, State
from tests.support.builders import HeldColony, Worker, a_worker, do, granted

EVERYTHING: dict[str, Any] = {
    "args": ["3", 4, 2.5, None, True, b"\x00\xff", {"deep": [1, {"er": "ü"}]}, 2**64 - 1, -(2**63)],
    "kwargs": {"name": "lamp", "nested": {"a": [b"", ""]}},
    "env": {"TEST": "testenv", "EMPTY": ""},
    "maxwaittime": 10.25,
    "maxexectime": 5,
    "maxretries": -1,
    "priority": -7,
    "label": "évening",
    "latestkey": "hall",
}


async def test_a_process_is_stored_as_it_was_given(colony: HeldColony) -> None:
    move = colony.submission("turn_on", executorids=(a_worker().executorid, a_worker().executorid), **EVERYTHING)
    submitted = await do(colony.store, move)
    assert submitted == Submitted(move.process, [], False)
    assert await colony.stored(move.process) == move.process


async def test_env_arrives_as_attributes(colony: HeldColony) -> None:
    process = await colony.submit(env={"TEST": "testenv"})
    assert (await colony.stored(process)).attributes == [Attribute(key="TEST", value="testenv", kind="env")]


async def test_a_process_of_another_colony_is_not_there(colony: HeldColony) -> None:
    process = await colony.submit()
    assert await colony.store.process(HeldColony(store=colony.store).colonyid, process.processid) is None


async def test_submitting_again_answers_what_is_stored(colony: HeldColony) -> None:
    first = await colony.submit(processid="chosen-id-" + colony.colonyid[:8], args=["3", b"\x01"], maxwaittime=3)
    again = await colony.submit_whole(processid=first.processid, args=["3", b"\x01"], maxwaittime=3)
    assert again == Submitted(first, [], True)
    assert (await colony.stored(first)) == first


async def test_submitting_again_what_has_moved_on_answers_it_as_it_is_now(colony: HeldColony, worker: Worker) -> None:
    running = await colony.run(worker, args=["3"])
    closed = await colony.close(running, out=["done"])
    again = await colony.submit_whole(processid=running.processid, args=["3"])
    assert again == Submitted(closed, [], True)
    assert await colony.claim(worker) is None


async def test_the_same_submission_twice_in_one_batch_is_one_process(colony: HeldColony, worker: Worker) -> None:
    move = colony.submission()
    first, second = await colony.store.apply([move, move])
    assert sorted([granted(first).repeated, granted(second).repeated]) == [False, True]
    assert await colony.drain(worker) == [move.process.processid]


async def test_a_value_that_is_not_equal_to_itself_is_the_same_submission(colony: HeldColony) -> None:
    values: dict[str, Any] = {"args": [math.nan, {b"\x00": -0.0, "": []}], "kwargs": {"a": math.nan, "b": 1}}
    first = await colony.submit(**values)
    again = await colony.submit_whole(processid=first.processid, **{**values, "kwargs": {"b": 1, "a": math.nan}})
    assert again.repeated


@pytest.mark.parametrize(
    "other",
    [
        {"args": ["4"]},
        {"func": "wake"},
        {"submitterid": "c" * 64},
        {"priority": 1},
        {"kwargs": {"on": 1}},
        {"kwargs": {"on": 1.0}},
        {"kwargs": {"on": True, "off": False}},
        {"args": ["3", {b"k": 1}]},
    ],
)
async def test_a_taken_id_is_refused_to_any_other_submission(colony: HeldColony, other: dict[str, Any]) -> None:
    first = await colony.submit(args=["3"], kwargs={"on": True})
    with pytest.raises(errors.Exists, match=first.processid):
        await do(
            colony.store,
            colony.submission(processid=first.processid, **{"args": ["3"], "kwargs": {"on": True}, **other}),
        )
    assert await colony.stored(first) == first


async def test_a_taken_id_is_refused_to_another_colony(colony: HeldColony) -> None:
    first = await colony.submit()
    elsewhere = HeldColony(store=colony.store, submitterid=colony.submitterid)
    with pytest.raises(errors.Exists):
        await elsewhere.submit(processid=first.processid)
    assert await colony.stored(first) == first


async def test_a_process_may_be_stored_as_already_claimed(colony: HeldColony, worker: Worker) -> None:
    waiting = colony.submission(maxexectime=5)
    running = rules.claimed(waiting.process, executorid=worker.executorid, now=colony.now)
    submitted = await do(colony.store, Submit(process=running, place=waiting.place))
    assert submitted.process == running
    assert await colony.stored(running) == running
    assert await colony.claim(worker) is None
    assert await colony.store.held(colony.colonyid, worker.executorid) == [running]
    assert (await colony.close(running)).state == State.SUCCESSFUL


async def test_a_repeat_that_found_somebody_in_line_is_still_the_same_submission(
    colony: HeldColony, worker: Worker
) -> None:
    move = colony.submission()
    stored = (await do(colony.store, move)).process
    claimed = rules.claimed(move.process, executorid=worker.executorid, now=colony.now)
    again = await do(colony.store, Submit(process=claimed, place=move.place))
    assert again == Submitted(stored, [], True)
    assert (await colony.stored(stored)).state == State.WAITING


async def test_what_a_retry_came_from_is_kept(colony: HeldColony) -> None:
    move = colony.submission()
    retried = replace(move.process, retryof="the-old-process")
    await do(colony.store, Submit(process=retried, place=move.place))
    assert (await colony.stored(retried)).retryof == "the-old-process"
