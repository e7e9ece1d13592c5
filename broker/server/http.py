"""uvicorn's HTTP protocol, with an end to its patience.

Whoever connects and asks nothing, or never ends what it asks, would keep an open file for as
long as it likes, and a WebSocket begins as a request. So the headers of a request have to be
there in time, counted from the connection or from the response before. While a response is on
its way there is no limit: it may be a large file and a slow line.
"""

from __future__ import annotations

import asyncio
from typing import Any

from uvicorn.config import Config
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol
from uvicorn.server import ServerState


class ColoniesHttp(HttpToolsProtocol):
    """patience_seconds: for the headers of a request."""

    def __init__(
        self,
        config: Config,
        server_state: ServerState,
        app_state: dict[str, Any],
        _loop: asyncio.AbstractEventLoop | None = None,
        *,
        patience_seconds: float,
    ) -> None:
        super().__init__(config, server_state, app_state, _loop)
        self._patience_seconds = patience_seconds
        self._patience: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        super().connection_made(transport)
        self._wait_for_request()

    def on_headers_complete(self) -> None:
        self._wait_no_longer()
        super().on_headers_complete()

    def on_response_complete(self) -> None:
        super().on_response_complete()
        if self.cycle.response_complete:  # and none that was asked for meanwhile has begun
            self._wait_for_request()

    def connection_lost(self, exc: Exception | None) -> None:
        self._wait_no_longer()
        super().connection_lost(exc)

    def _wait_for_request(self) -> None:
        self._wait_no_longer()
        self._patience = self.loop.call_later(self._patience_seconds, self.transport.close)

    def _wait_no_longer(self) -> None:
        if self._patience:
            self._patience.cancel()
            self._patience = None
