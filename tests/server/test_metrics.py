"""`/metrics` of real brokers: what lies in the store, at every broker the same, and an answer while the store is away."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator
from pathlib import Path

import httpx
import pytest
from prometheus_client.parser import text_string_to_metric_families

from colonies.wire.identity import Identity
from tests.conftest import database
from tests.support.broker import Broker
from tests.support.colony import ColonyKeys, make_colony, spec
from tests.support.mongod import Mongod
from tests.support.peer import Peer, peer

Figures = dict[str, float]


async def scraped(broker: Broker) -> Figures:
    """Every sample by its name and labels, as Prometheus reads them."""
    async with httpx.AsyncClient(base_url=broker.address, trust_env=False, timeout=20) as client:
        answer = await client.get("/metrics")
    assert answer.status_code == 200
    return {
        " ".join([sample.name, *sample.labels.values()]): sample.value
        for family in text_string_to_metric_families(answer.text)
        for sample in family.samples
    }


async def until(broker: Broker, holds: Callable[[Figures], bool]) -> Figures:
    """Ask, as Prometheus does, until it is so; nothing tells when the figures are kept anew."""
    async with asyncio.timeout(30):
        while True:
            figures = await scraped(broker)
            if holds(figures):
                return figures
            await asyncio.sleep(0.1)


def stored(figures: Figures) -> list[str]:
    return [name for name in figures if name.startswith("colonies_stored_processes")]


async def has(broker: Broker, colony: str, *, waiting: int, running: int) -> None:
    name = f"colonies_stored_processes {colony}"
    await until(
        broker,
        lambda figures: (figures.get(f"{name} waiting"), figures.get(f"{name} running")) == (waiting, running),
    )


async def submit_and_assign(link: Peer, keys: ColonyKeys) -> str:
    for _ in range(3):
        await link.call(keys.operator, "process.submit", spec=spec())
    processid: str = (await link.call(keys.executor, "process.assign", timeout=5))["processid"]
    return processid


async def test_what_waits_and_runs_in_a_colony_is_shown(broker: Broker, link: Peer, keys: ColonyKeys) -> None:
    colony = next(
        c["name"] for c in await link.call(keys.server_owner, "colony.list") if c["colonyid"] == keys.owner.id
    )
    await has(broker, colony, waiting=0, running=0)
    running = await submit_and_assign(link, keys)
    await has(broker, colony, waiting=2, running=1)
    await link.call(keys.executor, "process.close", processid=running, successful=True)
    await has(broker, colony, waiting=2, running=0)


async def test_every_broker_says_the_same_of_one_store(mongodb: str, start_broker: Callable[..., Broker]) -> None:
    owner, store = Identity.generate(), database(mongodb)
    one, other = (start_broker(store, owner=owner) for _ in range(2))
    async with peer(one.address) as link:
        await submit_and_assign(link, await make_colony(link, owner, name="both"))
    for broker in (one, other):
        await has(broker, "both", waiting=2, running=1)


async def test_a_broker_says_what_its_process_uses_and_that_it_is_ready(broker: Broker) -> None:
    figures = await scraped(broker)
    assert figures["colonies_ready"] == 1
    assert figures["process_max_fds"] > figures["process_open_fds"] > 0
    assert figures["process_resident_memory_bytes"] > 0


@pytest.fixture
def own_mongod(tmp_path: Path) -> Iterator[Mongod]:
    """A server that may be killed."""
    mongod = Mongod(tmp_path / "mongod")
    (tmp_path / "mongod").mkdir()
    mongod.start()
    yield mongod
    mongod.kill()


async def test_a_scrape_is_answered_without_the_stores_figures_while_it_is_away(
    own_mongod: Mongod, start_broker: Callable[..., Broker]
) -> None:
    broker = start_broker(database(own_mongod.address))
    async with peer(broker.address) as link:
        await make_colony(link, broker.owner, name="away")
    assert stored(await scraped(broker))
    await asyncio.to_thread(own_mongod.kill)
    figures = await until(broker, lambda figures: not figures["colonies_ready"])
    figures = await until(broker, lambda figures: not stored(figures))
    assert figures["colonies_ready"] == 0
    assert "colonies_connections" in figures
    await asyncio.to_thread(own_mongod.start)
    figures = await until(broker, lambda figures: bool(figures["colonies_ready"] and stored(figures)))
    assert "colonies_stored_processes away waiting" in figures
