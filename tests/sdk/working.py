"""A worker at work for the length of a block."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator

from colonies import Worker


@contextlib.asynccontextmanager
async def working(worker: Worker) -> AsyncIterator[None]:
    async with asyncio.TaskGroup() as tasks:
        tasks.create_task(worker.run())
        yield
        worker.stop()
