"""Live figures under a held clock: read once for all, pushed when they differ, and not more often than asked."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from broker.channels.outbox import Outbox
from broker.engine.connection import BEHIND_MESSAGES, Connection
from broker.engine.node import Node
from broker.engine.ticker import LOOK_MS, SIGN_OF_LIFE_MS
from broker.settings import Settings
from broker.store.moves import AddColony, AddExecutor, Cancel
from broker.store.open import open_store
from colonies.wire import errors
from colonies.wire.figures import Stats
from colonies.wire.frames import decode_messages
from colonies.wire.identity import Identity
from colonies.wire.model import Colony, Conditions, Executor, ExecutorState, ProcessSpec
from tests.support.clock import HeldClock

COLONY = Identity.generate().id
EXECUTOR = Identity.generate().id


class Figures:
    """A node under a held clock, its reads counted, and connections that follow its figures."""

    def __init__(self, node: Node, clock: HeldClock) -> None:
        self.node = node
        self.clock = clock
        self.reads = 0
        self.is_away = False
        self._stats = node.reporter.stats
        node.reporter.stats = self._counted  # type: ignore[method-assign]

    async def _counted(self, colonyid: str) -> Stats:
        self.reads += 1
        if self.is_away:
            raise errors.Unavailable("away")
        return await self._stats(colonyid)

    async def submit(self, executortype: str = "cli") -> str:
        """Submit a process and return its id."""
        spec = ProcessSpec(conditions=Conditions(executortype=executortype), func="f")
        return (await self.node.submitter.submit(spec, colonyid=COLONY, submitterid=COLONY)).process.processid

    async def follow(self, interval: float) -> Follower:
        filled = asyncio.Event()
        connection = Connection(Outbox(max_messages=1000, max_bytes=1 << 20, on_filled=filled.set))
        channel = self.node.ticker.follow(COLONY, interval=interval)
        made = await self.node.subscriptions.add(connection, owner="o", channels=[channel], only_newest=True)
        await self.node.ticker.tell(COLONY, channel, made.push)
        return Follower(connection, filled)

    async def looked_again(self, reads: int) -> None:
        """Return when the figures were read that often."""
        while self.reads < reads:  # noqa: ASYNC110
            await asyncio.sleep(0)


class Follower:
    def __init__(self, connection: Connection, filled: asyncio.Event) -> None:
        self.connection = connection
        self.filled = filled

    async def told(self) -> dict[str, int]:
        """The next push, as how many processes wait by type."""
        if not len(self.connection.outbox):
            self.filled.clear()
            await asyncio.wait_for(self.filled.wait(), 20)
        (parcel,) = self.connection.outbox.take(max_bytes=1)
        (message,) = decode_messages(parcel.message)
        stats: Any = message.params["stats"]  # type: ignore[union-attr]
        return {counts["executortype"]: counts["waiting"] for counts in stats["types"]}


@pytest.fixture
async def figures(tmp_path: Path) -> AsyncIterator[Figures]:
    clock = HeldClock()
    async with Node(open_store(f"sqlite:{tmp_path}/b.db"), Settings(), clock=clock).running() as node:
        await node.commit.do(AddColony(colony=Colony(colonyid=COLONY, name="c")))
        yield Figures(node, clock)


async def test_a_follower_is_told_at_once_then_of_changes_once_an_interval(figures: Figures) -> None:
    follower = await figures.follow(1)
    assert await follower.told() == {}
    for _ in range(3):
        await figures.submit()
    figures.clock.advance(1000)
    assert await follower.told() == {"cli": 3}
    await figures.submit()
    figures.clock.advance(1000)
    assert await follower.told() == {"cli": 4}


async def test_the_first_change_after_a_quiet_interval_is_told_without_waiting(figures: Figures) -> None:
    follower = await figures.follow(1)
    await follower.told()
    figures.clock.advance(1000)
    await figures.submit()
    assert await follower.told() == {"cli": 1}


async def test_figures_that_stay_the_same_are_told_as_a_sign_of_life(figures: Figures) -> None:
    await figures.submit()
    follower = await figures.follow(0.25)
    for _ in range(3):
        assert await follower.told() == {"cli": 1}
        figures.clock.advance(SIGN_OF_LIFE_MS - 1)
        figures.clock.advance(1)
    assert await follower.told() == {"cli": 1}
    assert figures.reads == 4


async def test_all_followers_of_a_colony_cost_one_reading(figures: Figures) -> None:
    followers = [await figures.follow(0.5) for _ in range(5)]
    for follower in followers:
        await follower.told()
    assert figures.reads == 1
    await figures.submit()
    figures.clock.advance(500)
    assert [await follower.told() for follower in followers] == [{"cli": 1}] * 5
    assert figures.reads == 2


async def test_each_is_told_at_its_own_interval(figures: Figures) -> None:
    quick, slow = await figures.follow(0.25), await figures.follow(2)
    await quick.told()
    await slow.told()
    for number in range(1, 9):
        await figures.submit()
        figures.clock.advance(250)
        assert await quick.told() == {"cli": number}
    assert await slow.told() == {"cli": 8}


async def test_nobody_who_follows_costs_nothing(figures: Figures) -> None:
    follower = await figures.follow(0.25)
    await follower.told()
    figures.node.disconnect(follower.connection)
    await figures.submit()
    figures.clock.advance(250)
    while figures.node.ticker.followed():  # noqa: ASYNC110
        await asyncio.sleep(0)
    assert figures.reads == 1


async def test_a_store_that_is_away_is_asked_once_an_interval_and_told_of_when_it_is_back(figures: Figures) -> None:
    follower = await figures.follow(1)
    await follower.told()
    figures.is_away = True
    await figures.submit()
    for reads in (2, 3):
        figures.clock.advance(1000)
        await figures.looked_again(reads)
    figures.is_away = False
    figures.clock.advance(1000)
    assert await follower.told() == {"cli": 1}
    assert figures.reads == 4


async def test_an_executor_that_comes_or_goes_is_a_change(figures: Figures) -> None:
    executor = Executor(
        executorid=EXECUTOR,
        executorname="e",
        executortype="cli",
        colonyid=COLONY,
        state=ExecutorState.APPROVED,
    )
    await figures.node.commit.do(AddExecutor(executor=executor))
    follower = await figures.follow(1)
    await follower.told()
    connection = Connection(Outbox(max_messages=1, max_bytes=1))
    figures.node.arrive(EXECUTOR, connection)
    figures.clock.advance(1000)
    await follower.told()
    figures.node.disconnect(connection)
    figures.clock.advance(1000)
    await follower.told()


async def test_a_process_that_is_removed_is_a_change(figures: Figures) -> None:
    processid = await figures.submit()
    await figures.node.change(Cancel(colonyid=COLONY, processid=processid, now=figures.clock.now()))
    follower = await figures.follow(1)
    assert await follower.told() == {"cli": 0}
    await figures.node.remove_process(COLONY, processid)
    figures.clock.advance(1000)
    assert await follower.told() == {}


async def test_on_a_shared_store_what_others_wrote_is_found_by_looking(figures: Figures) -> None:
    figures.node.store.shared = True
    follower = await figures.follow(0.25)
    await follower.told()
    figures.node.announcer.observers.remove(figures.node.ticker.hear)  # as if another broker had done it
    await figures.submit()
    figures.clock.advance(LOOK_MS)
    assert await follower.told() == {"cli": 1}


async def test_who_is_behind_is_spared_figures_that_the_next_will_outdate(figures: Figures) -> None:
    behind, other = await figures.follow(1), await figures.follow(1)
    await behind.told()
    await other.told()
    for _ in range(BEHIND_MESSAGES + 1):
        behind.connection.tell(b"x")
    await figures.submit()
    figures.clock.advance(1000)
    assert await other.told() == {"cli": 1}
    assert len(behind.connection.outbox.take(max_bytes=1 << 20)) == BEHIND_MESSAGES + 1
    await figures.submit()
    figures.clock.advance(1000)
    assert await behind.told() == {"cli": 2}
