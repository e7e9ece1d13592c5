"""One connection's outbox: the one lift by which everything leaves.

Whoever offers a message never waits. Once more messages or bytes lie in it than its limits
allow, it overflows: what lies in it is dropped with the connection, whose session closes it
as slow, alone. A message may name what to do when it never left. Knows bytes only.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from typing import NamedTuple

Undelivered = Callable[[], None]


class Parcel(NamedTuple):
    message: bytes
    undelivered: Undelivered | None = None


class Outbox:
    """on_filled: called when the first message lies in it, so that somebody comes to take. on_overflow: once."""

    __slots__ = (
        "_bytes",
        "_max_bytes",
        "_max_messages",
        "_on_filled",
        "_on_overflow",
        "_parcels",
        "closed",
        "overflowed",
    )

    def __init__(
        self,
        *,
        max_messages: int,
        max_bytes: int,
        on_filled: Callable[[], object] | None = None,
        on_overflow: Callable[[], object] | None = None,
    ) -> None:
        self.overflowed = False
        self.closed = False
        self._max_messages = max_messages
        self._max_bytes = max_bytes
        self._on_filled = on_filled
        self._on_overflow = on_overflow
        self._parcels: deque[Parcel] = deque()
        self._bytes = 0

    def __len__(self) -> int:
        return len(self._parcels)

    def offer(self, message: bytes, undelivered: Undelivered | None = None) -> bool:
        """Put a message in without waiting. False, after calling `undelivered`, once it is closed or has overflowed."""
        if not (self.closed or self.overflowed) and self._is_full_with(message):
            self._overflow()
        if self.closed or self.overflowed:
            if undelivered:
                undelivered()
            return False
        self._parcels.append(Parcel(message, undelivered))
        self._bytes += len(message)
        if len(self._parcels) == 1 and self._on_filled:
            self._on_filled()
        return True

    def _overflow(self) -> None:
        self.overflowed = True
        if self._on_overflow:
            self._on_overflow()

    def _is_full_with(self, message: bytes) -> bool:
        return len(self._parcels) >= self._max_messages or self._bytes + len(message) > self._max_bytes

    def take(self, *, max_bytes: int) -> list[Parcel]:
        """Take the oldest messages, as many as stay within `max_bytes` together; at least one where there is one."""
        if self._bytes <= max_bytes:
            taken = list(self._parcels)
            self._parcels.clear()
            self._bytes = 0
            return taken
        return self._take_some(max_bytes)

    def _take_some(self, max_bytes: int) -> list[Parcel]:
        taken: list[Parcel] = []
        size = 0
        while self._parcels and (not taken or size + len(self._parcels[0].message) <= max_bytes):
            parcel = self._parcels.popleft()
            size += len(parcel.message)
            taken.append(parcel)
        self._bytes -= size
        return taken

    def close(self) -> None:
        """Take nothing more in. What is in it may still be taken."""
        self.closed = True

    def abandon(self) -> None:
        """Close it and say of each message in it that it never left."""
        self.close()
        parcels, self._parcels, self._bytes = self._parcels, deque(), 0
        tell_undelivered(parcels)


def tell_undelivered(parcels: deque[Parcel] | list[Parcel]) -> None:
    for parcel in parcels:
        if parcel.undelivered:
            parcel.undelivered()
