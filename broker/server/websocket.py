"""uvicorn's WebSocket protocol, with the two things that this wire asks beyond it.

A message over the limit is closed with this protocol's own code, and a peer that has
stopped reading cannot keep a closed connection's memory: what it does not take is dropped.
Built on uvicorn's sans-I/O implementation; `tests/server/test_socket.py` holds it to that.
"""

from __future__ import annotations

import asyncio
import logging
from typing import Any

from uvicorn.config import Config
from uvicorn.protocols.websockets.websockets_sansio_impl import WebSocketsSansIOProtocol
from uvicorn.server import ServerState
from websockets.frames import CloseCode as WebSocketCloseCode
from websockets.server import ServerProtocol

from colonies.wire.errors import CloseCode

LINGER_SECONDS = 5.0


class _FrameProtocol(ServerProtocol):
    def fail(self, code: int, reason: str = "") -> None:
        """Close because of what came; a message that is too big is said in our own words."""
        if code == WebSocketCloseCode.MESSAGE_TOO_BIG:
            code, reason = CloseCode.TOO_LARGE, "the frame is over the limit"
        super().fail(code, reason)


class ColoniesSocket(WebSocketsSansIOProtocol):
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

    async def run_asgi(self) -> None:
        await super().run_asgi()
        if self.transport.get_write_buffer_size():
            self.loop.call_later(LINGER_SECONDS, self.transport.abort)
