"""The tasks of a running broker: its duties, and what is done beside the requests.

A duty that fails is a bug: it is logged whole and begun again after a second, for a broker
without it would only look alive.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections.abc import AsyncIterator, Awaitable, Callable, Coroutine, Sequence
from typing import Any, TypeAlias

from broker.logs import fields
from colonies.wire import errors

log = logging.getLogger(__name__)

Duty: TypeAlias = Callable[[], Awaitable[None]]

FINISH_SECONDS = 2.0


class Duties:
    def __init__(self) -> None:
        self._tasks: asyncio.TaskGroup | None = None
        self._spawned: set[asyncio.Task[None]] = set()

    @contextlib.asynccontextmanager
    async def running(self, duties: Sequence[Duty]) -> AsyncIterator[None]:
        """Do these until the block ends; then nothing of them is left behind."""
        async with asyncio.TaskGroup() as tasks:
            self._tasks = tasks
            started = [tasks.create_task(_forever(duty)) for duty in duties]
            try:
                yield
            finally:
                self._tasks = None
                try:
                    await self._finish_what_was_spawned()
                finally:
                    for task in (*started, *self._spawned):
                        task.cancel()

    async def _finish_what_was_spawned(self) -> None:
        """Wait for it a moment, while the duties that it needs go on: when somebody was last seen, among others."""
        if self._spawned:
            await asyncio.wait(self._spawned, timeout=FINISH_SECONDS)

    def spawn(self, work: Coroutine[Any, Any, None]) -> None:
        """Have something done beside what is going on. A broker that closes waits a moment for it, then drops it."""
        if self._tasks is None:
            work.close()
        else:
            task = self._tasks.create_task(_once(work))
            self._spawned.add(task)
            task.add_done_callback(self._spawned.discard)


async def _forever(duty: Duty) -> None:
    while True:
        try:
            await duty()
        except Exception:
            log.exception("a duty of the broker failed and begins again", extra=fields("bug"))
            await asyncio.sleep(1)


async def _once(work: Coroutine[Any, Any, None]) -> None:
    try:
        await work
    except errors.ColoniesError as error:
        log.warning("work beside the requests was refused", extra=fields("store_unavailable", reason=error.message))
    except Exception:
        log.exception("work beside the requests failed", extra=fields("bug"))
