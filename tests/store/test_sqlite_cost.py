"""What a batch costs in SQLite, in statements: they are few, whatever is in it and whatever lies in the file."""

from __future__ import annotations

from collections import Counter
from collections.abc import AsyncIterator, Sequence
from pathlib import Path
from typing import Any

import pytest

from broker.store.moves import AddColony, Claim, Move, RemoveColony
from broker.store.sqlite import SqliteStore
from colonies.wire import errors
from colonies.wire.model import Attribute, Colony, Process
from colonies.wire.params import ProcessFilter
from tests.support.builders import HeldColony, Worker, a_worker, an_id, granted
from tests.support.statements import watch_connections


class CountedStore(SqliteStore):
    """asked: how many statements SQLite was given, by their first word."""

    def __init__(self, path: Path) -> None:
        super().__init__(path)
        self.asked: Counter[str] = Counter()

    def note(self, verb: str) -> None:
        self.asked[verb] += 1


@pytest.fixture
async def sqlite(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[CountedStore]:
    store = CountedStore(tmp_path / "broker.db")
    watch_connections(monkeypatch, store.note)
    await store.open()
    yield store
    await store.close()


@pytest.fixture
def colony(sqlite: CountedStore) -> HeldColony:
    return HeldColony(store=sqlite)


async def cost(store: CountedStore, moves: Sequence[Move[Any]]) -> tuple[int, int]:
    """Statements and commits of a batch in which nothing is refused."""
    before = store.asked.copy()
    for outcome in await store.apply(moves):
        granted(outcome)
    asked = store.asked - before
    return asked.total(), asked["COMMIT"]


async def running(colony: HeldColony, worker: Worker, number: int) -> list[Process]:
    claims = [colony.claiming(worker)] * number
    outcomes = await colony.store.apply([*(colony.submission() for _ in range(number)), *claims])
    return [outcome for outcome in outcomes if isinstance(outcome, Process)]


@pytest.mark.parametrize("number", [3, 85])
async def test_lifecycles_cost_the_same_few_statements_however_many_they_are(
    sqlite: CountedStore, colony: HeldColony, worker: Worker, number: int
) -> None:
    held = await running(colony, worker, number)
    more = [colony.submission() for _ in range(number)]
    batch: list[Move[Any]] = [
        *more,
        *([colony.claiming(worker)] * number),
        *(colony.closing(process) for process in held),
    ]
    # BEGIN, processes added and changed, counts and what finished, COMMIT.
    assert await cost(sqlite, batch) == (6, 1)


@pytest.mark.parametrize("number", [2, 30])
async def test_submits_that_are_repeated_cost_a_second_try(
    sqlite: CountedStore, colony: HeldColony, worker: Worker, number: int
) -> None:
    submissions = [colony.submission() for _ in range(2 * number)]
    # BEGIN, processes, lanes, counts, COMMIT.
    assert await cost(sqlite, submissions[:number]) == (5, 1)
    assert await cost(sqlite, submissions[:number]) == (0, 0)  # all of them are remembered
    for process in await running(colony, worker, number):
        await colony.close(process)
    # BEGIN, processes, ROLLBACK; BEGIN, the look, what is new in processes, lanes and counts, COMMIT.
    assert await cost(sqlite, submissions) == (9, 1)
    assert (await sqlite.page(colony.colonyid, ProcessFilter(), newest=True, limit=1, cursor="")).total == 3 * number


@pytest.mark.parametrize("number", [2, 50])
async def test_every_kind_of_move_together_costs_the_same_however_many_they_are(
    sqlite: CountedStore, colony: HeldColony, worker: Worker, number: int
) -> None:
    held = await running(colony, worker, 5 * number)
    (to_close, to_log, to_set, to_requeue, to_cancel) = (held[start::5] for start in range(5))
    over = [await colony.close(process) for process in await running(colony, worker, number)]
    batch: list[Move[Any]] = []
    for close, log, note, requeue, cancel, remove in zip(
        to_close, to_log, to_set, to_requeue, to_cancel, over, strict=True
    ):
        batch += [colony.closing(close, successful=False, errors=["no bulb"]), colony.logging(log, "line")]
        batch += [colony.setting(note, Attribute(key="k", value=1)), colony.handing_back(requeue)]
        batch += [colony.cancelling(cancel), colony.removing(remove), colony.submission(latestkey=remove.processid)]
    assert await cost(sqlite, batch) == (16, 1)


async def test_a_claim_on_lanes_that_are_empty_costs_nothing(
    sqlite: CountedStore, colony: HeldColony, worker: Worker
) -> None:
    first = await cost(sqlite, [colony.claiming(worker)] * 20)
    assert first == (3, 1)  # BEGIN, the look and COMMIT
    for latest in (False, True):
        assert await cost(sqlite, [colony.claiming(worker, latest=latest)] * 20) == (0, 0)
    await colony.submit()
    assert await colony.claim(worker)  # alone in its lane, which is looked at and known to be empty again
    assert await cost(sqlite, [colony.claiming(worker)]) == (0, 0)


async def test_a_clock_that_goes_back_asks_again(sqlite: CountedStore, colony: HeldColony, worker: Worker) -> None:
    """What had waited too long by the clock of before may still wait by the clock of now."""
    waiting = await colony.submit(maxwaittime=5)
    late, early = (
        Claim(executorid=worker.executorid, lanes=colony.claiming(worker).lanes, latest=False, now=now)
        for now in (waiting.waitdeadline, waiting.waitdeadline - 1)
    )
    assert await sqlite.apply([late]) == [None]
    assert await cost(sqlite, [late]) == (0, 0)
    (claimed,) = await sqlite.apply([early])
    assert isinstance(claimed, Process)


@pytest.mark.parametrize("backlog", [1_000, 100_000])
async def test_claims_cost_the_same_whatever_waits(
    sqlite: CountedStore, colony: HeldColony, worker: Worker, backlog: int
) -> None:
    for start in range(0, backlog, 5_000):
        await sqlite.apply([colony.submission() for _ in range(min(5_000, backlog - start))])
    await sqlite.apply([colony.claiming(a_worker("gpu"))])
    # BEGIN, the look, those of them that are not remembered, processes and lanes changed, counts, COMMIT.
    assert await cost(sqlite, [colony.claiming(worker)] * 20) == (6, 1)


@pytest.mark.parametrize("number", [1, 40])
async def test_whether_its_colony_is_there_costs_a_submit_nothing(
    sqlite: CountedStore, colony: HeldColony, number: int
) -> None:
    mine = Colony(colonyid=colony.colonyid, name="mine")
    await sqlite.apply([AddColony(colony=mine)])
    await sqlite.apply([RemoveColony(colonyid=an_id())])  # refused, of another one
    # BEGIN, processes, lanes, counts, COMMIT.
    assert await cost(sqlite, [colony.submission() for _ in range(number)]) == (5, 1)
    await sqlite.apply([RemoveColony(colonyid=mine.colonyid)])
    before = sqlite.asked.copy()
    refused = await sqlite.apply([colony.submission() for _ in range(number)])
    assert {type(one) for one in refused} == {errors.NotFound}
    assert (sqlite.asked - before).total() == 3  # BEGIN, the look for the colony, COMMIT
    await sqlite.apply([AddColony(colony=mine)])
    assert await cost(sqlite, [colony.submission() for _ in range(number)]) == (6, 1)
    assert await cost(sqlite, [colony.submission() for _ in range(number)]) == (5, 1)
