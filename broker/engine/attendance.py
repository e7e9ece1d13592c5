"""Which executors are connected to this broker, noted where the other brokers see it.

Comings and goings of a moment are noted together; when somebody last asked for work is
noted again every few seconds. As long as an executor is connected this broker also listens
on the bus to what it may take or be told, a cancel of what it runs among others. At its
worst moment, a broker that dies, the others strike out what it noted.
"""

from __future__ import annotations

import asyncio
import contextlib

from broker.channels.bus import Bus
from broker.clock import Clock
from broker.store.others import Others, Told, channels_for
from colonies.wire import errors
from colonies.wire.model import Executor

from .assigner import Assigner
from .authority import Authority
from .presence import Presence

GATHER_SECONDS = 0.05
AGAIN_SECONDS = 10.0
STALE_MS = 5000


class Attendance:
    def __init__(
        self,
        others: Others | None,
        presence: Presence,
        assigner: Assigner,
        authority: Authority,
        bus: Bus[Told],
        clock: Clock,
    ) -> None:
        self._others = others
        self._presence = presence
        self._assigner = assigner
        self._authority = authority
        self._bus = bus
        self._clock = clock
        self._came: dict[str, tuple[str, ...]] = {}
        self._doubtful: set[str] = set()
        self._here: dict[str, tuple[str, ...]] = {}  # executors, with what is listened to for them
        self._noted: dict[str, int] = {}  # with when it was noted that they asked last
        self._changed = asyncio.Event()

    def saw(self, executor: Executor) -> None:
        """It asked something on a connection of this broker."""
        identity = executor.executorid
        if self._others is not None and identity not in self._here and identity not in self._came:
            self._came[identity] = channels_for(executor.colonyid, executor.executortype)
            self._changed.set()

    def doubt(self, identity: str) -> None:
        """It went, or is another member than before. Of those that were never noted there is nothing to know."""
        if identity in self._here or identity in self._came:
            self._doubtful.add(identity)
            self._changed.set()

    def note_again(self) -> None:
        """Nothing of what was noted can be relied upon."""
        self._noted.clear()
        self._changed.set()

    async def run(self) -> None:
        """Note until cancelled. What the store cannot take now is noted the next time."""
        if self._others is None:
            return
        while True:
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(AGAIN_SECONDS):
                    await self._changed.wait()
            await asyncio.sleep(GATHER_SECONDS)
            self._changed.clear()
            try:
                await self._look_who_came()
                await self._write(self._others)
            except errors.Unavailable:
                await asyncio.sleep(1)
                self._changed.set()

    async def _look_who_came(self) -> None:
        came, self._came = self._came, {}
        for identity, channels in came.items():
            self._listen(identity, channels)
        while self._doubtful:
            identity = self._doubtful.pop()
            try:
                await self._look_at(identity)
            except BaseException:
                self._doubtful.add(identity)
                raise

    async def _look_at(self, identity: str) -> None:
        executor = (await self._authority.caller(identity)).executor if self._is_online(identity) else None
        if executor is not None and self._is_online(identity):
            self._noted.pop(identity, None)  # what was noted may have gone with the member that it was
            self._listen(identity, channels_for(executor.colonyid, executor.executortype))
        else:
            self._listen(identity, ())

    def _is_online(self, identity: str) -> bool:
        return self._presence.is_online(identity)

    def _listen(self, identity: str, channels: tuple[str, ...]) -> None:
        self._bus.hold(channels)
        self._bus.release(self._here.pop(identity, ()))
        if channels:
            self._here[identity] = channels

    async def _write(self, others: Others) -> None:
        asked = {identity: self._asked(identity) for identity in self._here}
        new = {identity: time for identity, time in asked.items() if self._is_stale(identity, time)}
        left = self._noted.keys() - asked.keys()
        await others.attend(new, left)
        self._noted = {identity: time for identity, time in (self._noted | new).items() if identity not in left}

    def _asked(self, identity: str) -> int:
        return self._clock.now() if self._assigner.is_in_line(identity) else self._assigner.last_asked(identity)

    def _is_stale(self, identity: str, asked: int) -> bool:
        return identity not in self._noted or asked - self._noted[identity] > STALE_MS
