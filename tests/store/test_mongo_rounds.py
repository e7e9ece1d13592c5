"""Rounds by themselves: who waits, who goes together, and what becomes of those whose round is given up."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from typing import Any

import pytest

from broker.store.mongo_answers import Answers, Asked
from broker.store.mongo_rounds import Rounds
from broker.store.moves import Move, Seen
from colonies.wire import errors


class Held:
    """What rounds are made of here: each is noted, and ends when it is let go."""

    def __init__(self) -> None:
        self.rounds: list[list[str]] = []
        self.begun = asyncio.Semaphore(0)
        self.let_go = asyncio.Semaphore(0)

    async def do(self, database: Any, asked: Sequence[Asked[Any]], answers: Answers) -> None:
        self.rounds.append([one.move.executorid for one in asked])
        self.begun.release()
        await self.let_go.acquire()
        for one in asked:
            answers.answer(one, f"done {one.move.executorid}")


class Line:
    def __init__(self) -> None:
        self.held = Held()
        self.rounds = Rounds(self.held.do)
        self.database: Any = None

    async def ask(self, *names: str) -> list[Any]:
        batch: list[Move[Any]] = [Seen(executorid=name, time=1) for name in names]
        answers = Answers(batch)
        await self.rounds.join(self.database, [Asked(number, move) for number, move in enumerate(batch)], answers)
        return answers.all()


async def test_what_is_asked_meanwhile_goes_together_and_each_is_answered_its_own() -> None:
    line = Line()
    async with asyncio.timeout(10), asyncio.TaskGroup() as tasks:
        first = tasks.create_task(line.ask("a"))
        await line.held.begun.acquire()
        others = [tasks.create_task(line.ask(*names)) for names in ("bc", "d", "ef")]
        line.held.let_go.release()
        assert await first == ["done a"]
        await line.held.begun.acquire()
        line.held.let_go.release()
        assert [await one for one in others] == [["done b", "done c"], ["done d"], ["done e", "done f"]]
    assert line.held.rounds == [["a"], ["b", "c", "d", "e", "f"]]


async def test_those_whose_round_is_given_up_are_told_that_it_may_have_been_done() -> None:
    line = Line()
    async with asyncio.timeout(10):
        first = asyncio.create_task(line.ask("a"))
        await line.held.begun.acquire()
        leads, follows = asyncio.create_task(line.ask("b")), asyncio.create_task(line.ask("c"))
        await asyncio.sleep(0)  # until they stand in line
        line.held.let_go.release()
        await line.held.begun.acquire()
        leads.cancel()
        with pytest.raises(errors.Unavailable):
            await follows
        assert leads.cancelled() or isinstance(leads.exception(), asyncio.CancelledError)
        assert await first == ["done a"]
        await assert_free(line)


async def test_who_goes_before_its_round_begins_is_not_done() -> None:
    line = Line()
    async with asyncio.timeout(10):
        first = asyncio.create_task(line.ask("a"))
        await line.held.begun.acquire()
        goes, stays = asyncio.create_task(line.ask("b")), asyncio.create_task(line.ask("c"))
        await asyncio.sleep(0)  # until they stand in line
        goes.cancel()
        line.held.let_go.release()
        await line.held.begun.acquire()
        line.held.let_go.release()
        assert (await first, await stays) == (["done a"], ["done c"])
        assert line.held.rounds == [["a"], ["c"]]
        await assert_free(line)


async def assert_free(line: Line) -> None:
    line.held.let_go.release()
    assert await line.ask("z") == ["done z"]
    assert line.held.rounds[-1] == ["z"]
