"""Real parts for the tests: a mongod, brokers as processes, colonies made over the wire."""

from __future__ import annotations

import contextlib
import secrets
import signal
from collections.abc import AsyncIterator, Callable, Iterator
from pathlib import Path

import pytest
from hypothesis import settings as hypothesis_settings

from tests.support.broker import Broker, running_broker
from tests.support.colony import ColonyKeys, make_colony
from tests.support.mongod import Mongod, running_mongod
from tests.support.peer import Peer, peer

STORES = ("sqlite", "mongodb")

# What a shell starts in the background ignores Ctrl-C, and so would every program that a test starts and interrupts.
signal.signal(signal.SIGINT, signal.default_int_handler)

# Laws are counted, not timed: a noisy machine must not make one fail.
hypothesis_settings.register_profile("counted", deadline=None)
hypothesis_settings.load_profile("counted")


@pytest.fixture(scope="session")
def mongodb(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of a real replica set, started once for all tests of this process."""
    with running_mongod(tmp_path_factory.mktemp("mongod")) as address:
        yield address


def database(mongodb: str) -> str:
    """An address of a database that nobody has used."""
    base, _, options = mongodb.partition("?")
    return f"{base.rstrip('/')}/t{secrets.token_hex(6)}" + (f"?{options}" if options else "")


def store_address(kind: str, folder: Path, request: pytest.FixtureRequest) -> str:
    if kind == "sqlite":
        return f"sqlite:{folder / 'broker.db'}"
    mongodb: str = request.getfixturevalue("mongodb")
    return database(mongodb)


@pytest.fixture(scope="module")
def mongod(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Mongod]:
    """A server of a file's own, for it is killed, made slow or made to fail."""
    started = Mongod(tmp_path_factory.mktemp("mongod"))
    try:
        started.start()
        yield started
    finally:
        started.kill()


@pytest.fixture(scope="session", params=STORES)
def broker(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Broker]:
    """A broker on each store, shared by all tests that make a colony of their own in it."""
    folder = tmp_path_factory.mktemp(f"broker-{request.param}")
    with running_broker(store_address(request.param, folder, request), folder) as started:
        yield started


@pytest.fixture(params=STORES)
def fresh_store(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """The address of an empty store of each kind, for tests that start or kill brokers themselves."""
    return store_address(request.param, tmp_path, request)


@pytest.fixture
def start_broker(tmp_path: Path) -> Iterator[Callable[..., Broker]]:
    """Start brokers that are ended with the test."""
    with contextlib.ExitStack() as started:
        yield lambda store, *options, **more: started.enter_context(running_broker(store, tmp_path, *options, **more))


@pytest.fixture
async def link(broker: Broker) -> AsyncIterator[Peer]:
    async with peer(broker.address) as opened:
        yield opened


@pytest.fixture
async def keys(broker: Broker, link: Peer) -> ColonyKeys:
    """A colony of the test's own, with one approved executor of type `cli`."""
    return await make_colony(link, broker.owner, name=f"c{secrets.token_hex(6)}")
