"""The door: who is let in, what is said over HTTP, and how a broker stops."""

from __future__ import annotations

import asyncio
import signal
from collections.abc import Callable
from pathlib import Path
from typing import Any

import httpx
import pytest
from websockets.asyncio.client import connect

from colonies.wire import errors
from colonies.wire.errors import CloseCode
from tests.support.broker import Broker
from tests.support.colony import ColonyKeys, make_colony, spec
from tests.support.peer import Peer, peer


async def closed_with(address: str, **options: Any) -> tuple[int | None, str | None]:
    async with connect(address.replace("http", "ws", 1) + "/ws", compression=None, proxy=None, **options) as socket:
        await asyncio.wait_for(socket.wait_closed(), 20)
        return socket.close_code, socket.close_reason


async def test_a_client_without_the_subprotocol_is_told_so(broker: Broker) -> None:
    code, reason = await closed_with(broker.address)
    assert (code, reason) == (CloseCode.REFUSED, "the client must offer the subprotocol colonies.v1")


async def test_a_page_of_another_origin_is_refused_unless_allowed(
    tmp_path: Path, start_broker: Callable[..., Broker]
) -> None:
    broker = start_broker(f"sqlite:{tmp_path}/b.db", "--allow-origin", "https://allowed.example")
    code, reason = await closed_with(broker.address, subprotocols=["colonies.v1"], origin="https://elsewhere.example")
    assert code == CloseCode.REFUSED
    assert "--allow-origin" in (reason or "")
    for origin in ("https://allowed.example", broker.address):
        async with peer(broker.address, origin=origin) as link:
            assert link.hello["protocol"] == 1


async def test_hello_says_the_limits_and_a_fresh_challenge(broker: Broker) -> None:
    async with peer(broker.address) as one, peer(broker.address) as two:
        assert one.hello["limits"] == {"frame": 2**20, "inflight": 256, "batch": 256, "idle": 40}
        assert len(one.challenge) == 32
        assert one.challenge != two.challenge


async def test_health_readiness_and_metrics(broker: Broker, link: Peer, keys: ColonyKeys) -> None:
    async with httpx.AsyncClient(base_url=broker.address, trust_env=False) as client:
        assert (await client.get("/healthz")).text == "ok\n"
        assert (await client.get("/readyz")).text == "ready\n"
        assert "colonies_requests_total" in (await client.get("/metrics")).text
        assert "/src/main.js" in (await client.get("/")).text


async def test_sigterm_drains_answers_what_is_asked_and_exits_with_zero(
    fresh_store: str, start_broker: Callable[..., Broker]
) -> None:
    broker = start_broker(fresh_store)
    async with peer(broker.address) as link:
        keys = await make_colony(link, broker.owner)
        await link.call(keys.executor, "subscribe", executortype="lamp")
        in_line = await link.send(keys.executor, "process.assign", timeout=60)
        await link.call(keys.viewer, "server.info")
        stopped = asyncio.create_task(asyncio.to_thread(broker.stop))
        with pytest.raises(errors.Draining):
            await asyncio.wait_for(in_line, 20)
        assert "reconnect" in await link.notified("draining")
        assert (await link.notified("ended"))["reason"] == "draining"
        assert await link.closed() == CloseCode.DRAINING
        assert await stopped == 0


async def test_after_kill_9_everything_acknowledged_is_there_once(
    fresh_store: str, start_broker: Callable[..., Broker]
) -> None:
    """A thousand submits, half of them closed, with the broker killed in the middle."""
    broker = start_broker(fresh_store)
    acknowledged: dict[str, str] = {}
    closed: set[str] = set()
    async with peer(broker.address) as link:
        keys = await make_colony(link, broker.owner, executors=4)

        async def submit(number: int) -> None:
            processid = f"process-{number:08d}"
            await link.call(keys.operator, "process.submit", spec=spec(args=[number]), processid=processid)
            acknowledged[processid] = "submitted"
            if len(acknowledged) == 600:
                broker._process.send_signal(signal.SIGKILL)  # type: ignore[union-attr]

        async def work(number: int) -> None:
            key = keys.executors[number]
            while True:
                process = await link.call(key, "process.assign", timeout=5)
                await link.call(key, "process.close", processid=process["processid"], successful=True, out=[number])
                closed.add(process["processid"])

        work_and_submits = [work(number) for number in range(4)] + [submit(number) for number in range(1000)]
        outcomes = await asyncio.gather(*work_and_submits, return_exceptions=True)
        assert any(isinstance(outcome, ConnectionError) for outcome in outcomes)
    broker.kill()
    assert len(acknowledged) >= 600
    broker.start()
    async with peer(broker.address) as link:
        found: dict[str, int] = {}
        cursor = ""
        while True:
            page = await link.call(keys.viewer, "process.list", limit=500, cursor=cursor)
            for process in page["processes"]:
                assert process["processid"] not in found
                found[process["processid"]] = process["state"]
            cursor = page["cursor"]
            if not cursor:
                break
        assert acknowledged.keys() <= found.keys()
        assert all(found[processid] == 2 for processid in closed)
        assert len(found) <= 1000
