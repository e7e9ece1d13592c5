"""The programs of the load, at a broker that has little patience."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from broker.bench import plans
from broker.bench.colony import Colony, colony_at
from broker.bench.ground import Place
from broker.bench.histogram import Histogram
from broker.bench.link import Link
from broker.bench.load import assigns, limits
from broker.bench.meters import OfMetrics
from broker.server.run import serve
from broker.settings import Settings
from broker.store.sqlite_kept import Kept
from broker.store.sqlite_rows import Stored
from colonies.wire.identity import Identity
from colonies.wire.model import State

HELLO_SECONDS = 0.2
MANY = 1500  # takes longer than that


@pytest.fixture
async def colony(tmp_path: Path) -> AsyncIterator[Colony]:
    """At a broker that closes whoever signs nothing for a moment."""
    owner, told, ready = Identity.generate(), asyncio.Event(), asyncio.get_running_loop().create_future()
    settings = Settings(owner=owner.id, hello_seconds=HELLO_SECONDS, drain_seconds=1)
    async with asyncio.TaskGroup() as tasks:
        store = f"sqlite:{tmp_path / 'broker.db'}"
        tasks.create_task(serve(settings, store, host="127.0.0.1", port=0, ready=ready.set_result, told=told))
        address = await ready
        try:
            async with colony_at(Place(address, owner, OfMetrics(address)), remove=False) as made:
                yield made
        finally:
            told.set()


async def now() -> float:
    return asyncio.get_running_loop().time()


async def queue_of(colony: Colony, waiting: int) -> plans.Queue:
    kind = f"bench-{waiting}"
    (worker,) = await colony.add_executors([kind])
    return plans.Queue(
        address=colony.place.address,
        key=colony.operator.private_key,
        worker=worker,
        executortype=kind,
        waiting=waiting,
        pids=[],
    )


async def test_queues_may_take_long_to_fill(colony: Colony) -> None:
    queues = [await queue_of(colony, waiting) for waiting in (MANY, 100)]
    async with assigns.ready(plans.Assigns(queues=queues, each=5, seconds=0.1)) as run:
        assigned = await run(await now())
    assert [len(wall) >= assigns.LEAST_ROUNDS for wall in assigned.wall] == [True, True]


async def test_no_assign_that_is_measured_is_taken_from_memory(colony: Colony, monkeypatch: pytest.MonkeyPatch) -> None:
    """Neither of those that were there first nor of those that replaced them; a second round takes them all."""
    remembered, find = [], Kept.find

    def noted(kept: Kept, processid: str) -> Stored | None:
        if (stored := find(kept, processid)) and stored.process.state == State.WAITING:
            remembered.append(stored.process)
        return stored

    monkeypatch.setattr(Kept, "find", noted)
    queue = await queue_of(colony, 40)
    async with assigns.ready(plans.Assigns(queues=[queue], each=40, seconds=0.1)) as run:
        assigned = await run(await now())
    assert len(assigned.wall[0]) >= 2
    assert remembered == []


async def test_it_may_take_long_to_have_many_run(colony: Colony) -> None:
    holder, ending = await colony.add_executors_of_their_own(2)
    plan = plans.Limits(
        address=colony.place.address,
        key=colony.operator.private_key,
        holder=holder,
        ending=ending,
        running=MANY,
        fired=3,
        lead=0.3,
        seconds=0.1,
    )
    async with limits.ready(plan) as run:
        fired = await run(await now())
    assert sum(fired.late.values()) == 3
    assert -1 not in fired.late


async def test_what_the_clocks_differ_by_is_taken_out(colony: Colony, monkeypatch: pytest.MonkeyPatch) -> None:
    """By a clock that is an hour ahead of ours, what we are told of now ended an hour ago."""
    monkeypatch.setattr(Link, "ahead_seconds", property(lambda _: 3600.0, lambda *_: None), raising=False)
    holder, ending = await colony.add_executors_of_their_own(2)
    plan = plans.Limits(
        address=colony.place.address,
        key=colony.operator.private_key,
        holder=holder,
        ending=ending,
        running=1,
        fired=3,
        lead=0.3,
        seconds=0.1,
        same_clock=False,
    )
    async with limits.ready(plan) as run:
        fired = await run(await now())
    assert Histogram(fired.late).percentile(0.1) >= 3600


async def test_a_broker_on_this_machine_has_its_clock(colony: Colony) -> None:
    begun = time.monotonic()
    link = await Link(colony.place.address).connect()
    took = time.monotonic() - begun
    link.close()
    assert abs(link.ahead_seconds) <= took / 2 + 0.002  # it says its time in ms
