"""Find out which peers are gone without a word. One timer for all sockets, and none for any of them.

Whatever comes from a peer is a sign of life, so a busy connection is never asked. One that was
silent for a while is pinged, and given up when it stays silent for as long again. At its worst
moment, a broker that was itself held up, nobody is given up before having been asked.
"""

from __future__ import annotations

import asyncio

from .websocket import ColoniesSocket

LOOKS = 8  # in the time after which a socket is pinged


class Keepalive:
    """ping_seconds: of silence before a ping, and again before giving up; either up to an eighth late."""

    def __init__(self, ping_seconds: float) -> None:
        self._seconds = ping_seconds
        self._asked: dict[ColoniesSocket, float] = {}  # when each was pinged, 0: since it was heard last it was not

    def admit(self, socket: ColoniesSocket) -> None:
        self._asked[socket] = 0.0

    def dismiss(self, socket: ColoniesSocket) -> None:
        self._asked.pop(socket, None)

    async def run(self) -> None:
        """Ask and give up until cancelled."""
        while True:
            await asyncio.sleep(self._seconds / LOOKS)
            self.look(asyncio.get_running_loop().time())

    def look(self, now: float) -> None:
        for socket, asked in list(self._asked.items()):
            if socket.read_paused:
                continue  # it is we who do not listen, as too much of it is unanswered; see `hangup.py`
            if asked > socket.heard:
                if now - asked >= self._seconds:
                    self.dismiss(socket)
                    socket.give_up()
            elif now - socket.heard >= self._seconds:
                self._asked[socket] = now
                socket.ping()
