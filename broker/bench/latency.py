"""How soon a worker in line and a subscriber have what was submitted, at a steady pace and idle otherwise."""

from __future__ import annotations

import asyncio

from . import machine, plans
from .colony import colony_on
from .histogram import Histogram
from .program import begin, running
from .ratios import of_commit
from .results import Latency, Percentiles
from .setting import Setting
from .spending import spending

KIND = "bench"
COMMITTING_SECONDS = 3.0


async def latency(setting: Setting, *, rate: float) -> Latency:
    warm_up = round(rate * setting.warmth)
    number = max(1, round(rate * setting.seconds))
    commit_ms = await _commit_ms(setting, rate)
    async with colony_on(setting.ground, setting.say) as colony:
        setting.say(f"latency at {rate:g} a second: measuring {setting.seconds:g} s")
        (worker,) = await colony.add_executors([KIND])
        plan = plans.Latency(
            address=colony.place.address,
            key=colony.operator.private_key,
            worker=worker,
            executortype=KIND,
            rate=rate,
            warm_up=warm_up,
            number=number,
        )
        async with running([plan], setting.say) as programs:
            moment = await begin(programs) + warm_up / rate
            spent = await spending(colony.place.broker, colony.place.store, programs, moment, number / rate)
            seen = await programs[0].result(plans.Seen, setting.say)
    of = {
        f"{since}_to_{what}": _of(counts) for since in ("due", "sent") for what, counts in getattr(seen, since).items()
    }
    of_commits = {what: of_commit(found.p50, commit_ms) for what, found in of.items()}
    return Latency(rate=rate, commit_ms=commit_ms, of_commit=of_commits, spent=spent, **of)


async def _commit_ms(setting: Setting, rate: float) -> float | None:
    if not setting.is_here:
        return None  # its disk is another
    setting.say(f"latency at {rate:g} a second: measuring a commit alone")
    seconds = COMMITTING_SECONDS * setting.warmth
    return await asyncio.to_thread(machine.lone_commit_ms, setting.ground.folder, rate, seconds)


def _of(counts: plans.Counts) -> Percentiles:
    return Histogram(counts).percentiles()
