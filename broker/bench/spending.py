"""What everybody used of the machine between two moments."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Sequence

from .meters import Meter, busy_seconds, usage
from .program import Program, meter_of, until
from .results import Spent


async def spending(
    broker: Meter, store: Meter | None, programs: Sequence[Program], begin: float, seconds: float
) -> Spent:
    """Look twice, at the moment `begin` and so many seconds later."""
    meters = [broker, meter_of(programs), *([store] if store else [])]
    await until(begin)
    moment, busy = time.monotonic(), busy_seconds()
    before = await asyncio.gather(*(meter.read() for meter in meters))
    await until(begin + seconds)
    after = await asyncio.gather(*(meter.read() for meter in meters))
    passed, busy = time.monotonic() - moment, busy_seconds() - busy
    used = [usage(early, late, passed) for early, late in zip(before, after, strict=True)]
    others = max(0.0, busy - sum(one.cpu_seconds or 0.0 for one in used)) / passed
    return Spent(
        seconds=round(passed, 3),
        broker=used[0],
        load=used[1],
        store=used[2] if store else None,
        others=round(others, 3),
    )
