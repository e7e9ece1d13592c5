"""A node that closes leaves nothing behind, and waits for nothing without end."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from broker.channels.outbox import Outbox
from broker.engine.connection import Connection
from broker.engine.node import Node
from broker.settings import Settings
from broker.store.moves import AddColony, AddExecutor
from broker.store.open import open_store
from colonies.wire.identity import Identity
from colonies.wire.model import Colony, Executor, ExecutorState
from tests.support.clock import HeldClock

COLONY, EXECUTOR = Identity.generate().id, Identity.generate().id


def a_node(folder: Path, clock: HeldClock) -> Node:
    return Node(open_store(f"sqlite:{folder / 'broker.db'}"), Settings(), clock=clock)


async def add_executor(node: Node) -> None:
    await node.commit.do(AddColony(colony=Colony(colonyid=COLONY, name="c")))
    executor = Executor(
        executorid=EXECUTOR,
        executorname="e",
        executortype="cli",
        colonyid=COLONY,
        state=ExecutorState.APPROVED,
    )
    await node.commit.do(AddExecutor(executor=executor))


async def test_whoever_leaves_as_it_closes_was_seen_last_then(tmp_path: Path) -> None:
    clock = HeldClock()
    async with asyncio.timeout(60):
        async with a_node(tmp_path, clock).running() as node:
            await add_executor(node)
            connection = Connection(Outbox(max_messages=1, max_bytes=1))
            node.arrive(EXECUTOR, connection)
            node.presence.saw(EXECUTOR)
            node.disconnect(connection)
        async with a_node(tmp_path, clock).running() as again:
            (seen,) = await again.store.executors(COLONY)
    assert seen.lastseen == clock.now()


async def test_what_does_not_end_is_dropped(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("broker.engine.duties.FINISH_SECONDS", 0.01)
    dropped = asyncio.Event()

    async def without_end() -> None:
        try:
            await asyncio.Event().wait()
        finally:
            dropped.set()

    async with asyncio.timeout(60):
        async with a_node(tmp_path, HeldClock()).running() as node:
            node.duties.spawn(without_end())
            await asyncio.sleep(0)
    assert dropped.is_set()


async def test_whoever_left_was_seen_before_the_store_knows_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    clock = HeldClock()
    async with a_node(tmp_path, clock).running() as node:
        await add_executor(node)
        monkeypatch.setattr(
            node.duties, "spawn", lambda work: work.close()
        )  # the store is told later than anybody asks
        connection = Connection(Outbox(max_messages=1, max_bytes=1))
        node.arrive(EXECUTOR, connection)
        node.presence.saw(EXECUTOR)
        node.disconnect(connection)
        clock.advance(1000)
        (told,) = await node.reporter.executors(COLONY)
    assert (told.online, told.lastseen) == (False, clock.now() - 1000)
