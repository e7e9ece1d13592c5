"""A broker that is one of several on an address: what its parent tells it, and that it ends with its parent.

The orders come over standard input, and not where others could read them, as in the list of
this machine's processes. The pipe stays open as long as the parent lives: when it ends, so
does this broker, by draining, whatever has become of the parent.
"""

from __future__ import annotations

import asyncio
import signal
import sys
from collections.abc import Callable

import msgspec

from broker.settings import Settings

from .run import serve


class Orders(msgspec.Struct, frozen=True, kw_only=True):
    """What one broker is to do. Settings whole, so that whatever an operator may set reaches it."""

    settings: Settings
    store: str
    host: str
    port: int
    log_level: str


def read_orders() -> Orders:
    """What the parent wants. Raises ValueError where there is none."""
    return msgspec.json.decode(sys.stdin.buffer.readline(), type=Orders)


async def serve_as_child(orders: Orders, *, ready: Callable[[str], None]) -> None:
    """As `serve`, and drain when the parent has gone too."""
    loop, pipe = asyncio.get_running_loop(), sys.stdin.fileno()

    def end() -> None:
        loop.remove_reader(pipe)
        signal.raise_signal(signal.SIGTERM)

    loop.add_reader(pipe, end)
    try:
        await serve(orders.settings, orders.store, host=orders.host, port=orders.port, ready=ready, shares_port=True)
    finally:
        loop.remove_reader(pipe)
