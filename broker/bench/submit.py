"""How many processes a second one producer submits in batches."""

from __future__ import annotations

from . import plans
from .colony import colony_on
from .histogram import Histogram
from .program import begin, running
from .ratios import mean, rate_of
from .results import Submit
from .setting import Setting
from .spending import spending

WARM_UP = 1.0


async def submit(setting: Setting, *, batch: int, inflight: int) -> Submit:
    """inflight: frames on their way."""
    async with colony_on(setting.ground, setting.say) as colony:
        setting.say(f"submit, batches of {batch}: measuring {setting.seconds:g} s")
        plan = plans.Submit(
            address=colony.place.address,
            key=colony.operator.private_key,
            batch=batch,
            inflight=inflight,
            warm_up=WARM_UP * setting.warmth,
            seconds=setting.seconds,
        )
        before = await setting.verifications()
        async with running([plan], setting.say) as programs:
            moment = await begin(programs) + plan.warm_up
            spent = await spending(colony.place.broker, colony.place.store, programs, moment, plan.seconds)
            lived = await programs[0].result(plans.Lived, setting.say)
        after = await setting.verifications()
        await colony.hold("waiting", lived.total)
    return Submit(
        batch=batch,
        inflight=inflight,
        processes=lived.processes,
        rate=rate_of(lived.processes / lived.seconds, setting.machine, mean(before, after)),
        frame=Histogram(lived.took).percentiles(),
        spent=spent,
    )
