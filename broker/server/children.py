"""Brokers as child processes: started, told, waited for, and killed where nothing else helps.

Knows nothing of what they serve and when one is wanted.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import signal
import sys

import msgspec

from broker.logs import fields

from .child import Orders

log = logging.getLogger(__name__)

# Beside what it may take to drain: the last words, and closing the store.
END_SECONDS = 10.0


class Child:
    def __init__(self, process: asyncio.subprocess.Process) -> None:
        self.is_told = False
        self._process = process

    async def wait_serves(self) -> bool:
        """Wait until it serves. False when it has ended instead; it has said why on standard error."""
        assert self._process.stdout is not None
        return (await self._process.stdout.readline()).startswith(b"ready ")

    async def wait_end(self) -> int:
        """Its exit code, or the number of the signal that ended it, below zero."""
        return await self._process.wait()

    @property
    def is_over(self) -> bool:
        return self._process.returncode is not None

    def tell(self, number: signal.Signals) -> None:
        self.is_told = True
        with contextlib.suppress(ProcessLookupError):
            self._process.send_signal(number)


class Children:
    """All that were started and have not ended."""

    def __init__(self, *, drain_seconds: float) -> None:
        self._end_seconds = drain_seconds + END_SECONDS
        self._living: set[Child] = set()

    async def start(self, orders: Orders) -> Child:
        process = await asyncio.create_subprocess_exec(
            sys.executable,
            *("-P", "-m", "broker", "child"),  # -P: no folder of that name in which somebody happens to be
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            start_new_session=True,  # Ctrl-C is for the parent, which hands it on: a second signal would cut it short
        )
        child = Child(process)
        self._living = {child, *(other for other in self._living if not other.is_over)}
        assert process.stdin is not None
        with contextlib.suppress(ConnectionError):  # it has ended, and is found to have
            process.stdin.write(msgspec.json.encode(orders) + b"\n")
            await process.stdin.drain()
        return child

    async def end(self, child: Child) -> int:
        """Have it drain and wait until it has ended, in the end by force. 0 when it ended well."""
        if not child.is_told:
            child.tell(signal.SIGTERM)
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(self._end_seconds):
                # Before it serves, the signal itself ends it, and nothing is lost.
                return 0 if await child.wait_end() in (0, -signal.SIGTERM) else 1
        log.error("a broker did not end and is killed", extra=fields("child_killed", seconds=self._end_seconds))
        child.tell(signal.SIGKILL)
        await child.wait_end()
        return 1

    async def end_all(self) -> int:
        """End all of them together. 0 when all ended well."""
        return max(await asyncio.gather(*(self.end(child) for child in self._living if not child.is_over)), default=0)

    def tell_all(self, number: signal.Signals) -> None:
        for child in self._living:
            child.tell(number)
