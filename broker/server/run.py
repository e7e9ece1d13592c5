"""Run one broker on one address until it is told to stop.

Stopping is ours and not the server's: SIGTERM or SIGINT drains (readiness turns, nothing
more is given out, answers leave, sockets close with 4000) and only then is the server let
go. A second signal ends it at once.
"""

from __future__ import annotations

import asyncio
import contextlib
import gc
import logging
import signal
import socket
from collections.abc import Callable, Iterator
from functools import partial

import uvicorn

from broker.engine.node import Node
from broker.logs import fields
from broker.settings import Settings
from broker.store.open import open_store

from .app import Door
from .http import ColoniesHttp
from .listening import address_of, listen, wait_nobody_in_line
from .session import LAST_WORDS_SECONDS
from .websocket import ColoniesSocket

log = logging.getLogger(__name__)

GARBAGE_OBJECTS = 20_000  # new ones that outlive their request, before those among them that only hold each other go


async def serve(
    settings: Settings,
    store_address: str,
    *,
    host: str,
    port: int,
    ready: Callable[[str], None],
    told: asyncio.Event | None = None,
    shares_port: bool = False,
) -> None:
    """Serve until SIGTERM or SIGINT has drained the broker.

    port         0 takes a free one.
    ready        is called once, with `http://HOST:PORT`, when requests are answered.
    told         drains when it is set; the signals are the caller's then.
    shares_port  other brokers listen there too, and get what comes once this one drains.
    Raises PortTaken, Unavailable and StoreTooNew before anything is served; ValueError for an address
    of no known store.
    """
    collect_seldom()
    listener = listen(host, port, shared=shares_port)
    with contextlib.closing(listener):
        store = open_store(store_address)
        async with Node(store, settings).running() as node:
            door = Door(node)
            server = _Server(_configured(door, settings))
            server.announce = lambda: _say_started(address_of(listener, host), store.name, ready)
            server.shares_port = shares_port
            await _serve_until_told(server, door, listener, settings, told)
    log.info("stopped", extra=fields("stopped"))


def collect_seldom() -> None:
    """Look for circles of garbage less often: requests leave none, and looking took a twelfth of the time of each."""
    gc.collect()
    gc.freeze()  # what was imported stays
    gc.set_threshold(GARBAGE_OBJECTS, 20, 20)


def _say_started(address: str, store: str, ready: Callable[[str], None]) -> None:
    log.info("started", extra=fields("started", address=address, store=store))
    ready(address)


def _configured(door: Door, settings: Settings) -> uvicorn.Config:
    return uvicorn.Config(
        door.app(),
        http=partial(ColoniesHttp, patience_seconds=settings.hello_seconds),  # type: ignore[arg-type]  # a factory will do
        ws=ColoniesSocket,
        ws_max_size=settings.max_frame_bytes,
        ws_ping_interval=None,  # see `keepalive.py`
        ws_per_message_deflate=False,
        lifespan="off",
        log_config=None,
        access_log=False,
        timeout_graceful_shutdown=1,
    )


class _Server(uvicorn.Server):
    announce: Callable[[], None] = staticmethod(lambda: None)
    shares_port = False

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        self.announce()

    async def stop_listening(self, listener: socket.socket) -> None:
        await wait_nobody_in_line(listener)
        for server in self.servers:
            server.close()

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Signals are ours: a broker drains before its server goes."""
        yield


async def _serve_until_told(
    server: _Server, door: Door, listener: socket.socket, settings: Settings, told: asyncio.Event | None
) -> None:
    with _told_by_signals(server) if told is None else contextlib.nullcontext(told) as event:
        async with asyncio.TaskGroup() as tasks:
            serving = tasks.create_task(server.serve(sockets=[listener]))
            stopping = tasks.create_task(_drain_when_told(event, server, door, listener, settings))
            asking = tasks.create_task(door.keepalive.run())
            await serving
            stopping.cancel()
            asking.cancel()


@contextlib.contextmanager
def _told_by_signals(server: _Server) -> Iterator[asyncio.Event]:
    told = asyncio.Event()
    loop = asyncio.get_running_loop()

    def tell() -> None:
        server.force_exit = server.should_exit = told.is_set()
        told.set()

    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, tell)
    try:
        yield told
    finally:
        for number in (signal.SIGTERM, signal.SIGINT):
            loop.remove_signal_handler(number)


async def _drain_when_told(
    told: asyncio.Event, server: _Server, door: Door, listener: socket.socket, settings: Settings
) -> None:
    await told.wait()
    log.info("draining", extra=fields("draining", sessions=door.sessions))
    if server.shares_port:
        await server.stop_listening(listener)
    door.drain()
    with contextlib.suppress(TimeoutError):
        async with asyncio.timeout(settings.drain_seconds + LAST_WORDS_SECONDS):
            await door.wait_empty()
    server.should_exit = True
