"""A run over what matches, with a real store: what comes in meanwhile, what refuses, and who may not go on."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from broker.channels.outbox import Outbox
from broker.engine.connection import Connection
from broker.engine.matching import PAGE, Matching
from broker.engine.node import Node
from broker.handlers.matching import cancel
from broker.handlers.registry import Call
from broker.settings import Settings
from broker.store.lanes import lanes_for
from broker.store.moves import AddColony, AddUser, Cancel, Claim, RemoveUser
from broker.store.open import open_store
from colonies.wire import errors
from colonies.wire import params as wire
from colonies.wire.identity import Identity
from colonies.wire.messages import Matched
from colonies.wire.model import Colony, Conditions, Process, ProcessSpec, State, User
from colonies.wire.params import ProcessFilter
from tests.support.clock import HeldClock

COLONY = Identity.generate().id
OPERATOR = Identity.generate().id


@pytest.fixture
def clock() -> HeldClock:
    return HeldClock()


@pytest.fixture
async def node(tmp_path: Path, clock: HeldClock) -> AsyncIterator[Node]:
    async with Node(open_store(f"sqlite:{tmp_path}/b.db"), Settings(), clock=clock).running() as node:
        await node.commit.do(AddColony(colony=Colony(colonyid=COLONY, name="c")))
        await node.commit.do(AddUser(colonyid=COLONY, user=User(userid=OPERATOR, name="o", role="operator")))
        yield node


async def submit(node: Node, number: int) -> None:
    spec = ProcessSpec(conditions=Conditions(executortype="cli"), func="f")
    await asyncio.gather(*(node.submitter.submit(spec, colonyid=COLONY, submitterid=COLONY) for _ in range(number)))


async def number_of(node: Node, state: State) -> int:
    page = await node.store.page(COLONY, ProcessFilter(state=state), newest=False, limit=1, cursor="")
    return page.total


def run_over(node: Node) -> Matching:
    before = node.clock.now() + 1
    return Matching(node.store, COLONY, ProcessFilter(), eligible=[State.WAITING], before=before)


async def go_on(_: Matched) -> None: ...


async def test_what_is_submitted_meanwhile_is_left_alone(node: Node, clock: HeldClock) -> None:
    await submit(node, PAGE + 10)
    matching = run_over(node)
    clock.advance(1)

    async def cancel_and_submit_another(process: Process) -> bool:
        await node.change(Cancel(colonyid=COLONY, processid=process.processid, now=node.clock.now()))
        await submit(node, 1)
        return True

    reached = await matching.run(cancel_and_submit_another, limit=10_000, between=go_on)
    assert (reached.matched, reached.done) == (PAGE + 10, PAGE + 10)
    assert await number_of(node, State.WAITING) == PAGE + 10


async def test_one_that_refuses_is_not_counted_and_does_not_stop_the_others(node: Node) -> None:
    await submit(node, 10)
    refused = iter([True, False] * 5)

    async def refuse_some(process: Process) -> bool:
        if next(refused):
            raise errors.NotFound("it was removed meanwhile")
        return True

    assert await run_over(node).run(refuse_some, limit=100, between=go_on) == Matched(matched=10, done=5)


async def test_a_store_that_is_away_ends_it(node: Node) -> None:
    await submit(node, 2 * PAGE)
    matching = run_over(node)

    async def unavailable(process: Process) -> bool:
        raise errors.Unavailable("away")

    with pytest.raises(errors.Unavailable):
        await matching.run(unavailable, limit=10_000, between=go_on)
    assert matching.reach.now() == Matched(matched=2 * PAGE, done=0)


async def test_being_cancelled_leaves_done_what_was_done(node: Node) -> None:
    await submit(node, 3 * PAGE)
    matching = run_over(node)
    in_second_page = asyncio.Event()

    async def block_after_a_page(process: Process) -> bool:
        if matching.reach.done >= PAGE:
            in_second_page.set()
            await asyncio.Event().wait()
        await node.change(Cancel(colonyid=COLONY, processid=process.processid, now=node.clock.now()))
        return True

    running = asyncio.create_task(matching.run(block_after_a_page, limit=10_000, between=go_on))
    await asyncio.wait_for(in_second_page.wait(), 20)
    running.cancel()
    with pytest.raises(asyncio.CancelledError):
        await running
    assert matching.reach.done == PAGE
    assert await number_of(node, State.CANCELLED) == PAGE


# — who may go on —


async def call_of_operator(node: Node) -> Call:
    connection = Connection(Outbox(max_messages=1000, max_bytes=1 << 20))
    return Call(node, connection, await node.authority.caller(OPERATOR), 1)


def at_the_first_cancelled(node: Node, happening: Any) -> None:
    happened: list[str] = []

    def once(process: Process, event: str) -> None:
        if event == "cancelled" and not happened:
            happened.append(event)
            happening()

    node.announcer.observers.append(once)


async def test_a_broker_that_stops_ends_it_after_the_page(node: Node) -> None:
    await submit(node, 3 * PAGE)
    at_the_first_cancelled(node, node.drain)
    with pytest.raises(errors.Draining):
        await cancel(await call_of_operator(node), wire.Matching())
    assert await number_of(node, State.CANCELLED) == PAGE


async def test_who_is_removed_meanwhile_gets_no_further(node: Node) -> None:
    await submit(node, 5 * PAGE)
    call = await call_of_operator(node)

    async def remove_operator() -> None:
        await node.commit.do(RemoveUser(colonyid=COLONY, userid=OPERATOR))
        node.membership.changed_here(OPERATOR, errors.UnknownIdentity("removed"))

    at_the_first_cancelled(node, lambda: node.duties.spawn(remove_operator()))
    with pytest.raises(errors.UnknownIdentity):
        await cancel(call, wire.Matching())
    assert await number_of(node, State.CANCELLED) in (PAGE, 2 * PAGE)


async def test_what_begins_to_run_meanwhile_is_met_when_its_turn_comes(node: Node) -> None:
    await submit(node, 3 * PAGE)
    both = [State.WAITING, State.RUNNING]
    before = node.clock.now() + 1
    matching = Matching(node.store, COLONY, ProcessFilter(), eligible=both, before=before)
    taken = 0

    async def act(process: Process) -> bool:
        await node.change(Cancel(colonyid=COLONY, processid=process.processid, now=node.clock.now()))
        return True

    async def take_one(_: Matched) -> None:
        nonlocal taken
        lanes = lanes_for(COLONY, OPERATOR, "cli")
        claim = Claim(executorid=OPERATOR, lanes=lanes, latest=True, now=node.clock.now())
        taken += await node.commit.do(claim) is not None

    reached = await matching.run(act, limit=10 * PAGE, between=take_one)
    assert taken >= 2
    assert reached.done == 3 * PAGE
    assert await number_of(node, State.CANCELLED) == 3 * PAGE
