"""Subscriptions: processes as they come, across reconnects.

A subscription is made again on every new connection, and then the broker pushes what
already waits; so a lost event costs a moment and never a process. At most `MAX_UNREAD`
events wait to be read; the oldest are dropped first, for an event is only a wake-up.
"""

from __future__ import annotations

import asyncio
import time
from collections import deque
from collections.abc import AsyncIterator, Callable
from typing import Any, NamedTuple, Self

from .wire import errors
from .wire.identity import Signer
from .wire.model import Process

MAX_UNREAD = 4096


class Event(NamedTuple):
    """event: submitted, assigned, successful, failed, cancelled, requeued or backlog."""

    event: str
    process: Process


class SubscriptionEnded(errors.ColoniesError):
    """A subscription is over: its time was up, it was cancelled, or the connection went. Subscribe again."""

    code, retry = "ended", True

    def __init__(self, reason: str) -> None:
        super().__init__(f"the subscription ended: {reason}; subscribe again to go on", reason=reason)
        self.reason = reason


class Subscription:
    """Iterate over it for processes, over `events()` for (event, process). `async with` or `close` ends it."""

    def __init__(
        self,
        method: str,
        params: dict[str, Any],
        signer: Signer,
        *,
        seconds: float,
        lasts: bool,
        closing: Callable[[Subscription], None],
    ) -> None:
        self.method = method
        self.signer = signer
        self.number: int | None = None  # by which the broker knows it on this connection
        self.lasts = lasts  # made again after a reconnect
        self.reason = ""
        self._params = params
        self._until = time.monotonic() + seconds if seconds > 0 else None
        self._closing = closing
        self._unread: deque[Event] = deque(maxlen=MAX_UNREAD)
        self._changed = asyncio.Event()
        self._error: errors.ColoniesError | None = None

    def params(self) -> dict[str, Any]:
        """What to ask now: after a reconnect only the time that is left."""
        if self._until is None:
            return self._params
        return {**self._params, "timeout": max(0.001, self._until - time.monotonic())}

    # — what the connection says —

    def push(self, event: Event) -> None:
        self._unread.append(event)
        self._changed.set()

    def end(self, reason: str, error: errors.ColoniesError | None = None) -> None:
        if not self.reason:
            self.reason, self._error = reason, error
            self._changed.set()

    # — what the reader does —

    async def next_event(self) -> Event:
        """Wait for the next event. Raises SubscriptionEnded when there is none any more, or why it was refused."""
        while not self._unread:
            if self.reason:
                raise self._error or SubscriptionEnded(self.reason)
            self._changed.clear()
            await self._changed.wait()
        return self._unread.popleft()

    async def events(self) -> AsyncIterator[Event]:
        """Events until the subscription's time is up or it is closed."""
        while True:
            try:
                event = await self.next_event()
            except SubscriptionEnded:
                return
            yield event

    async def __aiter__(self) -> AsyncIterator[Process]:
        async for event in self.events():
            yield event.process

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """End it, here and at the broker."""
        if not self.reason:
            self.end("closed")
            self._closing(self)
