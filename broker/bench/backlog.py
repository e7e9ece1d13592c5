"""What a long queue costs: an assign by how many wait, and limits that end while very many run.

Each length has a broker and a store of its own, which holds nothing else; at a broker that
runs each has a colony of its own.
"""

from __future__ import annotations

import contextlib
import statistics
from collections.abc import Sequence

from colonies.wire.identity import Identity

from . import plans
from .colony import Colony, colony_on
from .histogram import Histogram
from .program import begin, running
from .ratios import in_verifications, mean, of_verifications
from .results import Backlog, Depth, Sweep
from .setting import Setting
from .spending import spending

KIND = "bench"
LENGTHS = (1_000, 10_000, 100_000, 1_000_000)
EACH = 40  # assigns of one queue before it is the next one's turn
FIRED_PER_SECOND = 20
STARTED_PER_SECOND = 200  # of those whose limits end; more than a slow broker starts


async def backlog(setting: Setting, *, most: int, limits: int) -> Backlog:
    """most: the longest queue. limits: how many run with one; 0 leaves that out."""
    depths = await _depths(setting, [length for length in LENGTHS if length < most] + [most])
    return Backlog(depths=depths, sweep=await _sweep(setting, limits) if limits else None)


# — an assign —


async def _depths(setting: Setting, lengths: Sequence[int]) -> list[Depth]:
    setting.say(f"backlog of up to {lengths[-1]:,}: preparing")
    async with contextlib.AsyncExitStack() as stack:
        colonies = [await stack.enter_async_context(colony_on(setting.ground, setting.say)) for _ in lengths]
        queues = [await _queue(colony, length) for colony, length in zip(colonies, lengths, strict=True)]
        plan = plans.Assigns(queues=queues, each=min(EACH, lengths[0]), seconds=setting.seconds)
        before = await setting.verifications()
        async with running([plan], setting.say) as programs:
            setting.say(f"backlog of up to {lengths[-1]:,}: assigning for {setting.seconds:g} s")
            await begin(programs)
            assigned = await programs[0].result(plans.Assigned, setting.say)
        verifications = mean(before, await setting.verifications())
    return _compared(lengths, assigned, plan.each, verifications)


async def _queue(colony: Colony, waiting: int) -> plans.Queue:
    (worker,) = await colony.add_executors([KIND])
    return plans.Queue(
        address=colony.place.address,
        key=colony.operator.private_key,
        worker=worker,
        executortype=KIND,
        waiting=waiting,
        pids=colony.place.pids,
    )


def _compared(lengths: Sequence[int], assigned: plans.Assigned, each: int, verifications: float | None) -> list[Depth]:
    """Each with the shortest one. each: assigns of a turn. verifications: V before it was filled and after."""
    wall = [statistics.median(seconds) for seconds in assigned.wall]
    cpu = [statistics.median(seconds) if seconds else None for seconds in assigned.cpu]
    first = cpu[0]
    return [
        Depth(
            waiting=length,
            assigns=each * len(assigned.wall[index]),
            fill_per_second=round(assigned.fill_per_second[index], 1),
            fill_of_verifications=of_verifications(assigned.fill_per_second[index], verifications),
            wall_in_verifications=in_verifications(wall[index], verifications),
            wall_us=round(wall[index] * 1e6, 1),
            cpu_us=None if (used := cpu[index]) is None else round(used * 1e6, 1),
            wall_ratio=round(wall[index] / wall[0], 3),
            cpu_ratio=None if used is None or not first else round(used / first, 3),
        )
        for index, length in enumerate(lengths)
    ]


# — limits —


async def _sweep(setting: Setting, number: int) -> Sweep:
    fired = max(1, round(FIRED_PER_SECOND * setting.seconds))
    setting.say(f"limits of {number:,} that run: preparing")
    async with colony_on(setting.ground, setting.say) as colony:
        holder, ending = [Identity(key) for key in await colony.add_executors_of_their_own(2)]
        plan = plans.Limits(
            address=colony.place.address,
            key=colony.operator.private_key,
            holder=holder.private_key,
            ending=ending.private_key,
            running=number,
            fired=fired,
            lead=1.0 + fired / STARTED_PER_SECOND,
            seconds=setting.seconds,
            same_clock=setting.is_here,
        )
        async with running([plan], setting.say) as programs:
            setting.say(f"limits of {number:,} that run: measuring {setting.seconds:g} s")
            moment = await begin(programs) + plan.lead
            spent = await spending(colony.place.broker, colony.place.store, programs, moment, plan.seconds)
            late = await programs[0].result(plans.Fired, setting.say)
    return Sweep(running=number, fired=fired, late=Histogram(late.late).percentiles(), spent=spent)
