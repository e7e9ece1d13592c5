"""A clock that a test moves by hand."""

from __future__ import annotations

import asyncio


class HeldClock:
    def __init__(self, now: int = 1_700_000_000_000) -> None:
        self._now = now
        self._last = 0
        self._waiting: set[asyncio.Event] = set()

    def now(self) -> int:
        return self._now

    def unique(self) -> int:
        self._last = max(self._now * 1000, self._last + 1)
        return self._last

    def advance(self, milliseconds: int) -> None:
        """Move on, and wake whoever waits for a time."""
        self._now += milliseconds
        for moved in self._waiting:
            moved.set()

    async def wait(self, event: asyncio.Event, until: int | None) -> None:
        moved = asyncio.Event()
        self._waiting.add(moved)
        try:
            while not event.is_set() and (until is None or self._now < until):
                moved.clear()
                await _either(event, moved)
        finally:
            self._waiting.discard(moved)


async def _either(first: asyncio.Event, second: asyncio.Event) -> None:
    waits = [asyncio.ensure_future(event.wait()) for event in (first, second)]
    try:
        await asyncio.wait(waits, return_when=asyncio.FIRST_COMPLETED)
    finally:
        for wait in waits:
            wait.cancel()
