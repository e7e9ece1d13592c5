"""How soon one broker's clients have what another one's submitted, at a steady pace and idle otherwise.

A latency begins when something should have been submitted, and not when it was: whoever submits and is held up makes
what comes behind look worse and not better. A press of the switch is shown when the lamp has it, or a later one: of
presses that come close together it takes the last.
"""

from __future__ import annotations

import bisect
import math
from collections.abc import Mapping, Sequence

import msgspec

from bench.dashboard.machine import Neighbours

from .plans import Lamp, Paced, Plan, Seen, Submitted, Waiter
from .program import begin, running
from .stage import Stage

LAMP, WAITER = "lamp", "waiter"
ENDS_SECONDS = 60.0


class Latency(msgspec.Struct, frozen=True):
    """Of one step, in milliseconds. number: how many there were. missing: how many of them never came."""

    what: str
    number: int
    missing: int
    p50: float
    p90: float
    p99: float
    most: float


class Paces(msgspec.Struct, frozen=True):
    """neighbours: how much of a core other programs took. superseded: presses that the lamp skipped for a later one."""

    rate: float
    seconds: float
    latencies: list[Latency]
    neighbours: float
    superseded: int = 0


async def lamp(stage: Stage, *, rate: float, seconds: float) -> Paces:
    """A lamp at the first broker, its switch at the last."""
    number = max(1, round(rate * seconds))
    switch = _switch(stage, LAMP, rate, number, latestkey="lamp")
    key = (await stage.executor(LAMP)).private_key
    listener = Lamp(address=stage.addresses[0], key=key, kind=LAMP, number=number)
    begun, submitted, seen, neighbours = await _play(switch, listener)
    due = [begun + index / rate for index in range(number)]
    held = dict(seen.held)
    latencies = [
        latency("submit acknowledged", due, submitted.answered),
        latency("event at the lamp", due, seen.heard),
        latency("lamp shows it, or a later one", due, shown(seen.held)),
    ]
    return Paces(rate, seconds, latencies, neighbours, superseded=number - len(held))


async def assign(stage: Stage, *, rate: float, seconds: float) -> Paces:
    """A worker in line at the second broker, submits at the first."""
    number = max(1, round(rate * seconds))
    switch = _switch(stage, WAITER, rate, number, at=0)
    key = (await stage.executor(WAITER)).private_key
    waiter = Waiter(address=stage.addresses[1 % len(stage.addresses)], key=key, number=number)
    begun, submitted, seen, neighbours = await _play(switch, waiter)
    due = [begun + index / rate for index in range(number)]
    latencies = [
        latency("submit acknowledged", due, submitted.answered),
        latency("worker has it", due, dict(seen.held)),
    ]
    return Paces(rate, seconds, latencies, neighbours)


def _switch(stage: Stage, kind: str, rate: float, number: int, *, at: int = -1, latestkey: str = "") -> Paced:
    key = stage.keys.operator.private_key
    return Paced(address=stage.addresses[at], key=key, kind=kind, latestkey=latestkey, rate=rate, number=number)


async def _play(switch: Paced, listener: Plan) -> tuple[float, Submitted, Seen, float]:
    """When it began, what came of both, and what other programs took of a core meanwhile."""
    async with running(switch, listener) as programs, Neighbours().watched() as neighbours:
        begun = begin(programs)
        lasts = switch.number / switch.rate
        submitted = await programs[0].result(Submitted, seconds=lasts)
        seen = await programs[1].result(Seen, seconds=ENDS_SECONDS)
    return begun, submitted, seen, max(0.0, neighbours.mean)


def shown(held: Sequence[tuple[int, float]]) -> dict[int, float]:
    """When each number, or a later one, was held first, for all up to the last that was."""
    moments: dict[int, float] = {}
    for number, moment in held:
        for one in range(len(moments), number + 1):
            moments[one] = moment
    return moments


def latency(what: str, due: Sequence[float], came: Mapping[int, float]) -> Latency:
    """came: when it came, by number. What never came counts as later than all others."""
    milliseconds = sorted((came.get(number, math.inf) - moment) * 1000 for number, moment in enumerate(due))
    missing = len(due) - bisect.bisect_left(milliseconds, math.inf)
    p50, p90, p99, most = (percentile(milliseconds, part) for part in (0.5, 0.9, 0.99, 1))
    return Latency(what, len(due), missing, p50, p90, p99, most)


def percentile(ordered: Sequence[float], part: float) -> float:
    """The least of them that so large a part does not exceed."""
    return ordered[max(0, math.ceil(part * len(ordered)) - 1)]
