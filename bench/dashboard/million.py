"""A colony in which a million processes lie: twenty types, a tenth of them failed for thirty causes, over one day."""

from __future__ import annotations

import random
from collections.abc import Iterator

from broker.store.moves import Submit
from colonies.wire.model import Attempt, ProcessSpec

from .past import Ended, ended, running, spec_of, waiting

DAY_MS = 86_400_000
TYPES, CAUSES = 20, 30
FAILED_PART = 0.1
WAITING, RUNNING = 5000, 200


def million(colonyid: str, submitterid: str, *, number: int, now: int) -> Iterator[Submit]:
    """The moves that make it, oldest first."""
    chance = random.Random(1)
    executors = [f"{index:064x}" for index in range(1, 101)]
    final = number - WAITING - RUNNING
    for index in range(final):
        submitted = now - DAY_MS + int(index * (DAY_MS - 60_000) / final)
        spec = _spec(colonyid, chance, index)
        error = _error(chance, index) if chance.random() < FAILED_PART else ""
        past = Ended(
            spec=spec,
            submitted=submitted,
            waited=chance.randrange(2000),
            took=chance.randrange(30_000),
            executorid=chance.choice(executors),
            error=error,
        )
        yield ended(colonyid, submitterid, past)
    for index in range(RUNNING):
        start = now - 60_000 + 100 * index
        history = [Attempt(attempt=1, executorid=chance.choice(executors), start=start)]
        yield running(colonyid, submitterid, _spec(colonyid, chance, index), history, submitted=start - 500)
    for index in range(WAITING):
        yield waiting(colonyid, submitterid, _spec(colonyid, chance, index), submitted=now - 60_000 + 10 * index)


def _spec(colonyid: str, chance: random.Random, index: int) -> ProcessSpec:
    kind = chance.randrange(TYPES)
    return spec_of(
        colonyid, f"type-{kind:02}", f"function_{kind % 7}", [f"item-{index}", index], label=f"run-{index % 50}"
    )


def _error(chance: random.Random, index: int) -> str:
    return f"{ERRORS[chance.randrange(CAUSES)]} in item-{index}"


ERRORS = tuple(
    f"{kind} while {doing}"
    for kind in (
        "TimeoutError: no answer for 30 s",
        "ConnectionResetError: the peer went away",
        "MemoryError: 512 MiB could not be had",
        "PermissionError: the bucket is not ours",
        "ValueError: the row has 11 columns",
    )
    for doing in ("reading", "writing", "locking", "rendering", "sending", "closing")
)
