"""An event loop in a thread of its own, for programs that block."""

from __future__ import annotations

import asyncio
import contextlib
import threading
from collections.abc import AsyncIterator, Coroutine, Iterator
from typing import Any, TypeVar

from .subscription import Event, Subscription, SubscriptionEnded
from .wire.model import Process

T = TypeVar("T")


class LoopThread:
    def __init__(self) -> None:
        self.loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self.loop.run_forever, name="colonies", daemon=True)
        self._thread.start()

    def run(self, work: Coroutine[Any, Any, T]) -> T:
        """Run it there and wait for it here. Ctrl-C here cancels it there."""
        future = asyncio.run_coroutine_threadsafe(work, self.loop)
        try:
            return future.result()
        except BaseException:
            future.cancel()
            raise

    def each(self, values: AsyncIterator[T]) -> Iterator[T]:
        """Iterate here over what comes there."""

        async def following() -> T:
            return await anext(values)

        with contextlib.suppress(StopAsyncIteration):
            while True:
                yield self.run(following())

    def close(self) -> None:
        if self._thread.is_alive():
            self.loop.call_soon_threadsafe(self.loop.stop)
            self._thread.join()
            self.loop.close()


class BlockingSubscription:
    """Iterate over it for processes, over `events()` for (event, process). `with` or `close` ends it."""

    def __init__(self, thread: LoopThread, subscription: Subscription) -> None:
        self._thread = thread
        self._subscription = subscription

    def events(self) -> Iterator[Event]:
        """Events until the subscription's time is up or it is closed."""
        with contextlib.suppress(SubscriptionEnded):
            while True:
                yield self._thread.run(self._subscription.next_event())

    def __iter__(self) -> Iterator[Process]:
        for event in self.events():
            yield event.process

    def __enter__(self) -> BlockingSubscription:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """End it, here and at the broker."""
        self._thread.loop.call_soon_threadsafe(self._subscription.close)
