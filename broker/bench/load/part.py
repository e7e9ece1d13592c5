"""What the parts of the load share: connecting, waiting for a moment, and counting between two moments."""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from typing import Any, TypeAlias, TypeVar

from broker.bench.histogram import Histogram
from broker.bench.link import Link
from broker.bench.plans import Lived

T = TypeVar("T")
Run: TypeAlias = Callable[[float], Awaitable[Any]]  # is given the moment to begin at, and returns what came of it

AT_ONCE = 64  # handshakes on their way


@contextlib.asynccontextmanager
async def linked(address: str, number: int) -> AsyncIterator[list[Link]]:
    """So many sockets to one broker; closed with the block."""
    links = [Link(address) for _ in range(number)]
    try:
        await each_connected(links, Link.connect)
        yield links
    finally:
        for link in links:
            link.close()


async def each_connected(links: Sequence[T], connect: Callable[[T], Awaitable[Any]]) -> None:
    """Connect all, some of them at the same time. Raises what the first of them raised."""
    turns = asyncio.Semaphore(AT_ONCE)

    async def one(link: T) -> None:
        async with turns:
            await connect(link)

    async with asyncio.TaskGroup() as tasks:
        for link in links:
            tasks.create_task(one(link))


async def until(moment: float) -> None:
    await asyncio.sleep(max(0.0, moment - time.monotonic()))


def at(words: str) -> None:
    """Say how far it is, to whoever started this program."""
    print(f"at {words}", flush=True)


class Counted:
    """How many processes there were, and how long each took, between two moments."""

    def __init__(self) -> None:
        self.total = 0
        self.took = Histogram()
        self._counts = False

    def add(self, number: int = 1) -> None:
        self.total += number

    def took_since(self, sent: float) -> None:
        if self._counts:
            self.took.add(time.monotonic() - sent)

    async def between(self, begin: float, end: float) -> Lived:
        await until(begin)
        self._counts = True
        total, moment = self.total, time.monotonic()
        await until(end)
        self._counts = False
        return Lived(
            processes=self.total - total,
            seconds=time.monotonic() - moment,
            took=self.took.counts,
        )
