"""Live statistics: the figures of a colony, for as long as somebody follows them.

They are read once for all who follow, when something they are made of changed, and pushed at
most once an interval; every few seconds they are pushed unchanged, so that silence can be
told from nothing happening. What other brokers write is found by looking each second. At
its worst moment, a store that is away, nothing is pushed: the figures grow old, visibly, and
are right again once it answers. A broker whose figures nobody follows has no timer here.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable

from msgspec.structs import replace

from broker.channels.hub import Channel, Hub
from broker.clock import Clock
from broker.store.base import Store
from broker.telemetry import Telemetry
from colonies.wire import errors
from colonies.wire.figures import Stats, TypeCounts
from colonies.wire.model import Process

from .push import encode_push
from .reporter import Reporter

# An interval is lengthened to one of these, so that few who follow make few pushes, however many they are.
INTERVALS_MS = (250, 500, 1000, 2000, 5000, 10_000, 20_000, 30_000, 60_000)
SIGN_OF_LIFE_MS = 5000
LOOK_MS = 1000


def of_stats(colonyid: str, interval_ms: int) -> Channel:
    return ("stats", colonyid, interval_ms)


class _Beat:
    """Those who follow a colony at the same interval: when they were told last, and which figures."""

    __slots__ = ("channel", "interval", "told", "version")

    def __init__(self, channel: Channel, interval: int, now: int) -> None:
        self.channel = channel
        self.interval = interval
        self.told = now
        self.version = 0

    def due(self, version: int, *, may_differ: bool) -> int:
        """When it must be told next (ms), if the figures are of this version, or may differ from them."""
        pause = self.interval if may_differ or self.version != version else max(self.interval, SIGN_OF_LIFE_MS)
        return self.told + pause


class _Followed:
    """The figures of one colony. version: rises when they differ. changed: something happened since they were read."""

    def __init__(self, colonyid: str) -> None:
        self.colonyid = colonyid
        self.beats: dict[int, _Beat] = {}
        self.changed = True
        self.read = 0
        self.version = 0
        self.push = b""
        self.reading = asyncio.Lock()
        self._figures: list[TypeCounts] | None = None

    def take(self, stats: Stats) -> None:
        # That somebody who is connected was last seen now is no change.
        figures = [replace(counts, lastseen=0 if counts.online else counts.lastseen) for counts in stats.types]
        if figures != self._figures:
            self._figures = figures
            self.version += 1
        self.read = stats.time
        self.push = encode_push("stats", stats=stats)

    def due(self, *, is_shared: bool) -> int:
        """When something is to be done about them (ms)."""
        told = min(beat.due(self.version, may_differ=self.changed) for beat in self.beats.values())
        if not is_shared:
            return told
        soonest = min(beat.told + beat.interval for beat in self.beats.values())
        return min(told, max(soonest, self.read + LOOK_MS))


class Ticker:
    def __init__(self, store: Store, reporter: Reporter, hub: Hub, clock: Clock, telemetry: Telemetry) -> None:
        self._store = store
        self._reporter = reporter
        self._hub = hub
        self._clock = clock
        self._telemetry = telemetry
        self._followed: dict[str, _Followed] = {}
        self._woken = asyncio.Event()

    # — following —

    def follow(self, colonyid: str, *, interval: float) -> Channel:
        """The channel on which the figures come, at most once in `interval` seconds. Then `tell` what they are now."""
        interval_ms = next(known for known in INTERVALS_MS if known >= interval * 1000)
        followed = self._followed.setdefault(colonyid, _Followed(colonyid))
        if interval_ms not in followed.beats:
            followed.beats[interval_ms] = _Beat(of_stats(colonyid, interval_ms), interval_ms, self._clock.now())
            self._woken.set()
        return followed.beats[interval_ms].channel

    async def tell(self, colonyid: str, channel: Channel, push: Callable[[bytes], None]) -> None:
        """Tell one who begins to follow on this channel what the figures are."""
        followed = self._followed.get(colonyid)
        if followed is None:
            return
        await self._read(followed)
        push(followed.push)
        for beat in followed.beats.values():
            if beat.channel == channel and not beat.version:
                beat.version = followed.version

    def followed(self) -> int:
        """How many colonies are followed."""
        return len(self._followed)

    # — what the figures are made of —

    def hear(self, process: Process, _event: str) -> None:
        self.note_colony(process.colonyid)

    def note_colony(self, colonyid: str) -> None:
        """Something changed of which the figures of this colony are made."""
        followed = self._followed.get(colonyid)
        if followed and not followed.changed:
            followed.changed = True
            self._woken.set()

    def note_members(self) -> None:
        """Members came, went, or became others, in whichever colony."""
        for colonyid in self._followed:
            self.note_colony(colonyid)

    # — telling —

    async def run(self) -> None:
        """Tell whoever is due, until cancelled."""
        while True:
            self._woken.clear()
            now, shared = self._clock.now(), self._store.shared
            dues = [(followed.due(is_shared=shared), followed) for followed in self._followed.values()]
            if not any(due <= now for due, _ in dues):
                await self._clock.wait(self._woken, min((due for due, _ in dues), default=None))
                continue
            for due, followed in dues:
                if due <= now:
                    self._forget_unheard(followed)
                    if followed.beats:
                        await self._tick(followed)

    async def _tick(self, followed: _Followed) -> None:
        try:
            await self._read(followed)
        except errors.Unavailable:
            for beat in followed.beats.values():
                beat.told = self._clock.now()  # nothing was told, but the store is asked again no sooner than that
            return
        for beat in followed.beats.values():
            if beat.due(followed.version, may_differ=False) <= self._clock.now():
                beat.told, beat.version = self._clock.now(), followed.version
                self._telemetry.pushes.add(number=self._hub.publish([beat.channel], followed.push))

    def _forget_unheard(self, followed: _Followed) -> None:
        for beat in list(followed.beats.values()):
            if not self._hub.is_heard([beat.channel]):
                del followed.beats[beat.interval]
        if not followed.beats:
            del self._followed[followed.colonyid]

    async def _read(self, followed: _Followed) -> None:
        """Read the figures, unless they are of this second and nothing happened since."""
        async with followed.reading:
            if not followed.changed and self._clock.now() - followed.read < LOOK_MS:
                return
            followed.changed = False  # before the look: what changes meanwhile is looked at again
            try:
                followed.take(await self._reporter.stats(followed.colonyid))
            except BaseException:
                followed.changed = True
                raise
