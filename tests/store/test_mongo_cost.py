"""What moves cost, in commands and in what MongoDB looks at, for this does not depend on how busy the machine is.

Each command has its price, at the broker and at MongoDB, of a dozen moves in it and more; so
their number must hang neither on how many moves a batch has nor on what lies there.
"""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Sequence
from typing import Any

import pytest
from bson import ObjectId

from broker.store.mongo_documents import document_of
from colonies.wire.model import Process
from tests.store.watched import Profile, Watched, examined
from tests.support.builders import HeldColony, a_worker, granted

# Of submits, claims and closes together: an insert; a look into each kind of lane and a write; and a write.
OF_A_ROUND = {"insert": 1, "query": 2, "update": 2}


@pytest.fixture
def colony(watched: Watched) -> HeldColony:
    return HeldColony(store=watched.store)


async def running(colony: HeldColony, number: int) -> list[Process]:
    """So many processes that run, and as many that wait."""
    await colony.store.apply([colony.submission() for _ in range(2 * number)])
    claims = await colony.store.apply([colony.claiming(a_worker()) for _ in range(number)])
    return [process for claimed in claims if (process := granted(claimed))]


def a_batch(colony: HeldColony, held: Sequence[Process]) -> list[Any]:
    """As many submits, claims and closes, each of another process."""
    submits = [colony.submission() for _ in held]
    return [*submits, *(colony.claiming(a_worker()) for _ in held), *(colony.closing(process) for process in held)]


def commands(done: Profile) -> Counter[str]:
    return Counter(step["op"] for step in done)


@pytest.mark.parametrize("number", [1, 8, 60])
async def test_a_batch_is_five_commands_whatever_its_size(watched: Watched, colony: HeldColony, number: int) -> None:
    batch = a_batch(colony, await running(colony, number))
    with watched.profiled() as done:
        for outcome in await watched.store.apply(batch):
            assert granted(outcome)
    assert commands(done) == OF_A_ROUND
    assert sum(step["nModified"] for step in done if step["op"] == "update") == 2 * number


async def test_what_is_asked_while_a_round_is_on_its_way_is_one_round_after_it(
    watched: Watched, colony: HeldColony
) -> None:
    held = await running(colony, 24)
    batches = [a_batch(colony, held[start : start + 6]) for start in range(0, 24, 6)]
    with watched.profiled() as done:
        answered = await asyncio.gather(*(watched.store.apply(batch) for batch in batches))
    assert commands(done) == {op: 2 * number for op, number in OF_A_ROUND.items()}
    for batch, outcomes in zip(batches, answered, strict=True):
        submits, claims, closes = (outcomes[start : start + 6] for start in (0, 6, 12))
        assert [granted(one).process for one in submits] == [move.process for move in batch[:6]]
        assert [granted(one).assigneeid for one in claims] == [move.executorid for move in batch[6:12]]
        assert [granted(one).after.processid for one in closes] == [move.processid for move in batch[12:]]


async def test_a_round_that_was_given_up_leaves_the_next_ones_be(watched: Watched, colony: HeldColony) -> None:
    moves = [colony.submission() for _ in range(3)]
    tasks = [asyncio.create_task(watched.store.apply([move])) for move in moves]
    await asyncio.sleep(0)  # until they stand in line
    tasks[1].cancel()
    first, second, third = await asyncio.gather(*tasks, return_exceptions=True)
    assert isinstance(second, asyncio.CancelledError)
    for move, outcomes in ((moves[0], first), (moves[2], third)):
        assert not isinstance(outcomes, BaseException)
        assert granted(outcomes[0]).process == move.process


async def test_a_claim_costs_the_same_with_a_thousand_and_with_a_hundred_thousand_waiting(
    watched: Watched, colony: HeldColony
) -> None:
    looked_at: list[set[tuple[int, int]]] = []
    for waiting in (1_000, 100_000):
        seed(watched, colony, waiting)
        with watched.profiled() as done:
            claims = await watched.store.apply([colony.claiming(a_worker()) for _ in range(20)])
            claims += await watched.store.apply([colony.claiming(a_worker(), latest=True) for _ in range(20)])
        assert len({granted(one).processid for one in claims}) == 40
        looked_at.append({(step["keysExamined"], step["docsExamined"]) for step in done if step["op"] == "query"})
        assert examined(done) <= 3 * 20 + 1
    assert looked_at[0] == looked_at[1]


def seed(watched: Watched, colony: HeldColony, number: int) -> None:
    """Store so many that wait, past the broker."""
    processes = watched._database["processes"]
    for _ in range(0, number, 1000):
        moves = [colony.submission() for _ in range(1000)]
        documents = [document_of(move.process, move.place, step=ObjectId(), by="seed") for move in moves]
        processes.insert_many(documents, ordered=False)
