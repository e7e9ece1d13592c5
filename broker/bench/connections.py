"""What many connections cost that do nothing: memory and processor time, beside a bare endpoint on the same uvicorn."""

from __future__ import annotations

import asyncio

from colonies.cli.failure import Failure

from . import leftovers, plans
from .colony import Colony, colony_on
from .limits import allow_files
from .meters import Meter, OfPrograms, Reading
from .program import begin, running
from .ratios import of_verifications
from .results import Connections, Idle
from .server import started
from .setting import Setting, share
from .spending import spending

KIND = "bench"


async def connections(setting: Setting, *, number: int) -> Connections:
    allow_files(number)
    async with colony_on(setting.ground, setting.say) as colony:
        broker = await _at_broker(setting, colony, number)
    with leftovers.folder() as folder:
        async with started("broker.bench.bare", "starlette", folder=folder) as server:
            bare = await _idle(setting, "starlette", server.address, OfPrograms(server.pid), number, [])
    ratio = _ratio(broker.bytes_each, bare.bytes_each) if setting.is_here else None
    return Connections(seconds=setting.seconds, broker=broker, starlette=bare, memory_ratio=ratio)


def _ratio(one: float | None, other: float | None) -> float | None:
    return None if one is None or other is None else round(one / other, 4)


def bytes_each(before: Reading, after: Reading, number: int) -> float | None:
    """What each of so many took; None where it cannot be seen, or memory that lay free took in all of them."""
    if before.rss_bytes is None or after.rss_bytes is None or after.rss_bytes <= before.rss_bytes:
        return None
    return round((after.rss_bytes - before.rss_bytes) / number, 1)


async def _at_broker(setting: Setting, colony: Colony, number: int) -> Idle:
    """Every connection is an executor's own, which has asked for one thing.

    The broker is started again before that: what adding the executors left free in it would
    take in a part of the connections, and the bare endpoint has nothing of the kind.
    """
    setting.say(f"{number:,} connections: adding executors")
    keys = await colony.add_executors([KIND] * number)
    place = await colony.place.afresh()
    return await _idle(setting, "broker", place.address, place.broker, number, keys)


async def _idle(setting: Setting, server: str, address: str, meter: Meter, number: int, keys: list[str]) -> Idle:
    programs = min(setting.programs, number)
    many = [
        plans.Connections(
            address=address, number=share(number, programs, index), seconds=setting.seconds, keys=keys[index::programs]
        )
        for index in range(programs)
    ]
    setting.say(f"{number:,} connections, {server}: connecting")
    verifications, before = await setting.verifications(), await meter.read()
    async with running(many, setting.say) as started_programs:
        setting.say(f"{number:,} connections, {server}: idle for {setting.seconds:g} s")
        moment = await begin(started_programs)
        spent = await spending(meter, None, started_programs, moment, setting.seconds)
        after = await meter.read()
        results = (program.result(plans.Connected, setting.say) for program in started_programs)
        connected = await asyncio.gather(*results)
    if lost := sum(one.lost for one in connected):
        raise Failure(f"{lost} of {number} connections to the {server} ended while they were idle")
    connects = number / max(one.seconds for one in connected)
    return Idle(
        server=server,
        connections=number,
        bytes_each=bytes_each(before, after, number),
        cores=spent.broker.cores,
        connects_per_second=round(connects, 1),
        connects_of_verifications=of_verifications(connects, verifications),
        peak_bytes=after.peak_bytes,
    )
