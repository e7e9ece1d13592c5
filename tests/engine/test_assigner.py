"""Who is woken for what, with a real store under a held moment: turns are passed on and nothing is lost."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from broker.engine.node import Node
from broker.engine.rescuer import hand_back
from broker.settings import Settings
from broker.store.moves import AddColony, AddExecutor
from broker.store.open import open_store
from colonies.wire import errors
from colonies.wire.identity import Identity
from colonies.wire.model import Colony, Conditions, Executor, ExecutorState, Process, ProcessSpec, State

COLONY = Identity.generate().id


@pytest.fixture
async def node(tmp_path: Path) -> AsyncIterator[Node]:
    async with Node(open_store(f"sqlite:{tmp_path}/b.db"), Settings()).running() as node:
        await node.commit.do(AddColony(colony=Colony(colonyid=COLONY, name="c")))
        yield node


async def executor(node: Node, name: str, executortype: str = "cli") -> Executor:
    new = Executor(
        executorid=Identity.generate().id,
        executorname=name,
        executortype=executortype,
        colonyid=COLONY,
        state=ExecutorState.APPROVED,
    )
    return await node.commit.do(AddExecutor(executor=new))


async def submit(node: Node, **conditions: object) -> Process:
    spec = ProcessSpec(conditions=Conditions(**(conditions or {"executortype": "cli"})), func="f")  # type: ignore[arg-type]
    return (await node.submitter.submit(spec, colonyid=COLONY, submitterid=COLONY)).process


async def in_line(node: Node, who: Executor, timeout: float = 30) -> asyncio.Task[Process]:
    """A caller that has looked, found nothing and stands idle."""
    task = asyncio.create_task(node.assigner.assign(who, timeout=timeout, latest=False))
    while not any(place.executorid == who.executorid and place.is_idle for place in node.assigner.places()):  # noqa: ASYNC110
        await asyncio.sleep(0)
    return task


async def test_a_submit_goes_straight_to_whoever_stands_in_line(node: Node) -> None:
    waiting = await in_line(node, await executor(node, "one"))
    stored = await submit(node)
    assert (stored.state, stored.attempt) == (State.RUNNING, 1)
    assert (await waiting) == stored
    assert node.telemetry.moves.value("Claim") == 1


async def test_the_line_is_served_in_its_order(node: Node) -> None:
    callers = [await in_line(node, await executor(node, f"e{number}")) for number in range(3)]
    stored = [await submit(node) for _ in callers]
    assert [(await caller).processid for caller in callers] == [process.processid for process in stored]


async def test_only_who_may_take_it_is_given_it(node: Node) -> None:
    one, lamp = await executor(node, "one"), await executor(node, "lamp", "lamp")
    for_one, for_lamp = await in_line(node, one), await in_line(node, lamp)
    named = await submit(node, executorids=[lamp.executorid])
    assert (await for_lamp).processid == named.processid
    assert not for_one.done()
    for_one.cancel()


async def test_what_goes_back_to_the_queue_wakes_the_next_in_line(node: Node) -> None:
    first = await in_line(node, await executor(node, "first"))
    process = await submit(node)
    given = await first
    second = await in_line(node, await executor(node, "second"))
    node.rescuer.give_back(given)
    again = await asyncio.wait_for(second, 20)
    assert (again.processid, again.attempt, again.retries) == (process.processid, 2, 0)


async def test_a_caller_that_leaves_while_it_is_given_something_loses_no_process(node: Node) -> None:
    gone = await in_line(node, await executor(node, "gone"))
    submitting = asyncio.create_task(submit(node))
    await asyncio.sleep(0)
    gone.cancel()
    process = await submitting
    with contextlib.suppress(asyncio.CancelledError):
        await gone
    other = await asyncio.wait_for(node.assigner.assign(await executor(node, "other"), timeout=20, latest=False), 20)
    assert (other.processid, other.retries) == (process.processid, 0)


async def waiting_process(node: Node) -> Process:
    process = await submit(node)
    assert process.state is State.WAITING
    return process


async def test_a_caller_cancelled_in_the_instant_of_its_claim_loses_no_process(node: Node) -> None:
    process = await waiting_process(node)
    who = await executor(node, "gone")
    gone = asyncio.create_task(node.assigner.assign(who, timeout=20, latest=False))

    def cancel_before_it_goes_on(_process: Process, event: str) -> None:
        if event == "assigned":
            asyncio.get_running_loop().call_soon(gone.cancel)

    node.announcer.observers.append(cancel_before_it_goes_on)
    with pytest.raises(asyncio.CancelledError):
        await gone
    node.announcer.observers.remove(cancel_before_it_goes_on)
    given = await node.assigner.assign(await executor(node, "other"), timeout=20, latest=False)
    assert (given.processid, given.attempt, given.retries) == (process.processid, 2, 0)


async def test_an_executor_removed_while_its_claim_is_on_its_way_is_given_nothing(node: Node) -> None:
    process = await waiting_process(node)
    who = await executor(node, "removed")

    def remove(_process: Process, event: str) -> None:
        if event == "assigned":
            node.membership.changed_here(who.executorid, errors.UnknownIdentity("removed"))

    node.announcer.observers.append(remove)
    with pytest.raises(errors.UnknownIdentity):
        await node.assigner.assign(who, timeout=20, latest=False)
    node.announcer.observers.remove(remove)
    given = await node.assigner.assign(await executor(node, "other"), timeout=20, latest=False)
    assert (given.processid, given.retries) == (process.processid, 0)


async def test_a_woken_caller_that_leaves_hands_its_turn_on(node: Node) -> None:
    holder = await in_line(node, await executor(node, "holder"))
    await submit(node)
    held = await holder
    first = await in_line(node, await executor(node, "first"))
    second = await in_line(node, await executor(node, "second"))

    def leave_at_that_moment(_process: Process, event: str) -> None:
        if event == "requeued":
            first.cancel()

    node.announcer.observers.append(leave_at_that_moment)
    node.rescuer.give_back(held)
    assert (await asyncio.wait_for(second, 20)).processid == held.processid
    assert first.cancelled()


async def test_a_refused_submit_lets_its_caller_go_on_waiting(node: Node) -> None:
    waiting = await in_line(node, await executor(node, "one"))
    spec = ProcessSpec(conditions=Conditions(executortype="cli"), func="f")
    other = ProcessSpec(conditions=Conditions(executortype="lamp"), func="f")
    await node.submitter.submit(other, colonyid=COLONY, submitterid=COLONY, processid="taken-id")
    with pytest.raises(errors.Exists):
        await node.submitter.submit(spec, colonyid=COLONY, submitterid=COLONY, processid="taken-id")
    assert (await submit(node)).state is not State.CANCELLED
    assert (await asyncio.wait_for(waiting, 20)).state is State.RUNNING


async def test_a_closed_line_sends_everybody_away(node: Node) -> None:
    waiting = await in_line(node, one := await executor(node, "one"))
    node.drain()
    with pytest.raises(errors.Draining):
        await waiting
    with pytest.raises(errors.Draining):
        await node.assigner.assign(one, timeout=1, latest=False)


async def looking(node: Node, who: Executor, timeout: float = 30) -> asyncio.Task[Process]:
    """A caller whose claim is on its way."""
    before = len(list(node.assigner.places()))
    task = asyncio.create_task(node.assigner.assign(who, timeout=timeout, latest=False))
    while len(list(node.assigner.places())) == before:  # noqa: ASYNC110
        await asyncio.sleep(0)
    return task


async def test_what_comes_while_everybody_looks_is_looked_for_again(node: Node) -> None:
    await submit(node)
    held = await node.assigner.assign(await executor(node, "holder"), timeout=0, latest=False)
    caller = await looking(node, await executor(node, "one"))
    returned = asyncio.create_task(hand_back(node.commit, node.announcer, held, now=node.clock.now()))
    assert (await asyncio.wait_for(caller, 20)).processid == held.processid
    await returned


async def test_a_crowd_that_is_busy_claims_once_for_each_process(node: Node) -> None:
    """What waits while nobody is idle is nobody's turn, however much it is."""
    for _ in range(50):
        await submit(node)
    who = [await executor(node, f"e{number}") for number in range(10)]
    before = node.telemetry.moves.value("Claim")
    for _ in range(5):
        await asyncio.gather(*(node.assigner.assign(one, timeout=20, latest=False) for one in who))
    assert node.telemetry.moves.value("Claim") - before == 50


async def test_a_turn_is_passed_on_when_something_of_another_lane_came_first(node: Node) -> None:
    one, two = await executor(node, "one"), await executor(node, "two")
    holder = await executor(node, "holder")
    await submit(node, executorids=[one.executorid])
    named = await node.assigner.assign(one, timeout=0, latest=False)
    await submit(node)
    of_type = await node.assigner.assign(holder, timeout=0, latest=False)
    first, second = await in_line(node, one), await in_line(node, two)
    moved = [
        asyncio.create_task(hand_back(node.commit, node.announcer, held, now=node.clock.now()))
        for held in (of_type, named)
    ]
    given = await asyncio.wait_for(asyncio.gather(first, second), 20)
    assert [process.processid for process in given] == [named.processid, of_type.processid]
    await asyncio.gather(*moved)


async def test_who_is_sent_away_is_woken_for_nothing(node: Node) -> None:
    gone, stays = (
        await in_line(node, one := await executor(node, "one")),
        await in_line(node, await executor(node, "two")),
    )
    node.assigner.expel(one.executorid, errors.NotApproved("rejected"))
    process = await submit(node)
    assert (await asyncio.wait_for(stays, 20)).processid == process.processid
    with pytest.raises(errors.NotApproved):
        await gone
