"""The broker's protocols alone on a port of their own, with whoever a test attaches, on either event loop."""

from __future__ import annotations

import asyncio
import base64
import contextlib
import socket
import struct
from collections.abc import AsyncIterator, Awaitable, Callable
from functools import partial
from typing import Any

import uvicorn
import uvloop
from starlette.applications import Starlette
from starlette.routing import WebSocketRoute
from starlette.websockets import WebSocket

from broker.server.http import ColoniesHttp
from broker.server.listening import listen
from broker.server.websocket import Attached, ColoniesSocket, socket_of
from colonies.wire.frames import SUBPROTOCOL

LOOPS = [asyncio.new_event_loop, uvloop.new_event_loop]
PATIENCE = 20.0


class Attendant(Attached):
    """Keeps what happened, and each as an event."""

    def __init__(self) -> None:
        self.taken: list[bytes] = []
        self.took = asyncio.Event()
        self.lost = asyncio.Event()
        self.on_lost: Callable[[], None] = lambda: None

    def take(self, frame: bytes) -> None:
        self.taken.append(frame)
        self.took.set()

    def lose(self) -> None:
        self.on_lost()
        self.lost.set()

    def go_on_writing(self) -> None:
        pass


def on(make_loop: Callable[[], asyncio.AbstractEventLoop], scenario: Callable[[], Awaitable[None]]) -> None:
    """Have it happen on that kind of event loop, within a limit."""

    async def within() -> None:
        await asyncio.wait_for(scenario(), PATIENCE)

    with asyncio.Runner(loop_factory=make_loop) as runner:
        runner.run(within())


@contextlib.asynccontextmanager
async def attended() -> AsyncIterator[tuple[ColoniesSocket, Attendant, socket.socket]]:
    """One accepted connection: the broker's side of it, who is attached there, and the client's bare socket."""
    attendant, accepted = Attendant(), asyncio.Queue[ColoniesSocket]()

    async def accept(websocket: WebSocket) -> None:
        wire = socket_of(websocket.scope)
        wire.attach(attendant)
        await websocket.accept(subprotocol=SUBPROTOCOL)
        accepted.put_nowait(wire)
        await attendant.lost.wait()

    async with serving(Starlette(routes=[WebSocketRoute("/ws", accept)])) as port:
        with contextlib.closing(await asyncio.to_thread(shake_hands, port)) as client:
            yield await accepted.get(), attendant, client


@contextlib.asynccontextmanager
async def serving(app: Any, *, patience_seconds: float = PATIENCE) -> AsyncIterator[int]:
    """The port on which the application is served until the block ends. patience_seconds: for the headers of a request."""
    listener = listen("127.0.0.1", 0)
    config = uvicorn.Config(
        app,
        http=partial(ColoniesHttp, patience_seconds=patience_seconds),  # type: ignore[arg-type]
        ws=ColoniesSocket,
        lifespan="off",
        log_config=None,
        timeout_graceful_shutdown=1,
    )
    server = uvicorn.Server(config)
    server.capture_signals = contextlib.nullcontext  # type: ignore[method-assign, assignment]
    with contextlib.closing(listener):
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(server.serve(sockets=[listener]))
            yield listener.getsockname()[1]
            server.should_exit = True


def shake_hands(port: int) -> socket.socket:
    """A client that has been accepted, and reads and writes nothing by itself. Its window is small."""
    client = socket.socket()
    client.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
    client.settimeout(PATIENCE)
    client.connect(("127.0.0.1", port))
    key = base64.b64encode(bytes(16)).decode()
    client.sendall(
        f"GET /ws HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
        f"Sec-WebSocket-Key: {key}\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Protocol: {SUBPROTOCOL}\r\n\r\n".encode()
    )
    reply = b""
    while b"\r\n\r\n" not in reply:
        reply += client.recv(1)
    assert reply.startswith(b"HTTP/1.1 101")
    return client


def reset(client: socket.socket) -> None:
    """End it as a program that crashed does."""
    client.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    client.close()
