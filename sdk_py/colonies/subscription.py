"""Subscriptions: processes as they come, across reconnects.

A subscription is made again on every new connection, and then the broker pushes what
already waits; so a lost event costs a moment and never a process. At most `MAX_UNREAD`
events lie unread; after that the oldest is passed over, for an event is only a wake-up.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import AsyncGenerator, Mapping
from contextlib import aclosing
from typing import Any, NamedTuple, Self

from .asked import Standing
from .connection import Connection
from .errors import Closed, NoAnswer, SubscriptionEnded
from .wire import errors
from .wire.identity import Signer
from .wire.model import Process
from .wire.validation import decode

MAX_UNREAD = 8192
# A broker says when the time is up; one that cannot be heard is not waited for.
LAST_EVENT_SECONDS = 1.0


class Event(NamedTuple):
    """event: submitted, assigned, successful, failed, cancelled, requeued or backlog."""

    event: str
    process: Process


class Subscription:
    """Iterate over it for processes, over `events()` for (event, process).

    `async with` returns once a broker has made it, and raises what a request would raise. Without,
    the first step of the iteration makes it and waits for a broker for as long as that takes, and
    leaving the loop ends it.
    missed  how many events were passed over because nobody read them.
    """

    def __init__(
        self,
        connection: Connection,
        method: str,
        params: Mapping[str, Any],
        signer: Signer,
        *,
        patience: float,
        seconds: float = 0,
        lasts: bool = True,
    ) -> None:
        """patience: seconds to wait for its being made. seconds: until it ends, 0: never. lasts: past a reconnect."""
        self.missed = 0
        self._patience = patience
        self._connection = connection
        self._method, self._params, self._signer = method, params, signer
        self._seconds, self._lasts = seconds, lasts
        self._standing: Standing | None = None
        self._unread: deque[tuple[str, Any]] = deque()
        self._changed = asyncio.Event()
        self._made: asyncio.Future[None] | None = None
        self._ended: errors.ColoniesError | None = None
        self._is_closed = False
        self._is_entered = False

    # — making and ending it —

    async def __aenter__(self) -> Self:
        self._is_entered = True
        made = self._make()
        try:
            await self._connection.wait_reachable(made)
            async with asyncio.timeout(self._patience):
                await asyncio.shield(made)
        except TimeoutError:
            self.close()
            raise NoAnswer(f"{self._method} was not answered within {self._patience:g} s; subscribe again") from None
        except BaseException:
            self.close()
            raise
        return self

    async def __aexit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """End it, here and at the broker. Whoever iterates over it comes to the end."""
        self._is_closed = True
        self._let_go(SubscriptionEnded("cancelled"))

    def _let_go(self, error: errors.ColoniesError) -> None:
        self._end(error)
        if self._standing is not None:
            self._connection.forget(self._standing)

    def _make(self) -> asyncio.Future[None]:
        if self._made is None:
            loop = asyncio.get_running_loop()
            standing = Standing(
                self._method,
                self._params,
                self._signer,
                push=self._push,
                ended=lambda reason: self._end(SubscriptionEnded(reason)),
                until=loop.time() + self._seconds if self._seconds > 0 else None,
                lasts=self._lasts,
                settle=self._settle,
            )
            self._connection.say(standing)
            self._standing, self._made = standing, loop.create_future()
        return self._made

    # — what the connection says —

    def _settle(self, _result: Any, error: errors.ColoniesError | None) -> None:
        if error is not None:
            self._end(error)
        elif self._made is not None and not self._made.done():
            self._made.set_result(None)

    def _push(self, event: str, process: Any) -> None:
        if len(self._unread) >= MAX_UNREAD:
            self._unread.popleft()
            self.missed += 1
        self._unread.append((event, process))
        self._changed.set()

    def _end(self, error: errors.ColoniesError) -> None:
        self._ended = self._ended or error
        self._changed.set()
        if self._made is not None and not self._made.done():
            self._made.set_exception(error)
            self._made.exception()  # whoever only iterates is told there

    # — reading —

    async def next_event(self) -> Event:
        """Wait for the next event. Raises SubscriptionEnded when it is over, or why it was refused."""
        if self._ended is None:
            self._make()
        while not self._unread:
            if self._ended is not None:
                raise self._ended
            self._changed.clear()
            await self._wait_changed()
        event, process = self._unread.popleft()
        return Event(event, decode(process, Process))

    async def _wait_changed(self) -> None:
        until = self._standing.until if self._standing else None
        try:
            async with asyncio.timeout_at(None if until is None else until + LAST_EVENT_SECONDS):
                await self._changed.wait()
        except TimeoutError:
            self._let_go(SubscriptionEnded("timeout"))

    async def events(self) -> AsyncGenerator[Event, None]:
        """Events until the time is up or it, or the client, is closed. Raises why it ended otherwise."""
        try:
            while (event := await self._next_or_none()) is not None:
                yield event
        finally:
            if not self._is_entered:
                self.close()

    async def _next_or_none(self) -> Event | None:
        try:
            return await self.next_event()
        except Closed:
            return None
        except SubscriptionEnded as ended:
            if ended.reason == "timeout" or self._is_closed:
                return None
            raise

    def __aiter__(self) -> AsyncGenerator[Process, None]:
        return self._processes()

    async def _processes(self) -> AsyncGenerator[Process, None]:
        async with aclosing(self.events()) as events:
            async for event in events:
                yield event.process
