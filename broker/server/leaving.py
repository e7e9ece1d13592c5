"""What was written and may not have left yet.

A transport that could not send keeps what it was given, and says nothing of it when the
socket ends. So a message of which somebody has to hear when it did not leave is kept in mind
here until the transport has nothing left to send, which is the next turn of the event loop
for a peer that reads. At its worst moment, a socket that ends as soon as the system has
taken it, it counts as not left: a process goes back that nobody may have seen.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

from broker.channels.outbox import Parcel, tell_undelivered

from .websocket import ColoniesSocket

LOOK_AGAIN_SECONDS = 0.1  # at what a peer that has stopped reading has not taken yet


class Leaving:
    __slots__ = ("_is_looking", "_loop", "_parcels", "_wire")

    def __init__(self, wire: ColoniesSocket, loop: asyncio.AbstractEventLoop) -> None:
        self._wire = wire
        self._loop = loop
        self._parcels: list[Parcel] = []
        self._is_looking = False

    def note(self, parcels: Sequence[Parcel]) -> None:
        """These were just written."""
        minded = [parcel for parcel in parcels if parcel.undelivered]
        if minded:
            self._parcels += minded
            if not self._is_looking:
                self._is_looking = True
                self._loop.call_soon(self._look)

    def _look(self) -> None:
        if self._wire.has_sent_all:
            self._parcels.clear()
        self._is_looking = bool(self._parcels)
        if self._is_looking:
            self._loop.call_later(LOOK_AGAIN_SECONDS, self._look)

    def lose(self) -> None:
        """The socket has ended: say of what has not left that it never will. May be called again."""
        parcels, self._parcels = self._parcels, []
        tell_undelivered(parcels)
