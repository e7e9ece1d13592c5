"""What other brokers publish, and how much of it this one reads.

A broker holds the bus channels that somebody here cares for, and the feed is asked for
those alone. The place in the feed is kept: after a lost connection reading goes on where
it stopped, and nothing in between is missed. Widening what is read opens the feed anew at
that place; whoever needs a channel waits until it is read, and only then looks at what lies
there already, so that there is no gap between looking and listening. Channels that nobody
holds are given up after a while, not at once: most come back. A channel `a/b` is read with
`a`, too, and of very many within one `a` that is read instead, so that nobody can make the
list too long.

At its worst moment, when the feed no longer knows the place, what was missed is unknown:
once reading goes on `lost` is called, and whoever listens has to look. Without a feed there are no other
brokers, everything is covered, and nothing runs.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Collection, Iterable, Sequence
from typing import Any, Generic, Protocol, TypeVar

Message_co = TypeVar("Message_co", covariant=True)
Heard = TypeVar("Heard")

PAUSE_SECONDS = 0.2  # before a feed that broke off is opened again
COVER_SECONDS = 2.0  # a feed that cannot be opened by then is opened later: at the same place, or there is a look
OPEN_SECONDS = 0.05  # what is opened is read for so long at least, before it is opened anew for more
MAX_WITHIN = 64  # of more channels `a/b` within one `a`, `a` is read
KEEP_SECONDS = 60.0  # how long a channel is read that nobody holds
CURRENT_SECONDS = 1.0  # the feed answers at least twice in this time, whether or not there is anything


class PlaceLost(Exception):
    """The feed does not reach back to the place at which it should go on."""


class BrokenOff(Exception):
    """The feed cannot be read now. Opening it again at the same place may help."""


class Stream(Protocol[Message_co]):
    """place: behind what was read last. has_more: whether more was there already when that was read."""

    @property
    def place(self) -> Any: ...

    @property
    def has_more(self) -> bool: ...

    async def read(self) -> Sequence[Message_co]:
        """What came, or nothing after less than half of CURRENT_SECONDS. BrokenOff, PlaceLost."""
        ...

    async def close(self) -> None:
        """Let go of it, also while a read is on its way."""
        ...


class Feed(Protocol[Message_co]):
    async def open(self, channels: frozenset[str], place: Any | None) -> Stream[Message_co]:
        """Read these channels from this place on; None: from now on. BrokenOff, PlaceLost."""
        ...


class Bus(Generic[Heard]):
    """What is held here of what others publish.

    hear    takes what came. What it raises is as if the feed had broken off before.
    lost    called when reading goes on after a place was lost: what came in between nobody knows.
    broken  called with the reason when the feed cannot be read, and with nothing once it can again.
    """

    def __init__(
        self,
        feed: Feed[Heard] | None,
        *,
        hear: Callable[[Sequence[Heard]], Awaitable[None]],
        lost: Callable[[], None],
        broken: Callable[[str], None] = lambda reason: None,
    ) -> None:
        self._feed = feed
        self._hear = hear
        self._lost = lost
        self._broken = broken
        self._is_broken = False
        self._may_have_missed = False
        self._holders: dict[str, int] = {}
        self._let_go: dict[str, float] = {}
        self._read: frozenset[str] = frozenset()
        self._place: Any | None = None
        self._grown = asyncio.Event()
        self._opened = asyncio.Condition()
        self._answered = float("-inf")

    # — what is read —

    def hold(self, channels: Iterable[str]) -> None:
        """Care for these. Each hold needs its `release`."""
        if self._feed is None:
            return
        for channel in channels:
            self._holders[channel] = self._holders.get(channel, 0) + 1
            self._let_go.pop(channel, None)
            if not self._is_read(channel):
                self._grown.set()

    def release(self, channels: Iterable[str]) -> None:
        if self._feed is None:
            return
        for channel in channels:
            self._holders[channel] -= 1
            if not self._holders[channel]:
                del self._holders[channel]
                self._let_go[channel] = _now()

    async def covered(self, channels: Collection[str]) -> None:
        """Return when all that is published on these held channels from now on will be heard."""
        if self._feed is None or self._are_read(channels):
            return
        try:
            async with asyncio.timeout(COVER_SECONDS), self._opened:
                await self._opened.wait_for(lambda: self._are_read(channels))
        except TimeoutError:
            if self._place is None:
                self._may_have_missed = True

    def _is_read(self, channel: str) -> bool:
        return channel in self._read or _parent(channel) in self._read

    def _are_read(self, channels: Iterable[str]) -> bool:
        return all(self._is_read(channel) for channel in channels)

    @property
    def is_current(self) -> bool:
        """Whether everything that was published until a moment ago has been heard."""
        return self._feed is None or _now() - self._answered < CURRENT_SECONDS

    # — reading —

    async def run(self) -> None:
        """Read until cancelled."""
        if self._feed is None:
            return
        async with asyncio.TaskGroup() as closing:
            while True:
                try:
                    await self._follow(self._feed, closing)
                except PlaceLost:
                    self._place, self._read, self._may_have_missed = None, frozenset(), True
                    await asyncio.sleep(PAUSE_SECONDS)
                except BrokenOff as error:
                    self._note_broken(str(error))
                    await asyncio.sleep(PAUSE_SECONDS)

    def _note_broken(self, reason: str) -> None:
        if bool(reason) != self._is_broken:
            self._is_broken = bool(reason)
            self._broken(reason)

    async def _follow(self, feed: Feed[Heard], closing: asyncio.TaskGroup) -> None:
        """Read what is held now, until more is held or less is enough."""
        self._grown.clear()
        self._forget_let_go()
        channels = _narrowed([*self._holders, *self._let_go])
        self._read &= channels  # before it is opened: what is held again meanwhile must be opened once more
        stream = await feed.open(channels, self._place)
        self._place = stream.place
        try:
            await self._say_read(channels)
            opened = _now()
            while not self._has_let_go():
                messages = await self._next(stream, opened)
                if messages is None:
                    return
                await self._hear(messages)
                self._place = stream.place
                if not stream.has_more:
                    self._answered = _now()
        finally:
            closing.create_task(stream.close())

    async def _next(self, stream: Stream[Heard], opened: float) -> Sequence[Heard] | None:
        """The next messages; None when more is held meanwhile: what was on its way comes again."""
        reading = asyncio.ensure_future(stream.read())
        growing = asyncio.ensure_future(self._wait_grown(opened))
        try:
            await asyncio.wait((reading, growing), return_when=asyncio.FIRST_COMPLETED)
            return reading.result() if reading.done() else None
        finally:
            reading.cancel()
            growing.cancel()

    async def _wait_grown(self, opened: float) -> None:
        await self._grown.wait()
        await asyncio.sleep(opened + OPEN_SECONDS - _now())

    async def _say_read(self, channels: frozenset[str]) -> None:
        async with self._opened:
            self._read = channels
            self._opened.notify_all()
        self._note_broken("")
        if self._may_have_missed:
            self._may_have_missed = False
            self._lost()

    def _has_let_go(self) -> bool:
        return any(_now() - since > KEEP_SECONDS for since in self._let_go.values())

    def _forget_let_go(self) -> None:
        self._let_go = {channel: since for channel, since in self._let_go.items() if _now() - since <= KEEP_SECONDS}


def _parent(channel: str) -> str:
    return channel.partition("/")[0]


def _narrowed(channels: Iterable[str]) -> frozenset[str]:
    """Of very many within one parent the parent alone."""
    within: dict[str, set[str]] = {}
    for channel in channels:
        within.setdefault(_parent(channel), set()).add(channel)
    return frozenset(
        channel
        for parent, children in within.items()
        for channel in ([parent] if parent in children or len(children) > MAX_WITHIN else children)
    )


def _now() -> float:
    return asyncio.get_running_loop().time()
