"""Notice the end of a socket that is not read.

An event loop that does not read a socket does not look at it either, so neither its end nor
its reset is seen until reading goes on. The system is asked for these two alone here. A peer
that is gone without a word is found by probes of the system, as its pongs could not be read.
Costs a file handle as long as a socket is not read, and nothing otherwise. Only Linux has
what it takes; elsewhere the end is noticed when reading goes on.
"""

from __future__ import annotations

import asyncio
import contextlib
import select
import socket
import sys
from collections.abc import Callable


class Hangup:
    """ended: called once, when the peer has closed, reset or lost the connection."""

    def __init__(
        self,
        connection: socket.socket,
        loop: asyncio.AbstractEventLoop,
        ended: Callable[[], None],
        *,
        silent_seconds: int,
    ) -> None:
        self._loop = loop
        self._ended = ended
        self._connection = connection
        if sys.platform == "linux":
            self._probe(silent_seconds)
            self._poll: select.epoll | None = None
            with contextlib.suppress(OSError):  # no handle is left: its end is noticed when it is read again
                self._poll = select.epoll()
                self._poll.register(connection.fileno(), select.EPOLLRDHUP)  # errors and resets come unasked
                loop.add_reader(self._poll.fileno(), self._notice)

    def _notice(self) -> None:
        self.close()
        self._ended()

    def _probe(self, seconds: int) -> None:
        """Have the system end the connection when the peer's machine confirms nothing; 0: no longer."""
        if sys.platform == "linux":
            options = self._connection.setsockopt
            options(socket.SOL_SOCKET, socket.SO_KEEPALIVE, bool(seconds))
            options(socket.IPPROTO_TCP, socket.TCP_USER_TIMEOUT, seconds * 1000)
            if seconds:
                options(socket.IPPROTO_TCP, socket.TCP_KEEPIDLE, max(1, seconds // 2))
                options(socket.IPPROTO_TCP, socket.TCP_KEEPINTVL, max(1, seconds // 8))

    def relent(self) -> None:
        """It is read again: what is not confirmed may take its time, as ever."""
        self.close()
        self._probe(0)

    def close(self) -> None:
        """Look no longer. May be called again, and when the socket is closed already."""
        if sys.platform == "linux" and self._poll and not self._poll.closed:
            self._loop.remove_reader(self._poll.fileno())
            self._poll.close()
