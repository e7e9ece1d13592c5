"""Several brokers on one MongoDB: each has a store of its own, and all of them want the same."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import AsyncIterator, Sequence
from typing import Any

import pytest
from msgspec.structs import replace

from broker.store import mongo_claims, mongo_writes
from broker.store.mongo import MongoStore
from broker.store.mongo_database import Database
from broker.store.mongo_documents import Update
from broker.store.moves import Claim, Submitted
from colonies.wire.errors import ColoniesError
from colonies.wire.model import Process, State
from colonies.wire.params import ProcessFilter
from tests.conftest import database
from tests.support.builders import HeldColony, a_worker, do, granted


@pytest.fixture
async def stores(mongodb: str) -> AsyncIterator[list[MongoStore]]:
    address = database(mongodb)
    opened = [MongoStore(address) for _ in range(3)]
    await asyncio.gather(*(store.open() for store in opened))
    yield opened
    await asyncio.gather(*(store.close() for store in opened))


@pytest.fixture
def colony(stores: list[MongoStore]) -> HeldColony:
    return HeldColony(store=stores[0])


async def claim_all(store: MongoStore, claims: list[Claim]) -> list[Process]:
    return [process for outcome in await store.apply(claims) if (process := granted(outcome))]


@pytest.mark.parametrize("latest", [False, True])
async def test_a_thousand_claims_of_several_brokers_give_each_process_once(
    stores: list[MongoStore], colony: HeldColony, latest: bool
) -> None:
    for start in range(0, 1000, 250):
        await stores[0].apply([colony.submission() for _ in range(start, start + 250)])
    batches = [[colony.claiming(a_worker(), latest=latest) for _ in range(50)] for _ in range(20)]
    got = await asyncio.gather(*(claim_all(stores[n % 3], batch) for n, batch in enumerate(batches)))
    taken = Counter(process.processid for batch in got for process in batch)
    assert len(taken) == 1000
    assert set(taken.values()) == {1}
    assert {process.attempt for batch in got for process in batch} == {1}


async def test_a_claim_that_lost_a_race_hardly_ever_loses_another(
    stores: list[MongoStore], colony: HeldColony, monkeypatch: pytest.MonkeyPatch
) -> None:
    for _ in range(2):  # the first to come has not heard of the last
        for store in stores:
            await store.others.beat([])
    lost: Counter[str] = Counter()
    monkeypatch.setattr(mongo_claims, "write", counting_what_is_lost(lost))
    for _ in range(3):
        await stores[0].apply([colony.submission() for _ in range(600)])
    for _ in range(10):
        batches = [[colony.claiming(a_worker()) for _ in range(10)] for _ in range(12)]
        await asyncio.gather(*(claim_all(stores[number % 3], batch) for number, batch in enumerate(batches)))
    assert len(lost) > 100
    # Taken at random out of the first, one in six would lose again.
    assert sum(times > 1 for times in lost.values()) <= len(lost) // 50


def counting_what_is_lost(lost: Counter[str]) -> Any:
    async def write(database: Database, updates: Sequence[Update]) -> set[str]:
        won = await mongo_writes.write(database, updates)
        lost.update(update.after.assigneeid for update in updates if update.after.processid not in won)
        return won

    return write


async def test_of_more_claims_than_processes_the_rest_get_nothing(stores: list[MongoStore], colony: HeldColony) -> None:
    await stores[0].apply([colony.submission() for _ in range(30)])
    got = await asyncio.gather(
        *(claim_all(store, [colony.claiming(a_worker()) for _ in range(20)]) for store in stores)
    )
    assert len({process.processid for batch in got for process in batch}) == 30
    assert sum(len(batch) for batch in got) == 30


async def test_what_was_claimed_is_stored_for_the_executor_that_was_told(
    stores: list[MongoStore], colony: HeldColony
) -> None:
    await stores[0].apply([colony.submission() for _ in range(60)])
    got = await asyncio.gather(
        *(claim_all(store, [colony.claiming(a_worker()) for _ in range(20)]) for store in stores)
    )
    for process in (process for batch in got for process in batch):
        assert await colony.stored(process) == process


async def test_submits_with_one_latestkey_at_several_brokers_leave_one_waiting(
    stores: list[MongoStore], colony: HeldColony
) -> None:
    async def submit(store: MongoStore) -> list[Submitted]:
        moves = [colony.submission(latestkey="lamp") for _ in range(8)]
        return [granted(outcome) for outcome in await store.apply(moves)]

    told = await asyncio.gather(*(submit(store) for store in stores))
    page = await stores[0].page(colony.colonyid, ProcessFilter(), newest=True, limit=100, cursor="")
    waiting = [process for process in page.processes if process.state == State.WAITING]
    assert len(page.processes) == 24
    assert len(waiting) == 1
    superseded = [process.processid for one in told for submitted in one for process in submitted.superseded]
    others = [process.processid for process in page.processes if process.state == State.CANCELLED]
    assert sorted(superseded) == sorted(others)


async def test_one_key_never_waits_twice_while_runs_go_back_to_the_queue(
    stores: list[MongoStore], colony: HeldColony
) -> None:
    for _ in range(10):
        running = await colony.run(a_worker(), latestkey="lamp")
        newer = colony.submission(latestkey="lamp")
        await asyncio.gather(do(stores[1], colony.handing_back(running)), do(stores[2], newer))
        wanted = ProcessFilter(state=State.WAITING)
        page = await stores[0].page(colony.colonyid, wanted, newest=True, limit=10, cursor="")
        assert [process.processid for process in page.processes] == [newer.process.processid]
        assert await colony.claim(a_worker())


async def test_submitting_one_process_at_several_brokers_stores_it_once(
    stores: list[MongoStore], colony: HeldColony
) -> None:
    plain, keyed = colony.submission(), colony.submission(latestkey="lamp")
    for move in (plain, keyed):
        told = await asyncio.gather(*(do(store, move) for store in stores for _ in range(4)))
        assert sorted(submitted.repeated for submitted in told) == [False] + [True] * 11
        assert {submitted.process.processid for submitted in told} == {move.process.processid}


async def test_a_process_is_closed_once_or_cancelled_once(stores: list[MongoStore], colony: HeldColony) -> None:
    for _ in range(10):
        running = await colony.run(a_worker())
        moves = [colony.closing(running), colony.cancelling(running), colony.closing(running, successful=False)]
        told = await asyncio.gather(*(store.apply([move]) for store, move in zip(stores, moves, strict=True)))
        done = [outcome for (outcome,) in told if not isinstance(outcome, ColoniesError)]
        assert len(done) == 1
        assert done[0].after == await colony.stored(running)


async def test_many_moves_on_one_process_at_several_brokers_all_happen(
    stores: list[MongoStore], colony: HeldColony
) -> None:
    running = await colony.run(a_worker())

    async def write_lines(store: MongoStore) -> list[int]:
        moves = [colony.logging(running, f"line {number}") for number in range(30)]
        return [granted(outcome) for outcome in await store.apply(moves)]

    seqs = await asyncio.gather(*(write_lines(store) for store in stores for _ in range(4)))
    assert sorted(seq for batch in seqs for seq in batch) == list(range(1, 361))
    assert all(batch == sorted(batch) for batch in seqs)
    lines = await stores[0].logs(running.processid, since=0, limit=1000)
    assert [line.seq for line in lines] == list(range(1, 361))


async def test_moves_on_one_process_in_a_batch_come_in_their_order(
    stores: list[MongoStore], colony: HeldColony
) -> None:
    running = await colony.run(a_worker())
    line, closed, late = await stores[0].apply(
        [colony.logging(running, "done"), colony.closing(running), colony.logging(running, "late")]
    )
    assert granted(line) == 1
    assert granted(closed).after.state == State.SUCCESSFUL
    assert isinstance(late, ColoniesError)


async def test_a_removed_id_may_be_submitted_again(stores: list[MongoStore], colony: HeldColony) -> None:
    first = colony.submission(latestkey="lamp")
    await do(stores[0], first)
    await colony.cancel(first.process)
    await do(stores[1], colony.removing(first.process))
    again = replace(first, process=first.process)
    assert not (await do(stores[2], again)).repeated


async def test_a_process_is_removed_once(stores: list[MongoStore], colony: HeldColony) -> None:
    process = await colony.cancel(await colony.submit())
    told = [(await outcome)[0] for outcome in [store.apply([colony.removing(process)]) for store in stores]]
    assert [isinstance(outcome, Process) for outcome in told].count(True) == 1
