"""Several nodes on one MongoDB, with nothing found by looking: who is woken, who ends a limit, what is made up for."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Callable
from pathlib import Path

import pytest

from broker.channels.outbox import Outbox
from broker.engine import announcer
from broker.engine.connection import Connection
from broker.engine.node import Node
from broker.settings import Settings
from broker.store.moves import AddColony, AddExecutor
from broker.store.open import open_store
from broker.store.others import channel_of
from colonies.wire.frames import Notification, decode_messages
from colonies.wire.identity import Identity
from colonies.wire.model import Colony, Conditions, Executor, ExecutorState, Process, ProcessSpec, State
from tests.conftest import database
from tests.support.clock import HeldClock
from tests.support.mongod import Mongod

COLONY = Identity.generate().id


class Several:
    """Nodes with one clock, which stands still until a test moves it."""

    def __init__(self, address: str, opened: contextlib.AsyncExitStack) -> None:
        self.clock = HeldClock()
        self.nodes: list[Node] = []
        self._address = address
        self._opened = opened

    async def start(self) -> Node:
        """One more, that reads what the others change."""
        settings = Settings(look_seconds=3600, authority_seconds=3600)
        node = Node(open_store(self._address), settings, clock=self.clock)
        await self._opened.enter_async_context(node.running())
        if not self.nodes:
            await node.commit.do(AddColony(colony=Colony(colonyid=COLONY, name="c")))
        self.nodes.append(node)
        return node

    async def know_each_other(self, condition: Callable[[Node], bool]) -> None:
        """Return when the rosters of all are so."""
        async with asyncio.timeout(60):
            while not all(condition(node) for node in self.nodes):  # noqa: ASYNC110
                await asyncio.sleep(0.01)


@pytest.fixture
async def several(mongodb: str) -> AsyncIterator[Several]:
    async with contextlib.AsyncExitStack() as opened:
        yield Several(database(mongodb), opened)


async def executor(node: Node, name: str) -> Executor:
    new = Executor(
        executorid=Identity.generate().id,
        executorname=name,
        executortype="cli",
        colonyid=COLONY,
        state=ExecutorState.APPROVED,
    )
    return await node.commit.do(AddExecutor(executor=new))


async def submit(node: Node, **fields: float) -> Process:
    spec = ProcessSpec(conditions=Conditions(executortype="cli"), func="f", **fields)  # type: ignore[arg-type]
    return (await node.submitter.submit(spec, colonyid=COLONY, submitterid=COLONY)).process


async def in_line(node: Node, who: Executor) -> asyncio.Task[Process]:
    """A caller that reads the bus, has looked, found nothing and stands idle."""
    task = asyncio.create_task(node.assigner.assign(who, timeout=600, latest=False))
    while not any(place.executorid == who.executorid and place.is_idle for place in node.assigner.places()):  # noqa: ASYNC110
        await asyncio.sleep(0)
    return task


def claims(*nodes: Node) -> float:
    return float(sum(node.telemetry.moves.value("Claim") for node in nodes))


async def test_a_caller_in_line_gets_what_was_submitted_at_another_broker(several: Several) -> None:
    here, there = await several.start(), await several.start()
    waiting = await in_line(there, await executor(there, "one"))
    stored = await submit(here)
    async with asyncio.timeout(60):
        assert (await waiting).processid == stored.processid
    assert claims(here, there) == 2  # the first look, and one for what came


async def test_of_many_brokers_with_callers_one_wakes_one(several: Several) -> None:
    here = await several.start()
    others = [await several.start() for _ in range(4)]
    waiting = [await in_line(node, await executor(node, f"e{number}")) for number, node in enumerate(others)]
    channel = channel_of(COLONY, "cli")
    await several.know_each_other(lambda node: sum(channel in one.takes for one in node.roster.known) == 4)
    before = claims(*others)
    stored = [await submit(here) for _ in waiting]
    # The clock stands still: whoever comes second for a process never does, and each process is taken all the same,
    # unless its first broker has nobody idle any more.
    taken = {number for number, task in enumerate(waiting) if (await asyncio.wait([task], timeout=1))[0]}
    assert taken
    assert claims(*others) - before == len(taken)
    several.clock.advance(1000)
    async with asyncio.timeout(60):
        given = [(await task).processid for task in waiting]
    assert sorted(given) == sorted(process.processid for process in stored)


async def test_whoever_comes_later_wakes_when_the_first_does_not(several: Several) -> None:
    here, there = await several.start(), await several.start()
    waiting = await in_line(there, await executor(there, "one"))
    channel = channel_of(COLONY, "cli")
    await several.know_each_other(lambda node: any(channel in one.takes for one in node.roster.known))
    here.assigner.stood = lambda: {channel}  # type: ignore[method-assign]  # it says so, and wakes nobody
    await several.know_each_other(lambda node: sum(channel in one.takes for one in node.roster.known) == 2)
    stored = [await submit(here) for _ in range(20)]
    several.clock.advance(1000)
    async with asyncio.timeout(60):
        assert (await waiting).processid in {process.processid for process in stored}


async def test_brokers_share_the_limits_and_a_lone_one_ends_them_all(several: Several) -> None:
    here, there = await several.start(), await several.start()
    await several.know_each_other(lambda node: len(node.roster.known) == 2)
    stored = [await submit(here, maxwaittime=5) for _ in range(100)]
    for node in (here, there):
        node.deadlines.note(stored[0].waitdeadline)
    several.clock.advance(5010)
    own = {node: sum(node.roster.is_first(process.processid) for process in stored) for node in (here, there)}
    assert sum(own.values()) == len(stored)
    for node in (here, there):
        while ended(node) < own[node]:  # noqa: ASYNC110
            await asyncio.sleep(0.01)
    assert {node: ended(node) for node in (here, there)} == own
    assert all(number > 10 for number in own.values())
    # What the other one does not do is done a moment later.
    more = [await submit(here, maxwaittime=5) for _ in range(100)]
    there.deadlines._is_own = lambda due, now: False  # type: ignore[method-assign]
    several.clock.advance(5010)
    several.clock.advance(200)
    async with asyncio.timeout(60):
        while ended(here) < own[here] + len(more):
            await asyncio.sleep(0.01)
            several.clock.advance(1)


def ended(node: Node) -> float:
    value: float = node.telemetry.overruns.labels("wait")._value.get()
    return value


class Listener:
    """A connection with a subscription to waiting processes of the type `cli`, as the handler makes it."""

    def __init__(self, node: Node) -> None:
        self.node = node
        self.filled = asyncio.Event()
        self.outbox = Outbox(max_messages=1000, max_bytes=1 << 20, on_filled=self.filled.set)
        self.connection = Connection(self.outbox)

    async def listen(self) -> None:
        self.node.presence.arrive(COLONY, self.connection)
        made = await self.node.subscriptions.add(
            self.connection,
            owner=COLONY,
            channels=[announcer.of_type(COLONY, "cli", State.WAITING)],
            elsewhere=[channel_of(COLONY, "cli")],
        )

        async def look() -> None:
            found = await self.node.store.peek([f"{COLONY}/type:cli"], self.node.clock.now())
            made.push_missed(found, states=[State.WAITING], event="backlog")

        made.look = look

    async def told(self) -> tuple[str, str]:
        """The next event, and the process that it is about."""
        if not len(self.outbox):
            self.filled.clear()
            await asyncio.wait_for(self.filled.wait(), 60)
        (parcel,) = self.outbox.take(max_bytes=1)
        (message,) = decode_messages(parcel.message)
        assert isinstance(message, Notification)
        return message.params["event"], message.params["process"]["processid"]


async def test_where_the_place_is_lost_everybody_looks(tmp_path: Path) -> None:
    mongod = Mongod(tmp_path)
    try:
        mongod.start()
        async with contextlib.AsyncExitStack() as opened:
            await look_after_a_loss(Several(database(mongod.address), opened), mongod)
    finally:
        mongod.kill()


async def look_after_a_loss(several: Several, mongod: Mongod) -> None:
    here, there = await several.start(), await several.start()
    listener = Listener(there)
    await listener.listen()
    waiting = await in_line(there, await executor(there, "one"))
    there.elsewhere.hear = lost  # type: ignore[assignment, method-assign]
    stored = [await submit(here) for _ in range(2)]
    # As after an absence longer than the oplog: MongoDB says that its history does not reach back so far.
    with mongod.failing("getMore", errorCode=286):
        async with asyncio.timeout(60):
            assert (await waiting).processid == stored[0].processid
    assert there.telemetry.changes_lost._value.get() >= 1
    # Whoever looked first found the first or, once that was taken, the second; and looks again when asked to.
    told = await listener.told()
    assert told[0] == "backlog"
    if told[1] != stored[1].processid:
        there.commit.doubted.set()
        assert await listener.told() == ("backlog", stored[1].processid)


async def lost(_told: object) -> None:
    """What is read is told to nobody."""


async def test_a_broken_off_feed_goes_on_where_it_was(several: Several) -> None:
    here, there = await several.start(), await several.start()
    listener = Listener(there)
    await listener.listen()
    first = await submit(here)
    assert await listener.told() == ("submitted", first.processid)
    async with there.bus._opened:  # as long as it is held nothing is opened anew
        there.bus._grown.set()
        while there.bus._grown.is_set():  # noqa: ASYNC110
            await asyncio.sleep(0.01)
        missed = [await submit(here) for _ in range(3)]
    assert [await listener.told() for _ in missed] == [("submitted", process.processid) for process in missed]
    assert not len(listener.outbox)


async def test_a_channel_is_read_before_its_subscription_begins(several: Several) -> None:
    here, there = await several.start(), await several.start()
    for number in range(20):
        listener = Listener(there)
        there.presence.arrive(COLONY, listener.connection)
        kind = f"type-{number}"
        await there.subscriptions.add(
            listener.connection,
            owner=COLONY,
            channels=[announcer.of_type(COLONY, kind, State.WAITING)],
            elsewhere=[channel_of(COLONY, kind)],
        )
        spec = ProcessSpec(conditions=Conditions(executortype=kind), func="f")
        submitted = (await here.submitter.submit(spec, colonyid=COLONY, submitterid=COLONY)).process
        assert await listener.told() == ("submitted", submitted.processid)


async def test_only_what_somebody_cares_for_is_read(several: Several) -> None:
    here, there = await several.start(), await several.start()
    listener = Listener(there)
    await listener.listen()
    for kind in ("lamp", "any", "lamp"):
        spec = ProcessSpec(conditions=Conditions(executortype=kind), func="f")
        await here.submitter.submit(spec, colonyid=COLONY, submitterid=COLONY)
    stored = await submit(here)
    assert await listener.told() == ("submitted", stored.processid)
    assert there.telemetry.changes._value.get() == 1
    assert here.telemetry.changes._value.get() == 0
