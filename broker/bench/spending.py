"""What everybody used of the machine between two moments."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Sequence

from .meters import Meter, busy_seconds, usage
from .program import Program, meter_of, until
from .results import Spent

FULL_CORES = 0.9  # of one program; what is left of a core goes to waiting for its turn


async def spending(
    broker: Meter, store: Meter | None, programs: Sequence[Program], begin: float, seconds: float
) -> Spent:
    """Look twice, at the moment `begin` and so many seconds later."""
    loads = [meter_of([program]) for program in programs]
    meters = [broker, meter_of(programs), *([store] if store else []), *loads]
    await until(begin)
    moment, busy = time.monotonic(), busy_seconds()
    before = await asyncio.gather(*(meter.read() for meter in meters))
    await until(begin + seconds)
    after = await asyncio.gather(*(meter.read() for meter in meters))
    passed, busy = time.monotonic() - moment, busy_seconds() - busy
    read = [usage(early, late, passed) for early, late in zip(before, after, strict=True)]
    used, busiest = read[: -len(loads)], max(one.cores or 0.0 for one in read[-len(loads) :])
    others = max(0.0, busy - sum(one.cpu_seconds or 0.0 for one in used)) / passed
    return Spent(
        seconds=round(passed, 3),
        broker=used[0],
        load=used[1],
        store=used[2] if store else None,
        others=round(others, 3),
        busiest_load=busiest,
        is_load_bound=busiest >= FULL_CORES,
    )
