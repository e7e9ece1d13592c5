"""A broker that is told to stop: what it answers still, whom it turns away, and when it asks its clients to come back."""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
from collections.abc import Callable, Iterator
from pathlib import Path

import httpx
import pytest
from websockets.asyncio.client import connect

from colonies.wire import errors
from colonies.wire.errors import CloseCode
from colonies.wire.frames import SUBPROTOCOL
from tests.support.broker import Broker
from tests.support.colony import make_colony, spec
from tests.support.mongod import Mongod
from tests.support.peer import PATIENCE, peer


async def test_what_was_on_its_way_when_the_client_was_told_is_answered(
    fresh_store: str, start_broker: Callable[..., Broker]
) -> None:
    """The client cannot know: it asks, and in that moment the broker says that it stops."""
    broker = start_broker(fresh_store)
    async with peer(broker.address) as link:
        keys = await make_colony(link, broker.owner)
        stopped = asyncio.create_task(asyncio.to_thread(broker.stop))
        await link.notified("draining")
        process = await link.call(keys.operator, "process.submit", spec=spec())
        with pytest.raises(errors.Draining):
            await link.call(keys.executor, "process.assign", timeout=60)
        await link.socket.close()
        assert await stopped == 0
    broker.start()
    async with peer(broker.address) as link:
        assigned = await link.call(keys.executor, "process.assign", timeout=0)
        assert (assigned["processid"], assigned["attempt"]) == (process["processid"], 1)


async def test_clients_are_asked_to_come_back_at_different_times(
    tmp_path: Path, start_broker: Callable[..., Broker]
) -> None:
    broker = start_broker(f"sqlite:{tmp_path / 'broker.db'}")
    async with contextlib.AsyncExitStack() as stack:
        links = [await stack.enter_async_context(peer(broker.address)) for _ in range(150)]
        stopped = asyncio.create_task(asyncio.to_thread(broker.stop))
        pauses = [(await link.notified("draining"))["reconnect"] for link in links]
        assert await stopped == 0
    assert len(set(pauses)) > 50
    assert 100 < max(pauses) < 150  # a millisecond for each of them


@pytest.fixture
def mongod(tmp_path: Path) -> Iterator[Mongod]:
    """A database of the test's own, for it is brought to a standstill."""
    started = Mongod(tmp_path / "mongod")
    started.start()
    try:
        yield started
    finally:
        started.kill()


@contextlib.contextmanager
def standing_still(mongod: Mongod) -> Iterator[None]:
    os.kill(mongod.pid, signal.SIGSTOP)
    try:
        yield
    finally:
        os.kill(mongod.pid, signal.SIGCONT)


async def test_while_it_answers_what_was_asked_it_is_not_ready_and_turns_newcomers_away(
    tmp_path: Path, mongod: Mongod, start_broker: Callable[..., Broker]
) -> None:
    """A load balancer sends on for a while, and has to hear of it from the broker itself."""
    broker = start_broker(mongod.address.replace("/?", "/draining?"), "--drain", "60")
    async with peer(broker.address) as link, httpx.AsyncClient(base_url=broker.address, trust_env=False) as web:
        keys = await make_colony(link, broker.owner)
        with standing_still(mongod):
            submitting = await link.send(keys.operator, "process.submit", spec=spec())
            stopped = asyncio.create_task(asyncio.to_thread(broker.stop, seconds=70))
            await link.notified("draining")
            said = await web.get("/readyz")
            assert (said.status_code, said.text) == (503, "draining\n")
            url = broker.address.replace("http", "ws", 1) + "/ws"
            async with connect(url, subprotocols=[SUBPROTOCOL], proxy=None) as newcomer:  # type: ignore[list-item]
                await asyncio.wait_for(newcomer.wait_closed(), PATIENCE)
                assert newcomer.close_code == CloseCode.DRAINING
        with contextlib.suppress(errors.Unavailable):  # an answer too, after five seconds
            assert (await asyncio.wait_for(submitting, PATIENCE))["state"] == 0
        assert await link.closed() == CloseCode.DRAINING
        assert await stopped == 0
