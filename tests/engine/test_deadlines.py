"""What falls due is asked of the store once a sweep, and everything that is due is applied."""

from __future__ import annotations

import asyncio
import contextlib
import sqlite3
from collections.abc import AsyncIterator
from pathlib import Path
from types import SimpleNamespace

import pytest

from broker.engine.deadlines import FIRST, LEFT_TO_OTHERS_MS, PAGE, Deadlines
from broker.engine.node import Node
from broker.settings import Settings
from broker.store.base import Due
from broker.store.open import open_store
from colonies.wire.identity import Identity
from colonies.wire.model import Conditions, Process, ProcessSpec, State
from tests.support.clock import HeldClock

COLONY, SUBMITTER = Identity.generate().id, Identity.generate().id
LOOK_SECONDS = 5


@pytest.fixture
def clock() -> HeldClock:
    """That of the deadlines that are tested. The node's own stands still, so that it applies none."""
    return HeldClock()


@pytest.fixture
async def node(tmp_path: Path) -> AsyncIterator[Node]:
    store = open_store(f"sqlite:{tmp_path / 'broker.db'}")
    async with Node(store, Settings(), clock=HeldClock()).running() as opened:
        yield opened


@pytest.fixture
def deadlines(node: Node, clock: HeldClock) -> Deadlines:
    return Deadlines(
        node.store, node.commit, node.announcer, clock, node.telemetry, node.roster, look_seconds=LOOK_SECONDS
    )


@pytest.fixture
def asked(node: Node, deadlines: Deadlines, monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """How many each question of a sweep asked for; the answers are the store's own."""
    limits: list[int] = []
    upcoming = node.store.upcoming

    async def noted(limit: int) -> list[Due]:
        limits.append(limit)
        return await upcoming(limit)

    monkeypatch.setattr(deadlines, "_store", SimpleNamespace(upcoming=noted))
    return limits


async def submit(node: Node, seconds: float) -> Process:
    spec = ProcessSpec(conditions=Conditions(executortype="cli"), func="f", maxwaittime=seconds)
    return (await node.submitter.submit(spec, colonyid=COLONY, submitterid=SUBMITTER)).process


async def submit_many(node: Node, number: int, seconds: float) -> None:
    await asyncio.gather(*(submit(node, seconds) for _ in range(number)))


async def failed(node: Node) -> int:
    return sum(count.number for count in await node.store.counts(COLONY) if count.state == State.FAILED)


async def test_a_sweep_asks_once_and_knows_from_that_when_the_next_one_is(
    node: Node, deadlines: Deadlines, clock: HeldClock, asked: list[int]
) -> None:
    _, second = await submit(node, 1), await submit(node, 3)
    clock.advance(1001)
    await deadlines.sweep()
    assert asked == [FIRST]
    assert await failed(node) == 1
    assert deadlines._next == second.waitdeadline


@pytest.mark.parametrize("number", [FIRST, FIRST + 1, PAGE + FIRST + 1])
async def test_a_sweep_goes_on_until_nothing_is_due(
    node: Node, deadlines: Deadlines, clock: HeldClock, asked: list[int], number: int
) -> None:
    await submit_many(node, number, 1)
    await submit(node, 30)
    clock.advance(1001)
    await deadlines.sweep()
    assert await failed(node) == number
    assert asked == [FIRST, *[PAGE] * ((number - FIRST) // PAGE + 1)]
    assert deadlines._next == clock.now() + LOOK_SECONDS * 1000


async def test_what_is_left_to_others_is_looked_for_again_soon(
    node: Node, deadlines: Deadlines, clock: HeldClock, asked: list[int], monkeypatch: pytest.MonkeyPatch
) -> None:
    await submit_many(node, PAGE + 1, 1)
    clock.advance(1001)
    monkeypatch.setattr(deadlines, "_is_own", lambda due, now: False)
    await deadlines.sweep()
    assert asked == [FIRST, PAGE]
    assert await failed(node) == 0
    assert deadlines._next == clock.now() + LEFT_TO_OTHERS_MS


async def test_processes_that_cannot_be_read_keep_no_other_from_ending(tmp_path: Path, clock: HeldClock) -> None:
    """As a file may be after a disk has failed. More of them than the first look of a sweep takes."""
    file = tmp_path / "damaged.db"
    async with Node(open_store(f"sqlite:{file}"), Settings(), clock=HeldClock()).running() as node:
        await submit_many(node, FIRST + 1, 1)
        last = await submit(node, 2)
    with contextlib.closing(sqlite3.connect(file)) as db, db:
        db.execute("UPDATE processes SET spec = x'c1' WHERE processid != ?", (last.processid,))
    async with Node(open_store(f"sqlite:{file}"), Settings(), clock=HeldClock()).running() as node:
        deadlines = Deadlines(
            node.store, node.commit, node.announcer, clock, node.telemetry, node.roster, look_seconds=LOOK_SECONDS
        )
        clock.advance(2001)
        await deadlines.sweep()
        assert await failed(node) == 1
