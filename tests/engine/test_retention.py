"""What ended longer ago than it is kept goes, with its log and its counts, on every store and at any number of brokers."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from broker.engine.node import Node
from broker.engine.retention import BETWEEN_ROUNDS_MS, DAY_MS, LEFT_TO_OTHERS_MS, PAGE
from broker.settings import Settings
from broker.store.base import LaneCount
from broker.store.moves import AddColony, Remove
from broker.store.open import open_store
from colonies.wire.model import Colony, Process, State
from colonies.wire.params import ProcessFilter
from tests.conftest import database
from tests.support.builders import START, HeldColony, a_worker, do
from tests.support.clock import HeldClock

DAYS = 0.5
KEPT_MS = int(DAYS * DAY_MS)


@pytest.fixture
def clock() -> HeldClock:
    return HeldClock(START)


def a_node(address: str, clock: HeldClock, *, days: float = DAYS) -> Node:
    return Node(open_store(address), Settings(retain_days=days), clock=clock)


@pytest.fixture
async def node(fresh_store: str, clock: HeldClock) -> AsyncIterator[Node]:
    async with a_node(fresh_store, clock).running() as node:
        yield node


@pytest.fixture
async def colony(node: Node) -> HeldColony:
    return await a_colony(node)


async def a_colony(node: Node) -> HeldColony:
    colony = HeldColony(store=node.store)
    await do(node.store, AddColony(colony=Colony(colonyid=colony.colonyid, name=colony.colonyid[:9])))
    return colony


async def one_of_each(colony: HeldColony) -> dict[str, Process]:
    """By its state, and each with a line in its log that has run."""
    ran = [await colony.run(a_worker()) for _ in range(3)]
    await colony.store.apply([colony.logging(process, "a line") for process in ran])
    return {
        "successful": await colony.close(ran[0]),
        "failed": await colony.close(ran[1], successful=False, errors=["no bulb"]),
        "cancelled": await colony.cancel(ran[2]),
        "running": await colony.run(a_worker()),
        "waiting": await colony.submit(),
    }


async def states(colony: HeldColony) -> list[State]:
    page = await colony.store.page(colony.colonyid, ProcessFilter(), newest=False, limit=500, cursor="")
    return sorted(process.state for process in page.processes)


async def test_what_is_final_goes_once_it_is_too_old_with_its_log_and_its_counts(
    node: Node, colony: HeldColony, clock: HeldClock
) -> None:
    made = await one_of_each(colony)
    clock.advance(KEPT_MS + made["cancelled"].endtime - START - 1)
    await node.retention.go_round()
    assert len(await states(colony)) == 5
    clock.advance(1)
    await node.retention.go_round()
    assert await states(colony) == [State.WAITING, State.RUNNING]
    for ended in ("successful", "failed", "cancelled"):
        assert await colony.store.logs(made[ended].processid, since=0, limit=9) == []
    assert await colony.store.failures(colony.colonyid, executortype=None, limit=9) == []
    counts = {count for count in await colony.store.counts(colony.colonyid) if count.number}
    oldest = made["waiting"].submissiontime
    assert counts == {LaneCount("cli", State.RUNNING, 1, 0), LaneCount("cli", State.WAITING, 1, oldest)}


async def test_what_was_submitted_long_ago_and_ended_lately_stays(
    node: Node, colony: HeldColony, clock: HeldClock
) -> None:
    running = [await colony.run(a_worker()) for _ in range(PAGE + 1)]
    last = await colony.cancel(await colony.submit())
    colony.now += 1000
    for process in running:
        await colony.close(process)
    clock.advance(last.endtime - START + KEPT_MS)
    await node.retention.go_round()
    assert await states(colony) == [State.SUCCESSFUL] * (PAGE + 1)


async def test_more_than_a_page_goes_in_one_round_in_every_colony(
    node: Node, colony: HeldColony, clock: HeldClock
) -> None:
    both = [colony, await a_colony(node)]
    for each in both:
        for _ in range(2 * PAGE + 1):
            await each.cancel(await each.submit())
    clock.advance(KEPT_MS + 10_000)
    await node.retention.go_round()
    assert [await states(each) for each in both] == [[], []]


async def test_the_duty_goes_round_by_itself_where_there_is_a_time(tmp_path: Path, clock: HeldClock) -> None:
    for_ever, a_while = (a_node(f"sqlite:{tmp_path}/{days}.db", clock, days=days) for days in (0, DAYS))
    rounds: dict[Node, asyncio.Queue[int]] = {for_ever: asyncio.Queue(), a_while: asyncio.Queue()}

    def count_rounds(node: Node) -> None:
        going = node.retention.go_round

        async def counted() -> None:
            await going()
            rounds[node].put_nowait(clock.now())

        node.retention.go_round = counted  # type: ignore[method-assign]

    count_rounds(for_ever)
    count_rounds(a_while)
    async with for_ever.running(), a_while.running(), asyncio.timeout(60):
        assert await rounds[a_while].get() == clock.now()
        for _ in range(3):
            clock.advance(BETWEEN_ROUNDS_MS)
            assert await rounds[a_while].get() == clock.now()
    assert rounds[for_ever].empty()


async def test_two_brokers_that_do_it_at_once_remove_each_process_once(mongodb: str, clock: HeldClock) -> None:
    address = database(mongodb)
    async with contextlib.AsyncExitStack() as stack:
        nodes = [await stack.enter_async_context(a_node(address, clock).running()) for _ in range(3)]
        colony = await a_colony(nodes[0])
        for _ in range(2 * PAGE):
            await colony.cancel(await colony.submit())
        clock.advance(KEPT_MS + LEFT_TO_OTHERS_MS + 10_000)  # and so it is everybody's
        removed: list[str] = []
        for node in nodes:
            note_removals(node, removed)
        await asyncio.gather(*(node.retention.go_round() for node in nodes))
        assert await states(colony) == []
        assert len(removed) == len(set(removed)) == 2 * PAGE
        for node in nodes:  # each writes what it gathered before it tells
            counts = await node.store.counts(colony.colonyid)
        assert [count for count in counts if count.number] == []


def note_removals(node: Node, removed: list[str]) -> None:
    doing = node.commit.do

    async def noting(move: Any, **how: Any) -> Any:
        outcome = await doing(move, **how)
        if isinstance(move, Remove):
            removed.append(move.processid)
        return outcome

    node.commit.do = noting  # type: ignore[method-assign]
