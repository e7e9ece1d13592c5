"""What was written and may not have left yet.

A transport that could not send keeps what it was given, and says nothing of it when the
socket ends. So a message of which somebody has to hear when it did not leave is kept in mind
here until the transport has sent as much as had been written then, which is the next turn of
the event loop for a peer that reads. At its worst moment, a socket that ends as soon as the system has
taken it, it counts as not left: a process goes back that nobody may have seen.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Sequence

from broker.channels.outbox import Parcel, Undelivered

from .websocket import ColoniesSocket

LOOK_AGAIN_SECONDS = 0.1  # at what a peer that has stopped reading has not taken yet


class Leaving:
    __slots__ = ("_is_looking", "_loop", "_minded", "_wire")

    def __init__(self, wire: ColoniesSocket, loop: asyncio.AbstractEventLoop) -> None:
        self._wire = wire
        self._loop = loop
        self._minded: deque[tuple[int, Undelivered]] = deque()  # with how much was written up to their end
        self._is_looking = False

    def __len__(self) -> int:
        return len(self._minded)

    def note(self, parcels: Sequence[Parcel]) -> None:
        """These were just written."""
        minded = [(self._wire.written, parcel.undelivered) for parcel in parcels if parcel.undelivered]
        if minded:
            self._minded += minded
            if not self._is_looking:
                self._is_looking = True
                self._loop.call_soon(self._look)

    def _look(self) -> None:
        self._forget_sent()
        self._is_looking = bool(self._minded)
        if self._is_looking:
            self._loop.call_later(LOOK_AGAIN_SECONDS, self._look)

    def _forget_sent(self) -> None:
        sent = self._wire.sent
        while self._minded and self._minded[0][0] <= sent:
            self._minded.popleft()

    def lose(self) -> None:
        """The socket has ended: say of what has not left that it never will. May be called again."""
        self._forget_sent()
        while self._minded:
            _, undelivered = self._minded.popleft()
            undelivered()
