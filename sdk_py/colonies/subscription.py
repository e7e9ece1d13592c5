"""What a client is told without asking: processes as they come, figures, log lines, across reconnects.

A subscription to processes is made again on every new connection, and then the broker pushes
what already waits; so a lost event costs a moment and never a process. An event is only a
wake-up.
"""

from __future__ import annotations

from collections.abc import AsyncGenerator
from contextlib import aclosing
from typing import NamedTuple, TypeVar

from .following import Following
from .wire.figures import Activity
from .wire.model import Process

T = TypeVar("T")


class Event(NamedTuple):
    """event: submitted, assigned, successful, failed, cancelled, requeued or backlog."""

    event: str
    process: Process


class Activities(NamedTuple):
    """Changes of processes, in brief. missed: how many the broker left out."""

    events: list[Activity]
    missed: int


class LogLine(NamedTuple):
    """That the log of a process has a line of this seq. 0: it may have lines that nobody was told of."""

    processid: str
    seq: int


class Subscription(Following[Event]):
    """Iterate over it for processes, over `events()` for (event, process).

    `async with` returns once a broker has made it, and raises what a request would raise. Without,
    the first step of the iteration makes it and waits for a broker for as long as that takes, and
    leaving the loop ends it.
    missed  how many events were passed over because nobody read them.
    """

    def __aiter__(self) -> AsyncGenerator[Process, None]:
        return self._processes()

    async def _processes(self) -> AsyncGenerator[Process, None]:
        async with aclosing(self.events()) as events:
            async for event in events:
                yield event.process


class Feed(Following[T]):
    """A subscription to something else than processes: iterate over it for what it tells."""

    def __aiter__(self) -> AsyncGenerator[T, None]:
        return self.events()
