"""The broker's time, in one place so that tests can hold it still."""

from __future__ import annotations

import asyncio
import contextlib
import time
from typing import Protocol


class Clock(Protocol):
    def now(self) -> int:
        """Milliseconds since the epoch, UTC."""
        ...

    def unique(self) -> int:
        """Microseconds since the epoch, UTC, higher at every call: the order in which things came."""
        ...

    async def wait(self, event: asyncio.Event, until: int | None) -> None:
        """Return when the event is set or the time `until` (ms) has come, whichever is first. None: no limit."""
        ...


class SystemClock:
    def __init__(self) -> None:
        self._last = 0

    def now(self) -> int:
        return time.time_ns() // 1_000_000

    def unique(self) -> int:
        # A batch of submits comes within one microsecond; the order in which they came must survive it.
        self._last = max(time.time_ns() // 1000, self._last + 1)
        return self._last

    async def wait(self, event: asyncio.Event, until: int | None) -> None:
        seconds = None if until is None else max(0.0, (until - self.now()) / 1000)
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                await event.wait()
