"""What lies in the store, for `/metrics`: read once for all who ask, bounded, and never waited for."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from prometheus_client import CollectorRegistry

from broker.engine import inventory
from broker.engine.inventory import Inventory
from broker.store.base import LaneCount, Store
from broker.store.moves import AddColony, RemoveColony
from broker.store.open import open_store
from colonies.wire import errors
from colonies.wire.model import Colony
from tests.support.builders import HeldColony, a_worker, an_id, do


class Counted:
    """An inventory of a real store, how often that was asked, and a store that can stop answering."""

    def __init__(self, store: Store) -> None:
        self.store = store
        self.registry = CollectorRegistry()
        self.inventory = Inventory(store, self.registry)
        self.asked = 0
        self.refusal: Exception | None = None
        self.answering = asyncio.Event()
        self.answering.set()
        self._counts = store.counts
        store.counts = self._watched  # type: ignore[method-assign]

    async def _watched(self, colonyid: str) -> list[LaneCount]:
        self.asked += 1
        await self.answering.wait()
        if self.refusal:
            raise self.refusal
        return await self._counts(colonyid)

    async def colony(self, name: str, *, waiting: int) -> HeldColony:
        held = HeldColony(store=self.store, colonyid=an_id())
        await do(self.store, AddColony(colony=Colony(colonyid=held.colonyid, name=name)))
        for _ in range(waiting):
            await held.submit()
        return held

    def shown(self) -> dict[tuple[str, str], float]:
        (family,) = self.registry.collect()
        return {(sample.labels["colony"], sample.labels["state"]): sample.value for sample in family.samples}


@pytest.fixture
async def counted(tmp_path: Path) -> AsyncIterator[Counted]:
    store = open_store(f"sqlite:{tmp_path}/broker.db")
    await store.open()
    yield Counted(store)
    await store.close()


@pytest.fixture
def forgetful(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(inventory, "KEEP_SECONDS", 0)


async def test_a_colony_with_nothing_to_do_is_shown_as_nothing_and_not_left_out(counted: Counted) -> None:
    await counted.colony("idle", waiting=0)
    await counted.inventory.refresh()
    assert counted.shown() == {("idle", "waiting"): 0, ("idle", "running"): 0}


@pytest.mark.usefixtures("forgetful")
async def test_what_waits_and_what_runs_is_told_apart_and_what_ended_is_neither(counted: Counted) -> None:
    colony = await counted.colony("busy", waiting=0)
    worker = a_worker()
    await colony.close(await colony.run(worker))
    await colony.run(worker)
    for _ in range(2):
        await colony.submit()
    await counted.inventory.refresh()
    assert counted.shown() == {("busy", "waiting"): 2, ("busy", "running"): 1}


async def test_many_who_ask_in_one_moment_cost_one_reading(counted: Counted) -> None:
    await counted.colony("one", waiting=1)
    await asyncio.gather(*(counted.inventory.refresh() for _ in range(20)))
    assert counted.asked == 1
    assert counted.shown()["one", "waiting"] == 1


@pytest.mark.usefixtures("forgetful")
async def test_a_store_that_refuses_has_no_figures_and_not_those_of_before(counted: Counted) -> None:
    await counted.colony("one", waiting=1)
    await counted.inventory.refresh()
    counted.refusal = errors.Unavailable("away")
    await counted.inventory.refresh()
    assert counted.shown() == {}
    counted.refusal = None
    await counted.inventory.refresh()
    assert counted.shown()["one", "waiting"] == 1


async def test_a_store_that_never_answers_is_not_waited_for(counted: Counted, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(inventory, "READ_SECONDS", 0.01)
    await counted.colony("one", waiting=1)
    counted.answering.clear()
    async with asyncio.timeout(20):
        await asyncio.gather(*(counted.inventory.refresh() for _ in range(20)))
    assert counted.shown() == {}
    assert counted.asked == 1


async def test_beyond_a_number_of_colonies_the_others_are_one_series(
    counted: Counted, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(inventory, "MAX_COLONIES", 2)
    for name, waiting in {"a": 1, "b": 5, "c": 2, "d": 3}.items():
        await counted.colony(name, waiting=waiting)
    await counted.inventory.refresh()
    shown = counted.shown()
    assert {name: shown[name, "waiting"] for name in ("b", "d", "")} == {"b": 5, "d": 3, "": 3}
    assert len(shown) == 6


async def test_more_colonies_than_are_asked_for_at_once_are_all_shown(counted: Counted) -> None:
    for number in range(inventory.AT_ONCE + 1):
        await counted.colony(f"c{number}", waiting=0)
    await counted.inventory.refresh()
    assert len(counted.shown()) == 2 * (inventory.AT_ONCE + 1)


@pytest.mark.usefixtures("forgetful")
async def test_a_colony_that_is_gone_is_shown_no_more(counted: Counted) -> None:
    colony = await counted.colony("gone", waiting=1)
    await counted.inventory.refresh()
    assert ("gone", "waiting") in counted.shown()
    await do(counted.store, RemoveColony(colonyid=colony.colonyid))
    await counted.inventory.refresh()
    assert counted.shown() == {}
