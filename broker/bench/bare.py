"""What a broker is compared with: the same sockets with nothing behind them. `python -m broker.bench.bare KIND`.

starlette  an endpoint on the same uvicorn with the limits of a broker; it sends to one
           socket after the other. It pings by uvicorn, where a broker does so by itself.
broadcast  the server of `websockets` and its `broadcast`.

Both collect garbage as seldom as a broker does; neither joins messages in a frame. Whoever
connects at /publish says what is sent to all who are at /ws.
"""

from __future__ import annotations

import asyncio
import contextlib
import signal
import socket
import sys

import uvicorn
import uvloop
from starlette.applications import Starlette
from starlette.routing import WebSocketRoute
from starlette.websockets import WebSocket, WebSocketDisconnect
from websockets.asyncio.server import ServerConnection, broadcast, serve
from websockets.exceptions import ConnectionClosed

from broker.server.run import collect_seldom
from broker.settings import Settings
from colonies.wire.frames import SUBPROTOCOL

HOST, BACKLOG = "127.0.0.1", 2048


class _Endpoint:
    def __init__(self) -> None:
        self._listeners: set[WebSocket] = set()

    async def listen(self, socket: WebSocket) -> None:
        await socket.accept(subprotocol=SUBPROTOCOL)
        self._listeners.add(socket)
        try:
            while True:
                await socket.receive_bytes()
        except WebSocketDisconnect:
            self._listeners.discard(socket)

    async def publish(self, socket: WebSocket) -> None:
        await socket.accept(subprotocol=SUBPROTOCOL)
        with contextlib.suppress(WebSocketDisconnect):
            while True:
                message = await socket.receive_bytes()
                for listener in tuple(self._listeners):
                    await listener.send_bytes(message)


async def starlette() -> None:
    collect_seldom()
    endpoint, settings = _Endpoint(), Settings()
    routes = [WebSocketRoute("/ws", endpoint.listen), WebSocketRoute("/publish", endpoint.publish)]
    config = uvicorn.Config(
        Starlette(routes=routes),
        ws="websockets-sansio",
        ws_max_size=settings.max_frame_bytes,
        ws_ping_interval=settings.ping_seconds,
        ws_ping_timeout=settings.ping_seconds,
        ws_per_message_deflate=False,
        lifespan="off",
        log_config=None,
        access_log=False,
        timeout_graceful_shutdown=1,
    )
    with socket.socket() as listener:
        listener.bind((HOST, 0))
        listener.listen(BACKLOG)
        listener.setblocking(False)
        _say_ready(listener.getsockname()[1])
        await uvicorn.Server(config).serve(sockets=[listener])


async def broadcasting() -> None:
    collect_seldom()
    settings, listeners = Settings(), set[ServerConnection]()

    async def handle(connection: ServerConnection) -> None:
        assert connection.request is not None
        with contextlib.suppress(ConnectionClosed):
            if connection.request.path == "/publish":
                async for message in connection:
                    broadcast(listeners, message)
                return
            listeners.add(connection)
            await connection.wait_closed()
            listeners.discard(connection)

    told = asyncio.Event()
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, told.set)
    limits = {"ping_interval": settings.ping_seconds, "ping_timeout": settings.ping_seconds, "backlog": BACKLOG}
    async with serve(handle, HOST, 0, compression=None, subprotocols=[SUBPROTOCOL], **limits) as server:  # type: ignore[arg-type, list-item]
        _say_ready(next(iter(server.sockets)).getsockname()[1])
        await told.wait()


def _say_ready(port: int) -> None:
    print(f"ready http://{HOST}:{port}", flush=True)


if __name__ == "__main__":
    with contextlib.suppress(KeyboardInterrupt):
        uvloop.run(starlette() if sys.argv[1] == "starlette" else broadcasting())
