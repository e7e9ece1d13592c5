"""Which part of the MongoDB store does which kind of move."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from typing import Any, TypeAlias

from . import mongo_claims, mongo_members, mongo_removals, mongo_steps, mongo_submits, moves
from .mongo_answers import Answers, Asked
from .mongo_database import Database
from .moves import Move

Kind: TypeAlias = Callable[[Database, Sequence[Asked[Any]], Answers], Awaitable[None]]

# What is asked all the time, and is a command or two however many are asked at once.
FREQUENT: frozenset[Kind] = frozenset({mongo_submits.submit, mongo_claims.claim, mongo_steps.step})


def kind_of(move: Move[Any]) -> Kind:
    match move:
        case moves.Submit():
            return mongo_submits.submit_latest if move.process.spec.latestkey else mongo_submits.submit
        case moves.Claim():
            return mongo_claims.claim
        case moves.Change() | moves.AddLog():
            return mongo_steps.step
        case moves.Remove():
            return mongo_removals.remove
        case moves.Seen():
            return mongo_members.see
    return mongo_members.move_members
