"""Queue groups under a held clock: who is woken for what, and for what nobody is."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from functools import partial

import pytest

from broker.engine.node import Node
from broker.engine.push import addressed
from broker.engine.waker import MAX_PENDING, group_of
from broker.settings import Settings
from broker.store.moves import AddColony, Cancel
from broker.store.open import open_store
from colonies.wire.frames import Notification, decode_messages
from colonies.wire.identity import Identity
from colonies.wire.model import Colony, Conditions, Executor, ExecutorState, ProcessSpec
from tests.support.clock import HeldClock

COLONY, EXECUTOR = Identity.generate().id, Identity.generate().id
WHO = Executor(
    executorid=EXECUTOR,
    executorname="e",
    executortype="cli",
    colonyid=COLONY,
    state=ExecutorState.APPROVED,
)
GRACE_MS = 1000


class Group:
    """A queue group of two, and who of it was woken for which process."""

    def __init__(self, node: Node, executortype: str = "cli") -> None:
        self.woken: list[tuple[str, str]] = []
        self._told = asyncio.Event()
        for name in ("first", "second"):
            node.hub.join(group_of(COLONY, executortype), partial(self._hear, name))

    def _hear(self, name: str, push: bytes) -> None:
        (message,) = decode_messages(addressed(push, 1))
        assert isinstance(message, Notification)
        self.woken.append((name, message.params["process"]["processid"]))
        self._told.set()

    async def wait_woken(self, number: int) -> None:
        """Return when that many were woken, counted from the beginning."""
        async with asyncio.timeout(60):
            while len(self.woken) < number:
                self._told.clear()
                await self._told.wait()


@pytest.fixture
async def node(fresh_store: str) -> AsyncIterator[Node]:
    settings = Settings(wake_grace_seconds=GRACE_MS / 1000)
    async with Node(open_store(fresh_store), settings, clock=HeldClock()).running() as node:
        await node.commit.do(AddColony(colony=Colony(colonyid=COLONY, name="c")))
        yield node


async def submit(node: Node, executortype: str = "cli") -> str:
    spec = ProcessSpec(conditions=Conditions(executortype=executortype), func="f")
    return (await node.submitter.submit(spec, colonyid=COLONY, submitterid=COLONY)).process.processid


def pass_time(node: Node, milliseconds: int) -> None:
    assert isinstance(node.clock, HeldClock)
    node.clock.advance(milliseconds)


async def test_what_was_taken_wakes_nobody_else(node: Node) -> None:
    group = Group(node)
    taken = await submit(node)
    assert (await node.assigner.assign(WHO, timeout=0, latest=False)).processid == taken
    waits = await submit(node)
    assert group.woken == [("first", taken), ("second", waits)]
    pass_time(node, GRACE_MS)
    await group.wait_woken(3)  # both were due, and the older one first
    assert group.woken[2:] == [("first", waits)]


async def test_nobody_is_woken_before_the_grace_time_is_over(node: Node) -> None:
    group = Group(node)
    early = await submit(node)
    pass_time(node, GRACE_MS - 1)
    late = await submit(node)
    pass_time(node, 1)
    await group.wait_woken(3)
    assert group.woken == [("first", early), ("second", late), ("second", early)]


async def test_however_much_waits_few_processes_are_remembered(node: Node) -> None:
    group, other = Group(node), Group(node, "other")
    await asyncio.gather(*(submit(node) for _ in range(3 * MAX_PENDING)))
    await submit(node, "other")
    assert len(group.woken) == 3 * MAX_PENDING  # each of them wakes somebody
    pass_time(node, GRACE_MS)
    await other.wait_woken(2)  # which was due after all before it
    assert len(group.woken) == 4 * MAX_PENDING


async def test_what_was_not_remembered_wakes_somebody_once_the_rest_is_gone(node: Node) -> None:
    group = Group(node)
    submitted = [await submit(node) for _ in range(MAX_PENDING + 2)]
    for processid in submitted[:MAX_PENDING]:
        await node.change(Cancel(colonyid=COLONY, processid=processid, now=node.clock.now()))
    woken = len(group.woken)
    for processid in submitted[MAX_PENDING:]:
        pass_time(node, GRACE_MS)
        await group.wait_woken(woken + 1)
        assert group.woken[woken][1] == processid
        assert (await node.assigner.assign(WHO, timeout=0, latest=False)).processid == processid
        woken = len(group.woken)


async def test_what_everybody_was_woken_for_is_left_to_them_also_after_a_burst(node: Node) -> None:
    group, other = Group(node), Group(node, "other")
    submitted = [await submit(node) for _ in range(MAX_PENDING + 1)]
    for processid in submitted[:MAX_PENDING]:
        await node.change(Cancel(colonyid=COLONY, processid=processid, now=node.clock.now()))
    woken = len(group.woken)
    for number in (1, 2):  # the look, and the next one who is woken for what it found
        pass_time(node, GRACE_MS)
        await group.wait_woken(woken + number)
    for _ in range(4):  # everybody was; it looks once more, and finds what it found before
        heard = len(other.woken)
        taken = await submit(node, "other")
        pass_time(node, GRACE_MS)
        await other.wait_woken(heard + 2)
        await node.change(Cancel(colonyid=COLONY, processid=taken, now=node.clock.now()))
    assert [processid for _, processid in group.woken[woken:]] == [submitted[-1]] * 2
