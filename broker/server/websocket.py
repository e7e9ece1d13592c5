"""uvicorn's WebSocket protocol, with what this wire asks beyond it.

Frames go straight to whoever is attached, in the turn of the event loop in which they came,
and leave the same way: no task and no queue waits on an idle connection. A message over the
limit is closed with this protocol's own code; a peer that has stopped reading cannot keep a
closed connection's memory: what it does not take is dropped. Built on uvicorn's sans-I/O
implementation; `tests/server/test_door.py` and `test_bad_input.py` hold it to that.
"""

from __future__ import annotations

import asyncio
import logging
from typing import Any, Protocol

from starlette.types import Scope
from uvicorn.config import Config
from uvicorn.protocols.websockets.websockets_sansio_impl import WebSocketsSansIOProtocol
from uvicorn.server import ServerState
from websockets.exceptions import InvalidState
from websockets.frames import CloseCode as WebSocketCloseCode
from websockets.frames import Frame, Opcode
from websockets.http11 import Request
from websockets.server import ServerProtocol

from colonies.wire.errors import CloseCode

from .framing import Framing
from .hangup import Hangup

LINGER_SECONDS = 5.0
SILENT_SECONDS = 40  # how long the machine of a peer that is not read may confirm nothing
MAX_FRAGMENTS = 1024  # of one message that are kept apart
EXTENSION = "colonies.socket"


class Attached(Protocol):
    """Whoever lives on a socket. All is called by the event loop and must not wait."""

    def take(self, frame: bytes) -> None:
        """A binary frame came; empty: it was no binary frame."""
        ...

    def lose(self) -> None:
        """The socket has ended, or is about to: nothing more comes, and nothing leaves. May be called again."""
        ...

    def go_on_writing(self) -> None:
        """The peer reads again."""
        ...


class _FrameProtocol(ServerProtocol):
    def fail(self, code: int, reason: str = "") -> None:
        """Close because of what came; a message that is too big is said in our own words."""
        if code == WebSocketCloseCode.MESSAGE_TOO_BIG:
            code, reason = CloseCode.TOO_LARGE, "the frame is over the limit"
        super().fail(code, reason)


