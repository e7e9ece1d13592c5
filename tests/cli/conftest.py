"""One broker for all, and a colony for each test."""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.broker import Broker, running_broker
from tests.support.colony import ColonyKeys, make_colony
from tests.support.peer import peer

from .terminal import Lab, Running, Terminal


@pytest.fixture(scope="session")
def broker(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Broker]:
    """What the command line says does not depend on the store: one is enough here."""
    folder = tmp_path_factory.mktemp("broker")
    with running_broker(f"sqlite:{folder / 'broker.db'}", folder) as started:
        yield started


@pytest.fixture
def terminal(tmp_path: Path) -> Terminal:
    """A user who has nothing yet."""
    return Terminal(tmp_path)


@pytest.fixture
def lab(tmp_path: Path, broker: Broker) -> Lab:
    async def make() -> ColonyKeys:
        async with peer(broker.address) as link:
            return await make_colony(link, broker.owner, name=f"c{secrets.token_hex(6)}")

    return Lab(tmp_path, broker.address, asyncio.run(make()))


@pytest.fixture
def worker(lab: Lab) -> Iterator[Running]:
    """The built-in worker at work in the colony."""
    with lab.executor.running("worker", "start", "--concurrency", "4") as running:
        running.said("takes processes")
        yield running
