"""The life of a subscription: made, made again on every new connection, read, ended.

At most `MAX_UNREAD` things lie unread; after that the oldest is passed over. Where each
outdates the one before it, only the newest is kept. Knows nothing of what they say.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import AsyncGenerator, Mapping
from typing import Any, Generic, Self, TypeVar

from .asked import Standing
from .connection import Connection
from .errors import Closed, NoAnswer, SubscriptionEnded
from .wire import errors
from .wire.identity import Signer
from .wire.validation import decode

T = TypeVar("T")
MAX_UNREAD = 8192
# A broker says when the time is up; one that cannot be heard is not waited for.
LAST_EVENT_SECONDS = 1.0


class Following(Generic[T]):
    """missed: how many things were passed over because nobody read them."""

    def __init__(
        self,
        connection: Connection,
        method: str,
        params: Mapping[str, Any],
        signer: Signer,
        *,
        kind: type[T],
        patience: float,
        seconds: float = 0,
        lasts: bool = True,
        newest_only: bool = False,
        first: Any = None,
    ) -> None:
        """What it tells is of this kind.

        patience     seconds to wait for its being made.
        seconds      until it ends, 0: never.
        lasts        past a reconnect.
        newest_only  each thing outdates the one before it.
        first        told each time it is made, before what the broker tells; None: nothing.
        """
        self.missed = 0
        self._kind, self._first = kind, first
        self._patience = patience
        self._connection = connection
        self._method, self._params, self._signer = method, params, signer
        self._seconds, self._lasts = seconds, lasts
        self._standing: Standing | None = None
        self._unread: deque[Any] = deque(maxlen=1 if newest_only else None)
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
            return
        if self._first is not None:
            self._push(self._first)
        if self._made is not None and not self._made.done():
            self._made.set_result(None)

    def _push(self, told: Any) -> None:
        if len(self._unread) >= MAX_UNREAD:
            self._unread.popleft()
            self.missed += 1
        self._unread.append(told)
        self._changed.set()

    def _end(self, error: errors.ColoniesError) -> None:
        self._ended = self._ended or error
        self._changed.set()
        if self._made is not None and not self._made.done():
            self._made.set_exception(error)
            self._made.exception()  # whoever only iterates is told there

    # — reading —

    async def next_event(self) -> T:
        """Wait for the next event. Raises SubscriptionEnded when it is over, or why it was refused."""
        if self._ended is None:
            self._make()
        while not self._unread:
            if self._ended is not None:
                raise self._ended
            self._changed.clear()
            await self._wait_changed()
        return decode(self._unread.popleft(), self._kind)

    async def _wait_changed(self) -> None:
        until = self._standing.until if self._standing else None
        try:
            async with asyncio.timeout_at(None if until is None else until + LAST_EVENT_SECONDS):
                await self._changed.wait()
        except TimeoutError:
            self._let_go(SubscriptionEnded("timeout"))

    async def events(self) -> AsyncGenerator[T, None]:
        """Events until the time is up or it, or the client, is closed. Raises why it ended otherwise."""
        try:
            while (event := await self._next_or_none()) is not None:
                yield event
        finally:
            if not self._is_entered:
                self.close()

    async def _next_or_none(self) -> T | None:
        try:
            return await self.next_event()
        except Closed:
            return None
        except SubscriptionEnded as ended:
            if ended.reason == "timeout" or self._is_closed:
                return None
            raise
