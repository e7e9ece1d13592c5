"""How many events a second one broker hands to many subscribers, beside two servers that do nothing else.

All three are given the same bytes for the same number of sockets. The load is the same
program, but pays by the frame, and a broker joins what happened in one turn in a frame, up to
as many messages as are on their way: it spares the load, as it does a subscriber, what the
others do not. So frames are counted beside messages. They are measured in turn, several times,
and the median counts, so that what else the machine does hits all of them.
"""

from __future__ import annotations

import contextlib
import math

import msgspec

from . import leftovers, plans
from .colony import Colony, colony_on
from .limits import allow_files
from .meters import Meter, OfPrograms
from .program import begin, running
from .ratios import mean, of_verifications
from .results import Deliveries, Fanout
from .server import started
from .setting import Setting
from .spending import spending

KIND = "bench"
WARM_UP = 1.0
ROUNDS = 3
SOCKETS_OF_ONE = 200  # a broker lets one identity have 256


async def fanout(setting: Setting, *, subscribers: int, inflight: int) -> Fanout:
    allow_files(subscribers)
    runs: dict[str, list[Deliveries]] = {"broker": [], "starlette": [], "broadcast": []}
    before = await setting.verifications()
    async with colony_on(setting.ground, setting.say) as colony:
        keys = await colony.add_users(math.ceil(subscribers / SOCKETS_OF_ONE))
        for _ in range(ROUNDS):
            own, message = await _at_broker(setting, colony, keys, subscribers, inflight)
            runs["broker"].append(own)
            for kind in ("starlette", "broadcast"):
                runs[kind].append(await _at_bare(setting, kind, subscribers, inflight, message))
    verifications = mean(before, await setting.verifications())
    found = {server: _median(several, verifications) for server, several in runs.items()}
    return Fanout(
        subscribers=subscribers,
        inflight=inflight,
        message_bytes=len(message) // 2,
        broker=found["broker"],
        starlette=found["starlette"],
        broadcast=found["broadcast"],
        to_starlette=_ratio(found, "starlette") if setting.is_here else None,
        to_broadcast=_ratio(found, "broadcast") if setting.is_here else None,
    )


def _ratio(found: dict[str, Deliveries], other: str) -> float:
    return round(_rate(found["broker"]) / _rate(found[other]), 4)


def _median(several: list[Deliveries], verifications: float | None) -> Deliveries:
    run = sorted(several, key=_rate)[len(several) // 2]
    return msgspec.structs.replace(run, of_verifications=of_verifications(run.per_second, verifications))


def _rate(run: Deliveries) -> float:
    return run.per_second


async def _at_broker(
    setting: Setting, colony: Colony, keys: list[str], subscribers: int, inflight: int
) -> tuple[Deliveries, str]:
    plan = plans.Fanout(
        address=colony.place.address,
        subscribers=subscribers,
        inflight=inflight,
        warm_up=WARM_UP * setting.warmth,
        seconds=setting.seconds,
        executortype=KIND,
        key=colony.operator.private_key,
        keys=keys,
    )
    return await _measured(setting, plan, "broker", colony.place.broker, colony.place.store)


async def _at_bare(setting: Setting, kind: str, subscribers: int, inflight: int, message: str) -> Deliveries:
    with leftovers.folder() as folder:
        async with contextlib.AsyncExitStack() as stack:
            server = await stack.enter_async_context(started("broker.bench.bare", kind, folder=folder))
            plan = plans.Fanout(
                address=server.address,
                subscribers=subscribers,
                inflight=inflight,
                warm_up=WARM_UP * setting.warmth,
                seconds=setting.seconds,
                message=message,
            )
            deliveries, _ = await _measured(setting, plan, kind, OfPrograms(server.pid), None)
            return deliveries


async def _measured(
    setting: Setting, plan: plans.Fanout, server: str, meter: Meter, store: Meter | None
) -> tuple[Deliveries, str]:
    """What it delivered, and one of its messages."""
    setting.say(f"fan-out to {plan.subscribers:,}, {server}: preparing")
    async with running([plan], setting.say) as programs:
        setting.say(f"fan-out to {plan.subscribers:,}, {server}: measuring {plan.seconds:g} s")
        moment = await begin(programs) + plan.warm_up
        spent = await spending(meter, store, programs, moment, plan.seconds)
        delivered = await programs[0].result(plans.Delivered, setting.say)
    number, used = max(1, delivered.deliveries), spent.broker.cpu_seconds
    deliveries = Deliveries(
        server=server,
        deliveries=delivered.deliveries,
        per_second=round(number / delivered.seconds, 1),
        of_verifications=None,  # once that is known
        frames_per_second=round(delivered.frames / delivered.seconds, 1),
        us=round(1e6 * delivered.seconds / number, 3),
        cpu_us=None if used is None else round(1e6 * used / number, 3),
        spent=spent,
    )
    return deliveries, delivered.message
