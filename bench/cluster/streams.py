"""Change streams as brokers read them, many in one process: what one of them costs the primary is too little to be seen."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator

from broker.store.open import open_store

from .parts import Part
from .plans import Streams


@contextlib.asynccontextmanager
async def following(plan: Streams) -> AsyncIterator[Part]:
    """Read until the program is ended."""
    store = open_store(plan.address)
    await store.open()
    assert store.others
    feed = store.others.feed
    assert feed
    streams = [await feed.open(frozenset(plan.channels), None) for _ in range(plan.number)]

    async def read(number: int) -> None:
        while True:
            await streams[number].read()

    async with asyncio.TaskGroup() as tasks:
        for number in range(plan.number):
            tasks.create_task(read(number))

        async def run(_begin: float) -> None:
            await asyncio.Event().wait()

        yield run
