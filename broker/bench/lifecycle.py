"""How many processes a second go from submit through assign to close, and what that costs whom."""

from __future__ import annotations

import asyncio
from typing import NamedTuple

from . import plans
from .colony import Colony, colony_on
from .histogram import Histogram
from .program import begin, running
from .ratios import mean, rate_of
from .results import Lifecycle
from .setting import Setting, share
from .spending import spending

WARM_UP = 1.0


class Crowd(NamedTuple):
    """inflight 0: twice as many processes on their way as there are producers."""

    producers: int
    workers: int
    inflight: int = 0


async def lifecycle(setting: Setting, crowd: Crowd) -> Lifecycle:
    async with colony_on(setting.ground, setting.say) as colony:
        setting.say(f"lifecycle {crowd.producers}/{crowd.workers}: preparing")
        crowd = crowd._replace(inflight=crowd.inflight or 2 * crowd.producers)
        many = await _plans(setting, crowd, colony)
        before = await setting.verifications()
        async with running(many, setting.say) as programs:
            setting.say(f"lifecycle {crowd.producers}/{crowd.workers}: measuring {setting.seconds:g} s")
            moment = await begin(programs) + WARM_UP * setting.warmth
            spent = await spending(colony.place.broker, colony.place.store, programs, moment, setting.seconds)
            lived = await asyncio.gather(*(program.result(plans.Lived, setting.say) for program in programs))
        after = await setting.verifications()
        await colony.hold("successful", sum(one.total for one in lived))
    submit = Histogram()
    for one in lived:
        submit += Histogram(one.took)
    return Lifecycle(
        producers=crowd.producers,
        workers=crowd.workers,
        inflight=crowd.inflight,
        programs=len(many),
        processes=sum(one.processes for one in lived),
        rate=rate_of(sum(one.processes / one.seconds for one in lived), setting.machine, mean(before, after)),
        submit=submit.percentiles(),
        spent=spent,
    )


async def _plans(setting: Setting, crowd: Crowd, colony: Colony) -> list[plans.Lifecycle]:
    """Each program has a type of its own, so that its workers have what its own producers submit."""
    programs = min(setting.programs, *crowd)
    types = [f"bench-{index % programs}" for index in range(crowd.workers)]
    keys = await colony.add_executors(types)
    return [
        plans.Lifecycle(
            address=colony.place.address,
            key=colony.operator.private_key,
            executortype=f"bench-{index}",
            producers=share(crowd.producers, programs, index),
            workers=keys[index::programs],
            inflight=share(crowd.inflight, programs, index),
            warm_up=WARM_UP * setting.warmth,
            seconds=setting.seconds,
        )
        for index in range(programs)
    ]
