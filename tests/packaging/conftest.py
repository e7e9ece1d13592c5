"""A port of nobody, and what a broker says on `/metrics`, for the tests of what is shipped."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import Iterator

import httpx
import pytest
from prometheus_client import Metric
from prometheus_client.parser import text_string_to_metric_families

from tests.support.broker import Broker, running_broker
from tests.support.colony import make_colony, spec
from tests.support.peer import peer


@pytest.fixture
def unused_port() -> Iterator[int]:
    """A port on which nobody listens, held so that nobody else takes it meanwhile."""
    with socket.socket() as holder:
        holder.bind(("127.0.0.1", 0))
        yield holder.getsockname()[1]


@pytest.fixture(scope="package")
def families(tmp_path_factory: pytest.TempPathFactory) -> list[Metric]:
    """Everything that a real broker says once each figure that has labels has been counted."""
    folder = tmp_path_factory.mktemp("exposing")
    with running_broker(f"sqlite:{folder}/broker.db", folder) as broker:
        return asyncio.run(_scraped(broker))


@pytest.fixture
def exposed(families: list[Metric]) -> dict[str, set[str]]:
    """The name of every series of a real broker, and its labels."""
    found: dict[str, set[str]] = {}
    for family in families:
        for sample in family.samples:
            found.setdefault(sample.name, set()).update(sample.labels)
    return found


async def _scraped(broker: Broker) -> list[Metric]:
    async with (
        peer(broker.address) as link,
        httpx.AsyncClient(base_url=broker.address, trust_env=False) as client,
        asyncio.timeout(30),
    ):
        keys = await make_colony(link, broker.owner)
        await link.call(keys.operator, "process.submit", spec=spec(maxwaittime=0.1))
        while True:
            text = (await client.get("/metrics")).text
            if "colonies_overruns_total{" in text and "colonies_stored_processes{" in text:
                return list(text_string_to_metric_families(text))
            await asyncio.sleep(0.1)  # as Prometheus does; nothing tells when a figure is there
