"""An event loop in a thread of its own, for programs that block.

Work may be handed in from any thread and is waited for there. Ctrl-C in a waiting thread
cancels the work; a result that came in that very moment is undone rather than lost. A
program that never closes its client still ends, and closes it then.
"""

from __future__ import annotations

import asyncio
import atexit
import contextlib
import threading
from collections.abc import AsyncGenerator, Awaitable, Callable, Coroutine, Iterator
from concurrent.futures import Future
from queue import SimpleQueue
from typing import Any, TypeVar

from .asked import Progress
from .errors import Closed

T = TypeVar("T")
Undo = Callable[[Any], Awaitable[Any]]
_END = object()


class LoopThread:
    def __init__(self, *, last: Callable[[], Coroutine[Any, Any, None]]) -> None:
        """last: what is run before the thread ends."""
        started: Future[None] = Future()
        self._last = last
        self._tasks: set[asyncio.Task[None]] = set()
        self._stop = asyncio.Event()
        self._thread = threading.Thread(
            target=lambda: asyncio.run(self._live(started)), name="colonies client", daemon=True
        )
        self._thread.start()
        started.result()
        _open.add(self)

    async def _live(self, started: Future[None]) -> None:
        self._loop = asyncio.get_running_loop()
        started.set_result(None)
        await self._stop.wait()

    def run(self, work: Coroutine[Any, Any, T], *, undo: Undo | None = None) -> T:
        """Run it there and wait for it here. undo: called there with a result that nobody got."""
        return self._run(work, Future(), undo, wait=lambda: None)

    def run_telling(self, begin: Callable[[Progress], Coroutine[Any, Any, T]], progress: Progress) -> T:
        """Run it there, and call `progress` here, where it may call the client, with what is told there meanwhile."""
        told: SimpleQueue[tuple[int, int] | None] = SimpleQueue()
        promise: Future[T] = Future()
        promise.add_done_callback(lambda _: told.put(None))

        def listen() -> None:
            while (what := told.get()) is not None:
                progress(*what)

        return self._run(begin(lambda done, matched: told.put((done, matched))), promise, None, wait=listen)

    def _run(
        self, work: Coroutine[Any, Any, T], promise: Future[T], undo: Undo | None, *, wait: Callable[[], None]
    ) -> T:
        if not self._thread.is_alive() or self._stop.is_set():
            work.close()
            raise Closed("the client was closed")
        if threading.current_thread() is self._thread:
            work.close()
            raise RuntimeError("a blocking client cannot be called from its own event loop")
        task: list[asyncio.Task[None]] = []
        self._loop.call_soon_threadsafe(lambda: task.append(self._start(_deliver(work, promise, undo))))
        try:
            wait()
            return promise.result()
        except BaseException:
            if promise.cancel():
                self._loop.call_soon_threadsafe(_cancel, task)
            elif undo and promise.exception() is None:
                undoing = undo(promise.result())
                self._loop.call_soon_threadsafe(lambda: self._start(_quietly(undoing)))
            raise

    def _start(self, work: Coroutine[Any, Any, None]) -> asyncio.Task[None]:
        task = self._loop.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        return task

    def each(self, values: AsyncGenerator[T, None]) -> Iterator[T]:
        """Iterate here over what comes there."""

        async def following() -> Any:
            return await anext(values, _END)

        try:
            while (value := self.run(following())) is not _END:
                yield value
        finally:
            with contextlib.suppress(Closed):
                self.run(values.aclose())

    def close(self) -> None:
        """End the thread, and everything that waits for it. Calling it again is harmless."""
        _open.discard(self)
        try:
            with contextlib.suppress(Closed):
                self.run(self._last())
        finally:
            with contextlib.suppress(RuntimeError):  # the loop has ended already
                self._loop.call_soon_threadsafe(self._stop.set)
            self._thread.join()


_open: set[LoopThread] = set()


@atexit.register
def _close_all() -> None:
    for thread in list(_open):
        thread.close()


def _cancel(tasks: list[asyncio.Task[None]]) -> None:
    for task in tasks:
        task.cancel()


async def _deliver(work: Coroutine[Any, Any, T], promise: Future[T], undo: Undo | None) -> None:
    try:
        result = await work
    except BaseException as error:
        if promise.set_running_or_notify_cancel():
            # A loop that ends under a waiting caller is no cancel of the caller's.
            ended = isinstance(error, asyncio.CancelledError)
            promise.set_exception(Closed("the client was closed") if ended else error)
        return
    if promise.set_running_or_notify_cancel():
        promise.set_result(result)
    elif undo:
        await _quietly(undo(result))


async def _quietly(undoing: Awaitable[Any]) -> None:
    with contextlib.suppress(Exception):  # nobody is left to tell
        await undoing
