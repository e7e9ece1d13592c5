"""A batch of moves on its way, and what each is answered.

The kinds of moves of a batch are done beside each other, and one kind may fail alone: what
became true is answered all the same, for a claim that was done and is not answered would
run on an executor that knows nothing of it.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any, Generic, NamedTuple, TypeVar, cast

from colonies.wire import errors

from .moves import Move, Outcome

M_co = TypeVar("M_co", bound=Move[Any], covariant=True)


class Asked(NamedTuple, Generic[M_co]):
    """A move and its number in the batch."""

    number: int
    move: M_co


class Answers:
    def __init__(self, batch: Sequence[Move[Any]]) -> None:
        self._outcomes: dict[int, Outcome[Any]] = {}
        self._number = len(batch)

    def answer(self, asked: Asked[Any], outcome: Outcome[Any]) -> None:
        self._outcomes[asked.number] = outcome

    def fail(self, asked: Iterable[Asked[Any]], error: errors.ColoniesError) -> None:
        """Answer with the error whatever of these has no answer yet."""
        for one in asked:
            self._outcomes.setdefault(one.number, error)

    def unanswered(self, asked: Iterable[Asked[M_co]]) -> list[Asked[M_co]]:
        return [one for one in asked if one.number not in self._outcomes]

    def each(self) -> list[Outcome[Any]]:
        """All answers, in the order of the moves."""
        return [self._outcomes[number] for number in range(self._number)]

    def all(self) -> list[Outcome[Any]]:
        """As `each`. Raises Unavailable when nothing of the batch was done."""
        outcomes = self.each()
        if outcomes and all(isinstance(outcome, errors.Unavailable) for outcome in outcomes):
            raise cast(errors.Unavailable, outcomes[0])
        return outcomes