class ColoniesSocket(WebSocketsSansIOProtocol):
    """heard: when anything came last, by the clock of the event loop. written: bytes in frames of who is attached."""

    def __init__(
        self,
        config: Config,
        server_state: ServerState,
        app_state: dict[str, Any],
        _loop: asyncio.AbstractEventLoop | None = None,
    ) -> None:
        super().__init__(config, server_state, app_state, _loop)
        self.conn = _FrameProtocol(
            extensions=[], max_size=config.ws_max_size, logger=logging.getLogger("uvicorn.error")
        )
        self.heard = self.loop.time()
        self.written = self._sent = 0
        self._attached: Attached | None = None
        self._framing: Framing | None = None
        self._hangup: Hangup | None = None
        self._unsaid: dict[Opcode, bytes] | None = None  # of each kind of control frame the latest, for when it reads

    def handle_connect(self, event: Request) -> None:
        super().handle_connect(event)
        if self.response.status_code == 101:
            self.scope["extensions"][EXTENSION] = {"socket": self}

    def attach(self, attached: Attached) -> None:
        """From here on frames are its own. Before `accept`, so that none goes elsewhere."""
        self._attached = attached
        max_bytes = self.config.ws_max_size
        self._framing = Framing(take=self._take, other=super().data_received, max_bytes=max_bytes)

    # — coming in —

    def data_received(self, data: bytes) -> None:
        self.heard = self.loop.time()
        if self._framing is not None:
            self._framing.feed(data)
        else:
            super().data_received(data)

    def send_receive_event_to_app(self) -> None:
        """A message that the library put together."""
        if self._attached is None:
            super().send_receive_event_to_app()
            return
        frames, self.frames = self.frames, []
        self._take(b"".join(frames) if self.curr_msg_data_type == "bytes" else b"")

    def handle_cont(self, event: Frame) -> None:
        """Many fragments that hold next to nothing would take more room than what is in them."""
        super().handle_cont(event)
        if len(self.frames) > MAX_FRAGMENTS:
            self.frames = [b"".join(self.frames)]

    def _take(self, message: bytes) -> None:
        if self._attached and not self.close_sent:
            self._attached.take(message)

    def pause_reading(self) -> None:
        if not self.read_paused and not self.transport.is_closing():
            self.read_paused = True
            self.transport.pause_reading()
            connection = self.transport.get_extra_info("socket")
            self._hangup = Hangup(connection, self.loop, self._hung_up, silent_seconds=SILENT_SECONDS)

    def _hung_up(self) -> None:
        """Unless it is being closed in order: then its last words leave first."""
        if not self.close_sent:
            self.transport.abort()

    def resume_reading(self) -> None:
        if self.read_paused and not self.transport.is_closing():
            self.read_paused = False
            self.transport.resume_reading()
            if self._hangup:
                self._hangup.relent()

    # — going out —

    @property
    def is_writable(self) -> bool:
        """Whether the peer has read nearly all of what was written."""
        return self.writable.is_set()

    def write(self, frame: bytes) -> bool:
        """Write a binary frame; False when the socket has ended, before or by that."""
        if self.disconnected or self.close_sent or self.transport.is_closing():
            return False
        try:
            self.conn.send_binary(frame)
        except InvalidState:
            return False
        said = b"".join(self.conn.data_to_send())
        self.transport.write(said)
        self.written += len(said)
        return not self.transport.is_closing()

    @property
    def sent(self) -> int:
        """How many bytes of `written` the system has taken, at least; of a socket that ends, as far as was seen."""
        if not self.transport.is_closing():
            self._sent = self.written - self.transport.get_write_buffer_size()
        return self._sent

    def resume_writing(self) -> None:
        super().resume_writing()
        unsaid, self._unsaid = self._unsaid, None
        if unsaid and not self.close_sent and not self.transport.is_closing():
            self.transport.write(b"".join(unsaid.values()))
        if self._attached:
            self._attached.go_on_writing()

    def handle_ping(self) -> None:
        self._say(Opcode.PONG)

    def ping(self) -> None:
        """Ask for a sign of life; whatever comes is one."""
        if not self.close_sent and not self.transport.is_closing():
            self.conn.send_ping(b"")
            self._say(Opcode.PING)

    def _say(self, kind: Opcode) -> None:
        """Write the control frame that the library has made, or keep it alone of its kind while the peer does not read.

        One pong may answer many pings, and has to for one who asks and does not listen (RFC 6455, section 5.5.3).
        """
        said = b"".join(self.conn.data_to_send())
        if self.is_writable:
            self.transport.write(said)
        else:
            self._unsaid = {**(self._unsaid or {}), kind: said}

    # — ending —

    def give_up(self) -> None:
        """No sign of life came: close it as idle, and wait for nothing."""
        if not self.close_sent and not self.transport.is_closing():
            self.conn.fail(CloseCode.IDLE, "nothing was heard for too long")
            self.transport.write(b"".join(self.conn.data_to_send()))
            self.close_sent = True
            self.transport.close()
        self._lose()

    def handle_close(self, event: Any) -> None:
        _ = self.sent  # seen now: who says goodbye has read what left, and once it is answered nobody knows
        super().handle_close(event)
        self._lose()

    def handle_parser_exception(self) -> None:
        super().handle_parser_exception()
        self._lose()

    def shutdown(self) -> None:
        super().shutdown()
        self._lose()

    def connection_lost(self, exc: Exception | None) -> None:
        super().connection_lost(exc)
        self._lose()

    def _lose(self) -> None:
        if self._hangup:
            self._hangup.close()
        if self._attached:
            self._attached.lose()

    async def run_asgi(self) -> None:
        await super().run_asgi()
        if self.transport.get_write_buffer_size():
            self.loop.call_later(LINGER_SECONDS, self.transport.abort)


def socket_of(scope: Scope) -> ColoniesSocket:
    """The protocol behind an ASGI connection."""
    socket: ColoniesSocket = scope["extensions"][EXTENSION]["socket"]
    return socket
