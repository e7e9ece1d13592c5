"""Cut what a socket received into WebSocket frames (RFC 6455, section 5.2).

Nearly all that comes is whole binary messages in one frame each. Those are unmasked here,
straight from the bytes received; everything else (fragments, pings, closes, whatever breaks
the rules) is handed whole to the library, which so stays at a boundary between frames. The
library decides all that needs deciding; the frames that make up the load cost a sixth. At its
worst moment, a frame that comes byte by byte, each byte costs the same.
"""

from __future__ import annotations

from collections.abc import Callable
from struct import Struct

from websockets.frames import Opcode

try:
    from websockets.speedups import apply_mask
except ImportError:  # a platform for which there is no compiled wheel
    from websockets.utils import apply_mask

_WHOLE_BINARY = 0x80 | Opcode.BINARY
_MASKED = 0x80
_LONG, _LONGEST = Struct("!H"), Struct("!Q")


class Framing:
    """take: is given each whole binary message. other: is given any other frame as it came.

    max_bytes  of a message. What begins a longer one, and all that follows, goes to `other`, which ends it.
    masked     whether the messages must be masked, as those of clients are; or must not be, as those of servers.
    """

    __slots__ = ("_fragmented", "_held", "_masked", "_max_bytes", "_needed", "_other", "_take", "_too_long")

    def __init__(
        self,
        *,
        take: Callable[[bytes], None],
        other: Callable[[bytes], None],
        max_bytes: int,
        masked: bool = True,
    ) -> None:
        self._masked = _MASKED if masked else 0
        self._take = take
        self._other = other
        self._max_bytes = max_bytes
        self._held: bytearray | None = None  # the beginning of a frame
        self._needed = 0  # so many bytes of it say more
        self._fragmented = False  # the library is receiving a message in fragments
        self._too_long = False

    def feed(self, received: bytes) -> None:
        """Take what was received, cut anywhere."""
        if self._held is not None:
            self._held += received
            if len(self._held) < self._needed:
                return
            received, self._held = bytes(self._held), None
        start = 0
        while not self._too_long and start < len(received):
            stop = self._cut(received, start)
            if stop > len(received):
                self._held, self._needed = bytearray(received[start:]), stop - start
                return
            start = stop
        if start < len(received):
            self._other(received[start:])

    def _cut(self, received: bytes, start: int) -> int:
        """Pass on the frame that begins there. Returns where it ends, or to where more must be known."""
        if len(received) < start + 2:
            return start + 2
        length, begin = received[start + 1] & 0x7F, start + 2
        if length == 126:
            begin += 2
            if len(received) < begin:
                return begin
            (length,) = _LONG.unpack_from(received, start + 2)
        elif length == 127:
            begin += 8
            if len(received) < begin:
                return begin
            (length,) = _LONGEST.unpack_from(received, start + 2)
        if length > self._max_bytes:
            self._too_long = True
            return start
        if received[start + 1] & _MASKED:
            begin += 4
        stop: int = begin + length
        if stop <= len(received):
            self._pass_on(received, start, begin, stop)
        return stop

    def _pass_on(self, received: bytes, start: int, begin: int, stop: int) -> None:
        first = received[start]
        if first == _WHOLE_BINARY and received[start + 1] & _MASKED == self._masked and not self._fragmented:
            message = received[begin:stop]
            self._take(apply_mask(message, received[begin - 4 : begin]) if self._masked else message)
            return
        if first & 0x0F < Opcode.CLOSE:  # from a data frame that is not the last one to a continuation that is
            self._fragmented = not first & 0x80
        self._other(received[start:stop])
