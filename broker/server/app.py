"""The Starlette application: the socket, health, metrics and pages."""

from __future__ import annotations

import asyncio
import logging
import secrets
from urllib.parse import urlsplit

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route, WebSocketRoute
from starlette.websockets import WebSocket

from broker.engine.node import Node
from broker.handlers.registry import all_handlers
from broker.logs import fields
from broker.version import VERSION
from colonies.wire import errors
from colonies.wire.errors import CloseCode
from colonies.wire.frames import SUBPROTOCOL

from . import pages
from .ending import DRAINED, Ending
from .keepalive import Keepalive
from .metrics import Metrics
from .session import Session
from .websocket import socket_of

log = logging.getLogger(__name__)

# A drained broker's clients come back to the others one by one, as fast as one of those shakes hands.
SPREAD_MS = 1
LEAST_SPREAD_MS = 100


class Door:
    """Everything that comes in from outside. keepalive: a duty of whoever runs the door."""

    def __init__(self, node: Node) -> None:
        self._node = node
        self._handlers = all_handlers()
        self._metrics = Metrics(node, why_not_ready=self._why_not_ready)
        self._sessions: set[Session] = set()
        self.keepalive = Keepalive(node.settings.ping_seconds)
        self._empty = asyncio.Event()
        self._empty.set()

    def app(self) -> Starlette:
        return Starlette(
            routes=[
                WebSocketRoute("/ws", self.socket),
                Route("/healthz", self.healthz),
                Route("/readyz", self.readyz),
                Route("/metrics", self.metrics),
                Route("/favicon.ico", self.no_icon),
                *pages.routes(),
                Route("/", self.front),  # where there is no dashboard
            ]
        )

    async def socket(self, socket: WebSocket) -> None:
        if refusal := self._refusal(socket):
            log.warning("a connection was refused", extra=fields("refused_connection", reason=refusal))
            await _turn_away(socket, Ending(CloseCode.REFUSED, refusal))
            return
        if self._node.is_draining:
            await _turn_away(socket, DRAINED)
            return
        session = Session(socket, self._node, self._handlers)
        self._sessions.add(session)
        self._empty.clear()
        self._node.telemetry.connections.inc()
        wire = socket_of(socket.scope)
        self.keepalive.admit(wire)
        try:
            await session.run()
        finally:
            self.keepalive.dismiss(wire)
            self._sessions.discard(session)
            if not self._sessions:
                self._empty.set()
            self._node.telemetry.connections.dec()

    def _refusal(self, socket: WebSocket) -> str:
        """Why this connection may not be, or nothing."""
        origin = socket.headers.get("origin")
        if origin and not self._is_allowed(origin, socket.headers.get("host", "")):
            return f"origin {origin[:60]} is not allowed here; see --allow-origin"
        if SUBPROTOCOL not in socket.scope["subprotocols"]:
            return f"the client must offer the subprotocol {SUBPROTOCOL}"
        return ""

    def _is_allowed(self, origin: str, host: str) -> bool:
        """Pages of the broker itself, and of origins that the operator named. Only browsers send an origin."""
        allowed = self._node.settings.allowed_origins
        return "*" in allowed or origin.rstrip("/") in allowed or urlsplit(origin).netloc == host

    # — over HTTP —

    async def healthz(self, _: Request) -> Response:
        return PlainTextResponse("ok\n")

    async def readyz(self, _: Request) -> Response:
        if why := await self._why_not_ready():
            # The next time it may be another broker of this address that answers.
            return PlainTextResponse(f"{why}\n", status_code=503, headers={"connection": "close"})
        return PlainTextResponse("ready\n")

    async def _why_not_ready(self) -> str:
        """Why nobody should be sent here now, or nothing."""
        if self._node.is_draining:
            return "draining"
        try:
            await self._node.store.ping()
        except errors.Unavailable as error:
            return f"the store is unavailable: {error.message}"
        return ""

    async def metrics(self, _: Request) -> Response:
        return Response(await self._metrics.exposition(), media_type="text/plain; version=0.0.4; charset=utf-8")

    async def no_icon(self, _: Request) -> Response:
        """Browsers ask for one by themselves where a page, or a plain text, names none."""
        return Response(status_code=204)

    async def front(self, _: Request) -> Response:
        return PlainTextResponse(
            f"Colonies Broker {VERSION}\n\n"
            "Workers and submitters speak WebSocket at /ws (subprotocol colonies.v1).\n"
            "Pages import the JavaScript SDK from /sdk/colonies.js; /examples/ shows some.\n"
            "Operators: /healthz /readyz /metrics\n"
        )

    # — stopping —

    def drain(self) -> None:
        """Turn `/readyz`, give out nothing more, and have every session end as its answers are out."""
        self._node.drain()
        spread = max(LEAST_SPREAD_MS, len(self._sessions) * SPREAD_MS)
        for session in self._sessions:
            session.drain(reconnect_ms=secrets.randbelow(spread))

    async def wait_empty(self) -> None:
        """Return when no socket is open any more."""
        await self._empty.wait()

    @property
    def sessions(self) -> int:
        return len(self._sessions)


async def _turn_away(socket: WebSocket, ending: Ending) -> None:
    """Accept it only to close it: a browser is told the code of a close, and nothing of a refused handshake."""
    await socket.accept(subprotocol=SUBPROTOCOL if SUBPROTOCOL in socket.scope["subprotocols"] else None)
    assert ending.code is not None
    await socket.close(int(ending.code), ending.reason[:120])
