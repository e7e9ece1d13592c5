"""What lies in the colony of the pictures: an hour that went well until renders began to fail, and what is left of it."""

from __future__ import annotations

import random
from collections.abc import Iterator
from typing import Any

from broker.store.base import Store
from broker.store.moves import AddLog, Close, Move, Seen, SetAttribute, Submit
from colonies.wire.model import Attempt, Attribute

from .colony import ERRORS, Colony
from .past import Ended, ended, put, running, waiting

SECOND_MS, MINUTE_MS = 1000, 60_000
# How many a minute, and which part of them fails.
PACE = {"thumbnail": (18, 0.0), "mail": (7, 0.06), "etl": (3, 0.1), "render": (9, 0.02)}
RENDERS_FAIL_SINCE_MINUTES, RENDERS_FAIL = 20, 0.45
LAMP_GONE_MINUTES = 12


async def remember(store: Store, colony: Colony, *, now: int) -> str:
    """Store the hour before `now`. Returns the id of a process that had a hard time."""
    [lamp] = colony.executors["lamp"]
    gone = now - LAMP_GONE_MINUTES * MINUTE_MS
    await put(store, [*last_hour(colony, now=now), *left_over(colony, now=now), Seen(executorid=lamp.id, time=gone)])
    return await _hard_time(store, colony, now=now - 4 * MINUTE_MS)


def last_hour(colony: Colony, *, now: int) -> Iterator[Submit]:
    """What ended."""
    chance = random.Random(7)
    for minute in range(59, -1, -1):
        for kind, (pace, failing) in PACE.items():
            part = RENDERS_FAIL if kind == "render" and minute <= RENDERS_FAIL_SINCE_MINUTES else failing
            for _ in range(round(pace * chance.uniform(0.6, 1.4))):
                yield _one(colony, kind, now - minute * MINUTE_MS - chance.randrange(MINUTE_MS), part, chance)


def _one(colony: Colony, kind: str, end: int, failing: float, chance: random.Random) -> Submit:
    took, waited = chance.randrange(400, 9000), chance.randrange(40, 900)
    past = Ended(
        spec=colony.spec(kind, chance.randrange(6)),
        submitted=end - took - waited,
        waited=waited,
        took=took,
        executorid=chance.choice(colony.executors[kind]).id,
        error=chance.choice(ERRORS[kind]) if chance.random() < failing else "",
    )
    return ended(colony.owner.id, colony.operator.id, past)


def left_over(colony: Colony, *, now: int) -> Iterator[Submit]:
    """What waits for the lamp and for those that render, and what two of these are at."""
    for index in range(14):
        submitted = now - LAMP_GONE_MINUTES * MINUTE_MS + index * 40 * SECOND_MS
        yield waiting(colony.owner.id, colony.operator.id, colony.spec("lamp", index), submitted=submitted)
    for index in range(21):
        submitted = now - (200 - 9 * index) * SECOND_MS
        yield waiting(colony.owner.id, colony.operator.id, colony.spec("render", index), submitted=submitted)
    for index, executor in enumerate(colony.executors["render"][:2]):
        start = now - (74 - 31 * index) * SECOND_MS
        history = [Attempt(attempt=1, executorid=executor.id, start=start)]
        spec = colony.spec("render", index)
        yield running(colony.owner.id, colony.operator.id, spec, history, submitted=start - 160 * SECOND_MS)


async def _hard_time(store: Store, colony: Colony, *, now: int) -> str:
    """A process that was handed back, and failed in the hands of the next."""
    colonyid, (first, second) = colony.owner.id, colony.executors["etl"]
    start = now + 31 * SECOND_MS
    history = [
        Attempt(attempt=1, executorid=first.id, start=now + 2200, end=now + 26_400, ended="handed_back"),
        Attempt(attempt=2, executorid=second.id, start=start),
    ]
    spec = colony.spec("etl", 1, env={"REGION": "eu-north-1"})
    submit = running(colonyid, colony.operator.id, spec, history, submitted=now)
    processid = submit.process.processid
    log = (
        (200, "reading orders/2026-11-24"),
        (9800, "18,204 rows read"),
        (10_100, "writing to warehouse.orders"),
        (12_900, "waiting for a lock"),
    )
    rows = Attribute(key="rows", value=18_204)
    whose: dict[str, Any] = {"colonyid": colonyid, "processid": processid, "executorid": second.id}
    steps: list[Move[Any]] = [
        submit,
        *(AddLog(**whose, message=message, now=start + later) for later, message in log),
        SetAttribute(**whose, attribute=rows, now=start + 10_000),
        Close(**whose, successful=False, errors=[ERRORS["etl"][0]], now=start + 43_500),
    ]
    for step in steps:
        await put(store, [step])
    return processid
