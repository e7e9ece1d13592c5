"""Rounds: what several batches ask for in a moment goes to MongoDB together.

A command costs broker and MongoDB more than a dozen moves in it, and so does each wait for
the journal. So one round is on its way at a time, and whatever is asked meanwhile gathers for
the next. What may take long goes beside them: several batches are on their way, so that a
colony that is removed holds up nobody.

Whoever is first in turn does the round for all. Should it be cancelled, the others are told
that the store was unavailable: what they asked for may have been done or not.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from typing import Any

from colonies.wire import errors

from .mongo_answers import Answers, Asked
from .mongo_database import Database

Do = Callable[[Database, Sequence[Asked[Any]], Answers], Awaitable[None]]

# Between the end of a round and the next batch of those that were answered lie so many steps of the loop, about.
BREATH = 8


@dataclass(frozen=True, eq=False)
class _Part:
    """What one batch asks for."""

    asked: Sequence[Asked[Any]]
    answers: Answers


class Rounds:
    def __init__(self, do: Do) -> None:
        """do: answers everything that it is asked, and raises nothing."""
        self._do = do
        self._turn = asyncio.Lock()
        self._gathered: dict[_Part, None] = {}

    async def join(self, database: Database, asked: Sequence[Asked[Any]], answers: Answers) -> None:
        """Return when everything that is asked is answered."""
        part = _Part(asked, answers)
        self._gathered[part] = None
        is_busy = self._turn.locked()
        try:
            async with self._turn:
                if part in self._gathered:  # otherwise it was done with the round of another
                    await self._go(database, is_busy=is_busy)
        finally:
            self._gathered.pop(part, None)

    async def _go(self, database: Database, *, is_busy: bool) -> None:
        if is_busy:
            for _ in range(BREATH):
                await asyncio.sleep(0)
        parts, self._gathered = list(self._gathered), {}
        try:
            await self._do_together(database, parts)
        finally:
            for part in parts:
                part.answers.fail(part.asked, errors.Unavailable("the broker stopped while this was on its way"))

    async def _do_together(self, database: Database, parts: Sequence[_Part]) -> None:
        moves = [one.move for part in parts for one in part.asked]
        whole = Answers(moves)
        await self._do(database, [Asked(number, move) for number, move in enumerate(moves)], whole)
        outcomes = iter(whole.each())
        for part in parts:
            for one in part.asked:
                part.answers.answer(one, next(outcomes))
