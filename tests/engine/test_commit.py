"""Moves that share a batch share nothing else: a bug with one of them is answered to its caller alone."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Sequence
from pathlib import Path
from typing import Any, NoReturn

import pytest

from broker.engine.node import Node
from broker.settings import Settings
from broker.store.moves import AddColony, Move, Outcome, RemoveColony
from broker.store.open import open_store
from colonies.wire.identity import Identity
from colonies.wire.model import Colony


@pytest.fixture
async def node(tmp_path: Path) -> AsyncIterator[Node]:
    async with Node(open_store(f"sqlite:{tmp_path}/b.db"), Settings()).running() as node:
        yield node


def a_colony() -> AddColony:
    identity = Identity.generate().id
    return AddColony(colony=Colony(colonyid=identity, name=identity[:8]))


async def test_a_move_that_cannot_be_made_is_answered_and_those_beside_it_are_done(node: Node) -> None:
    told: list[object] = []

    def broken() -> NoReturn:
        raise ZeroDivisionError

    done = [
        node.commit.do(a_colony()),
        node.commit.make_and_do(broken, settled=lambda outcome, _: told.append(type(outcome))),
        node.commit.do(a_colony()),
    ]
    before, bug, after = await asyncio.gather(*done, return_exceptions=True)
    assert isinstance(bug, ZeroDivisionError)
    assert told == [ZeroDivisionError]  # what would have followed hears of it as well
    assert {before, after} == set(await node.store.colonies())


async def test_a_colony_that_is_removed_holds_up_nobody_who_came_with_it(
    node: Node, monkeypatch: pytest.MonkeyPatch
) -> None:
    batches: list[list[type]] = []
    apply = node.store.apply

    async def noted(batch: Sequence[Move[Any]]) -> list[Outcome[Any]]:
        batches.append([type(move) for move in batch])
        return await apply(batch)

    monkeypatch.setattr(node.store, "apply", noted)
    colony = await node.commit.do(a_colony())
    batches.clear()
    removal = RemoveColony(colonyid=colony.colonyid)
    await asyncio.gather(node.commit.do(removal), node.commit.do(a_colony()), node.commit.do(a_colony()))
    assert batches == [[AddColony, AddColony], [RemoveColony]]
