"""Every store that there is, for every test of this folder.

A new store is one word in `tests.conftest.STORES`. Tests share a database and keep to a
colony of their own; those that look at everything ask for an `empty_store`.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Coroutine, Iterator
from pathlib import Path
from typing import Any

import pytest

from broker.store.base import Store
from broker.store.open import open_store
from tests.conftest import STORES, database, store_address
from tests.store.watched import Watched, with_backlog
from tests.support.builders import HeldColony, Worker, a_worker


@pytest.fixture(scope="session", params=STORES)
def shared_address(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> str:
    return store_address(request.param, tmp_path_factory.mktemp("store"), request)


@pytest.fixture(params=STORES)
def empty_address(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    return store_address(request.param, tmp_path, request)


@pytest.fixture
async def store(shared_address: str) -> AsyncIterator[Store]:
    opened = open_store(shared_address)
    await opened.open()
    yield opened
    await opened.close()


@pytest.fixture
async def empty_store(empty_address: str) -> AsyncIterator[Store]:
    opened = open_store(empty_address)
    await opened.open()
    yield opened
    await opened.close()


@pytest.fixture
def held_store(shared_address: str) -> Iterator[tuple[Store, Callable[[Coroutine[Any, Any, Any]], Any]]]:
    """A store in an event loop that stands still between moves, and the way to run it until a move is answered."""
    with asyncio.Runner() as runner:
        opened = open_store(shared_address)
        runner.run(opened.open())
        yield opened, runner.run
        runner.run(opened.close())


@pytest.fixture
def colony(store: Store) -> HeldColony:
    return HeldColony(store=store)


@pytest.fixture
def worker() -> Worker:
    return a_worker()


@pytest.fixture
async def watched(mongodb: str) -> AsyncIterator[Watched]:
    opened = Watched(database(mongodb))
    await opened.store.open()
    assert opened.store._keeper
    await opened.store._keeper.recounted.wait()  # it walks over everything, once
    yield opened
    await opened.store.close()
    opened.close()


@pytest.fixture
async def backlog(watched: Watched) -> HeldColony:
    return await with_backlog(watched)
