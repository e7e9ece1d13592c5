"""Open a WebSocket to a broker, read its frames, close it."""

from __future__ import annotations

import asyncio
import contextlib
import ipaddress
from typing import TYPE_CHECKING, Literal
from urllib.parse import urlsplit

from .wire.errors import BadFrame
from .wire.frames import SUBPROTOCOL

if TYPE_CHECKING:
    from websockets.asyncio.client import ClientConnection

MAX_FRAME_BYTES = 4 << 20
CLOSE_SECONDS = 2.0


async def open_socket(address: str, *, seconds: float) -> ClientConnection:
    """Connect, shake hands and return the open socket, all within `seconds`. Raises whatever went wrong."""
    from websockets.asyncio.client import connect  # here, since a worker's import need not wait for it
    from websockets.typing import Subprotocol

    return await connect(
        address,
        subprotocols=[Subprotocol(SUBPROTOCOL)],
        compression=None,
        max_size=MAX_FRAME_BYTES,
        open_timeout=seconds,
        close_timeout=CLOSE_SECONDS,
        proxy=_proxy(address),
    )


def _proxy(address: str) -> Literal[True] | None:
    """The proxy of the environment, but none on the way to this machine itself."""
    host = urlsplit(address).hostname or ""
    with contextlib.suppress(ValueError):
        return None if ipaddress.ip_address(host).is_loopback else True
    return None if host == "localhost" else True


async def read_frame(socket: ClientConnection) -> bytes:
    """The next frame. Raises EOFError once the socket has ended, BadFrame for text."""
    from websockets.exceptions import ConnectionClosed

    try:
        frame = await socket.recv()
    except ConnectionClosed:
        raise EOFError("the socket has ended") from None
    if isinstance(frame, str):
        raise BadFrame("a text frame")
    return frame


async def close_socket(socket: ClientConnection) -> None:
    """Close it, in the end by force."""
    with contextlib.suppress(TimeoutError):
        async with asyncio.timeout(2 * CLOSE_SECONDS):
            await socket.close()
