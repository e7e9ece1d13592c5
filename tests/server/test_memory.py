"""What a connection takes of memory while nothing happens on it, in a broker that is a process of its own.

Promised is one and a half times what it takes at a bare Starlette, 25.7 KiB: 38.5. Allowed is little more than it
takes, so that what a session holds on to for nothing is noticed.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack
from pathlib import Path

import pytest

from colonies.wire.identity import Identity
from tests.support.broker import Broker, running_broker
from tests.support.colony import make_colony
from tests.support.peer import Peer, peer

FIRST = 100  # after so many, everything that is made once is made
IDLE = 500
FRAME = 100
KIB = 1024


@pytest.fixture
async def own_broker(tmp_path: Path) -> AsyncIterator[Broker]:
    owner = Identity.generate()
    with running_broker(f"sqlite:{tmp_path / 'broker.db'}", tmp_path, owner=owner) as started:
        yield started


async def members(link: Peer, owner: Identity) -> list[Identity]:
    """As many approved executors as there will be connections."""
    colony = await make_colony(link, owner, executors=0)
    keys = [Identity.generate() for _ in range(FIRST + IDLE)]
    for start in range(0, len(keys), FRAME):
        executors = [
            {"executorid": key.id, "executorname": key.id[:16], "executortype": "cli"}
            for key in keys[start : start + FRAME]
        ]
        adding = [("executor.add", {"executor": executor, "approve": True}) for executor in executors]
        await asyncio.gather(*await link.batch(colony.owner, *adding))
    return keys


async def ask(link: Peer, key: Identity) -> None:
    await link.call(key, "server.info")


async def work(link: Peer, key: Identity) -> None:
    """As a worker does: follow what waits, and stand in line."""
    await link.call(key, "subscribe", executortype="cli", state=0)
    await link.send(key, "process.assign", timeout=600)
    await link.call(key, "server.info")  # answered after that has joined the line


@pytest.mark.parametrize(("live", "most"), [(ask, 35 * KIB), (work, 38 * KIB)])
async def test_an_idle_executor_takes_little_memory(
    own_broker: Broker, live: Callable[[Peer, Identity], Awaitable[None]], most: int
) -> None:
    def resident() -> int:
        return int(Path(f"/proc/{own_broker.pid}/statm").read_text().split()[1]) * 4096

    async with AsyncExitStack() as stack:
        link = await stack.enter_async_context(peer(own_broker.address))
        before = 0
        for number, key in enumerate(await members(link, own_broker.owner)):
            if number == FIRST:
                before = resident()
            await live(await stack.enter_async_context(peer(own_broker.address)), key)
        taken = (resident() - before) / IDLE
    assert taken < most  # once all have left: what is raised would go through each of them
