"""Subscriptions for programs that block: each step runs in the client's thread and is waited for here."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from typing import Generic, Self, TypeVar

from .errors import Closed
from .following import Following
from .loop_thread import LoopThread
from .subscription import Event
from .wire.model import Process

T = TypeVar("T")


class BlockingFollowing(Generic[T]):
    """`with` returns once a broker has made it, and raises what a request would raise; leaving it, or leaving the
    loop over it where there is no `with`, ends it."""

    def __init__(self, thread: LoopThread, following: Following[T]) -> None:
        self._thread = thread
        self._following = following

    @property
    def missed(self) -> int:
        """How many things were passed over because nobody read them."""
        return self._following.missed

    def __enter__(self) -> Self:
        self._thread.run(self._following.__aenter__())
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def next_event(self) -> T:
        """Wait for the next event. Raises SubscriptionEnded when it is over, or why it was refused."""
        return self._thread.run(self._following.next_event())

    def events(self) -> Iterator[T]:
        """Events until the time is up or it, or the client, is closed. Raises why it ended otherwise."""
        with contextlib.suppress(Closed):
            yield from self._thread.each(self._following.events())

    def close(self) -> None:
        """End it, here and at the broker."""

        async def closing() -> None:
            self._following.close()

        with contextlib.suppress(Closed):
            self._thread.run(closing())


class BlockingSubscription(BlockingFollowing[Event]):
    """Iterate over it for processes, over `events()` for (event, process)."""

    def __iter__(self) -> Iterator[Process]:
        for event in self.events():
            yield event.process


class BlockingFeed(BlockingFollowing[T]):
    """Iterate over it for what it tells."""

    def __iter__(self) -> Iterator[T]:
        return self.events()
