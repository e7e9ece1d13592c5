"""The claims of a batch in SQLite, which look at their lanes together: each gets what it would have got alone."""

from __future__ import annotations

import random
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from broker.store.moves import Claim, Move
from broker.store.sqlite import SqliteStore
from colonies.wire.model import Process
from tests.support.builders import HeldColony, Worker, a_worker


@pytest.fixture
async def sqlite(tmp_path: Path) -> AsyncIterator[SqliteStore]:
    store = SqliteStore(tmp_path / "broker.db")
    await store.open()
    yield store
    await store.close()


@pytest.fixture
async def other(tmp_path: Path) -> AsyncIterator[SqliteStore]:
    store = SqliteStore(tmp_path / "other.db")
    await store.open()
    yield store
    await store.close()


async def test_what_the_batch_takes_out_of_a_lane_hides_nothing_behind_it(sqlite: SqliteStore, worker: Worker) -> None:
    colony = HeldColony(store=sqlite)
    waiting = [await colony.submit() for _ in range(6)]
    *_, claimed = await sqlite.apply([*map(colony.cancelling, waiting[:5]), colony.claiming(worker)])
    assert isinstance(claimed, Process)
    assert claimed.processid == waiting[5].processid


async def test_what_others_take_through_their_lanes_hides_nothing_behind_it(sqlite: SqliteStore) -> None:
    colony = HeldColony(store=sqlite)
    one, two = a_worker(), a_worker()
    waiting = [await colony.submit(executorids=(one.executorid, two.executorid)) for _ in range(5)]
    claimed = await sqlite.apply([*([colony.claiming(one)] * 4), colony.claiming(two)])
    assert [process.processid for process in claimed if isinstance(process, Process)] == [
        process.processid for process in waiting
    ]


async def test_what_the_batch_brings_is_taken_before_what_stands_behind_it(sqlite: SqliteStore, worker: Worker) -> None:
    colony = HeldColony(store=sqlite)
    await colony.submit()
    urgent = colony.submission(priority=1)
    _, claimed = await sqlite.apply([urgent, colony.claiming(worker)])
    assert isinstance(claimed, Process)
    assert claimed.processid == urgent.process.processid


@pytest.mark.parametrize("seed", range(5))
async def test_together_they_get_what_they_get_one_after_the_other(
    sqlite: SqliteStore, other: SqliteStore, seed: int
) -> None:
    chance = random.Random(seed)
    colony = HeldColony(store=sqlite)
    workers = [a_worker(kind) for kind in ("cli", "cli", "gpu")]
    got = 0
    for _ in range(40):
        batch: list[Move[Any]] = []
        for _ in range(chance.randrange(7)):
            named = [worker.executorid for worker in chance.sample(workers, chance.choice([0, 0, 1, 2]))]
            wanted: dict[str, Any] = {"priority": chance.randrange(3), "maxwaittime": chance.choice([0, 0, 1])}
            kind = chance.choice(["cli", "gpu", ""] if named else ["cli", "gpu"])
            batch.append(colony.submission(executorids=tuple(named), executortype=kind, **wanted))
        colony.now += chance.choice([0, 400])
        claims = [
            colony.claiming(worker, latest=chance.random() < 0.3)
            for worker in chance.choices(workers, k=chance.randrange(9))
        ]
        # All claims of a batch are of one moment.
        moves = [
            *batch,
            *(Claim(executorid=one.executorid, lanes=one.lanes, latest=one.latest, now=colony.now) for one in claims),
        ]
        together = await sqlite.apply(moves)
        assert together == [(await other.apply([move]))[0] for move in moves]
        got += sum(isinstance(outcome, Process) for outcome in together)
    assert got > 50
