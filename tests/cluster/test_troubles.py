"""Three real members in trouble, with requests under way: what was told is true, what is repeated is done once,
`/readyz` says what is the matter, and everything goes on without a restart."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Callable, Iterator, Sequence
from concurrent.futures import Executor, ThreadPoolExecutor
from pathlib import Path
from typing import Any

import httpx
import pytest

from broker.store.mongo import MongoStore
from broker.store.moves import Move
from colonies.wire import errors
from colonies.wire.model import State
from colonies.wire.params import ProcessFilter
from tests.conftest import database
from tests.support.broker import Broker, running_broker
from tests.support.builders import HeldColony, a_worker, do, granted
from tests.support.colony import make_colony, spec
from tests.support.peer import peer
from tests.support.replica_set import ReplicaSet

SOON = 20.0  # the limit of a call is five seconds, and the machine may be busy
NUMBER = 200
LINES = 10
FAULTS: dict[str, Callable[[ReplicaSet], object]] = {
    "stepped down": ReplicaSet.step_down,
    "killed": ReplicaSet.kill_primary,
}


@pytest.fixture(scope="session")
def surgery() -> Iterator[Executor]:
    """One thread for all that is done to members: a member that is started ends with the thread that started it."""
    with ThreadPoolExecutor(max_workers=1) as thread:
        yield thread


@pytest.fixture
def healthy_set(replica_set: ReplicaSet) -> Iterator[ReplicaSet]:
    yield replica_set
    replica_set.heal()


@pytest.fixture
async def store(healthy_set: ReplicaSet) -> AsyncIterator[MongoStore]:
    opened = MongoStore(database(healthy_set.address))
    await opened.open()
    yield opened
    await opened.close()


@pytest.fixture
def colony(store: MongoStore) -> HeldColony:
    return HeldColony(store=store)


@pytest.fixture
def broker(healthy_set: ReplicaSet, tmp_path: Path) -> Iterator[Broker]:
    with running_broker(database(healthy_set.address), tmp_path) as started:
        yield started


async def do_surely(store: MongoStore, moves: Sequence[Move[Any]]) -> list[Any]:
    """One after the other, each again until it is answered: what each was answered at last."""
    return [await surely(store, move) for move in moves]


async def surely(store: MongoStore, move: Move[Any]) -> Any:
    while True:
        try:
            async with asyncio.timeout(SOON):
                return await do(store, move)
        except errors.Unavailable:
            continue  # which itself waits for a primary


async def in_trouble(
    replica_set: ReplicaSet, fault: Callable[[ReplicaSet], object], store: MongoStore, moves: Sequence[Move[Any]]
) -> list[Any]:
    """Do the moves in ten lines: some before the primary is lost, some while it is, and some once it has gone."""
    gone = asyncio.Event()

    async def line(mine: Sequence[Move[Any]]) -> list[Any]:
        some = len(mine) // 3
        told = await do_surely(store, mine[:some])
        begun.release()
        told += await do_surely(store, mine[some : 2 * some])
        await gone.wait()
        return told + await do_surely(store, mine[2 * some :])

    begun = asyncio.Semaphore(0)
    async with asyncio.TaskGroup() as tasks:
        lines = [tasks.create_task(line(moves[number::LINES])) for number in range(LINES)]
        for _ in lines:
            await begun.acquire()
        await asyncio.get_running_loop().run_in_executor(None, fault, replica_set)
        gone.set()
    return [answer for one in lines for answer in one.result()]


async def listed(colony: HeldColony, state: State) -> set[str]:
    page = await colony.store.page(colony.colonyid, ProcessFilter(state=state), newest=True, limit=500, cursor="")
    return {process.processid for process in page.processes}


@pytest.mark.parametrize("fault", FAULTS.values(), ids=FAULTS)
async def test_submits_repeated_while_the_primary_is_lost_are_each_there_once(
    healthy_set: ReplicaSet, store: MongoStore, colony: HeldColony, fault: Callable[[ReplicaSet], object]
) -> None:
    moves = [colony.submission() for _ in range(NUMBER)]
    moves += [colony.submission(latestkey=f"lamp {number % 5}") for number in range(20)]
    told = await in_trouble(healthy_set, fault, store, moves)
    assert {one.process.processid for one in told} == {move.process.processid for move in moves}
    superseded = {process.processid for one in told for process in one.superseded}
    waiting, cancelled = await listed(colony, State.WAITING), await listed(colony, State.CANCELLED)
    assert waiting | cancelled == {move.process.processid for move in moves}
    assert (len(waiting), len(cancelled)) == (NUMBER + 5, 15)
    assert superseded <= cancelled  # of a step whose answer was lost, the repeat does not know whom it superseded


@pytest.mark.parametrize("fault", FAULTS.values(), ids=FAULTS)
async def test_closes_repeated_while_the_primary_is_lost_are_each_done_once(
    healthy_set: ReplicaSet, store: MongoStore, colony: HeldColony, fault: Callable[[ReplicaSet], object]
) -> None:
    await store.apply([colony.submission() for _ in range(NUMBER)])
    running = [granted(one) for one in await store.apply([colony.claiming(a_worker()) for _ in range(NUMBER)])]
    moves = [colony.closing(process, out=[process.processid]) for process in running if process]
    assert len(moves) == NUMBER
    told = await in_trouble(healthy_set, fault, store, moves)
    for changed in told:
        closed = await colony.stored(changed.after)
        assert closed == changed.after
        assert (closed.state, closed.attempt, len(closed.history)) == (State.SUCCESSFUL, 1, 1)
        assert closed.out == [closed.processid]


@pytest.mark.parametrize("fault", FAULTS.values(), ids=FAULTS)
async def test_claims_while_the_primary_is_lost_never_give_a_process_twice(
    healthy_set: ReplicaSet, store: MongoStore, colony: HeldColony, fault: Callable[[ReplicaSet], object]
) -> None:
    await store.apply([colony.submission() for _ in range(NUMBER)])
    moves = [colony.claiming(a_worker()) for _ in range(NUMBER // 2)]
    told = await in_trouble(healthy_set, fault, store, moves)
    given = [process.processid for process in told if process]
    assert len(given) == len(set(given)) == NUMBER // 2
    # A claim of which no answer came may have been done; then it is once more running, never twice given.
    running, waiting = await listed(colony, State.RUNNING), await listed(colony, State.WAITING)
    assert set(given) <= running
    assert not running & waiting
    assert len(running | waiting) == NUMBER


async def test_without_a_majority_nothing_is_told_as_done_and_then_all_is_well(
    healthy_set: ReplicaSet, surgery: Executor, store: MongoStore, colony: HeldColony
) -> None:
    before = await colony.submit()
    again = colony.submission()
    async with majority_lost(healthy_set, surgery):
        async with asyncio.timeout(SOON):
            calls = (do(store, again), do(store, colony.claiming(a_worker())), store.ping())
            said = await asyncio.gather(*calls, return_exceptions=True)
        assert [type(one) for one in said] == [errors.Unavailable] * 3
    assert (await surely(store, again)).process == again.process
    everything = [before.processid, again.process.processid]
    assert sorted(await listed(colony, State.WAITING) | await listed(colony, State.RUNNING)) == sorted(everything)


@contextlib.asynccontextmanager
async def majority_lost(replica_set: ReplicaSet, surgery: Executor) -> AsyncIterator[None]:
    """As `ReplicaSet.majority_lost`, beside which the event loop goes on."""
    loop = asyncio.get_running_loop()
    lost = replica_set.majority_lost()
    await loop.run_in_executor(surgery, lost.__enter__)
    try:
        yield
    finally:
        await loop.run_in_executor(surgery, lost.__exit__, None, None, None)


async def test_a_store_that_is_opened_during_an_election_waits_for_the_primary(
    healthy_set: ReplicaSet, surgery: Executor, caplog: pytest.LogCaptureFixture
) -> None:
    opened = MongoStore(database(healthy_set.address))
    async with majority_lost(healthy_set, surgery):
        opening = asyncio.create_task(opened.open())
        while "waiting for a primary" not in caplog.text and not opening.done():  # noqa: ASYNC110
            await asyncio.sleep(0.05)
        assert not opening.done()
    async with asyncio.timeout(60):
        await opening
        await opened.ping()
    await opened.close()


# — a broker on it —


async def ready(broker: Broker) -> tuple[int, str]:
    async with httpx.AsyncClient(trust_env=False) as client:
        answer = await client.get(f"{broker.address}/readyz", timeout=SOON)
        return answer.status_code, answer.text


async def test_a_broker_says_that_it_is_not_ready_answers_unavailable_and_goes_on_by_itself(
    healthy_set: ReplicaSet, surgery: Executor, broker: Broker
) -> None:
    processid = "0" * 32
    async with peer(broker.address) as link:
        keys = await make_colony(link, broker.owner)
        assert (await ready(broker))[0] == 200
        async with majority_lost(healthy_set, surgery):
            status, why = await ready(broker)
            assert status == 503
            assert why.startswith("the store is unavailable: MongoDB at 127.0.0.1")
            for key, method, asked in (
                (keys.operator, "process.submit", {"spec": spec(), "processid": processid}),
                (keys.executor, "process.assign", {"timeout": 1}),
            ):
                with pytest.raises(errors.Unavailable):
                    await link.call(key, method, **asked)
        async with asyncio.timeout(60):
            while (await ready(broker))[0] != 200:
                pass
            # The same socket, and the same request again.
            process = await again(lambda: link.call(keys.operator, "process.submit", spec=spec(), processid=processid))
            assert process["processid"] == processid
            assigned = await again(lambda: link.call(keys.executor, "process.assign", timeout=10))
            assert assigned["processid"] == processid
            page = await link.call(keys.viewer, "process.list", limit=10)
        assert [one["processid"] for one in page["processes"]] == [processid]


async def again(ask: Callable[[], Any]) -> Any:
    while True:
        try:
            return await ask()
        except errors.Unavailable:
            continue
