"""One socket: have what comes answered, write what is in the outbox, and end well.

A session is one task group, and when it is over nothing of it is left. Frames are begun in
the turn of the event loop in which they came; at `max_inflight` unanswered requests no more
are begun, but some are read ahead, and the end of the socket is noticed. What was decided in
one turn leaves as one frame at its end. Writing never holds up whoever has something to say:
a reader that is too slow overflows its outbox and is closed as slow, alone. While nothing
happens nothing waits here but the session itself for its end.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import secrets
from collections.abc import Callable

from starlette.websockets import WebSocket

from broker.channels.outbox import Outbox, tell_undelivered
from broker.engine.connection import Connection
from broker.engine.node import Node
from broker.handlers.registry import Handler
from broker.logs import fields
from colonies.wire.errors import CloseCode
from colonies.wire.frames import CHALLENGE_BYTES, SUBPROTOCOL, encode_notification, join

from .ahead import Ahead
from .ending import DRAINED, GONE, Ending
from .hello import hello
from .leaving import Leaving
from .pipeline import FrameRefused, Pipeline
from .websocket import socket_of

log = logging.getLogger(__name__)

LAST_WORDS_SECONDS = 2.0
LEAVE_SECONDS = 1.0  # how long a client that was told to go elsewhere has, once it is answered


class Session:
    __slots__ = (
        "_ahead",
        "_answering",
        "_changed",
        "_ended",
        "_is_flushing",
        "_is_lost",
        "_is_reading",
        "_leaving",
        "_loop",
        "_node",
        "_patience",
        "_pipeline",
        "_socket",
        "_tasks",
        "_wire",
        "connection",
    )

    def __init__(self, socket: WebSocket, node: Node, handlers: dict[str, Handler]) -> None:
        self._socket = socket
        self._wire = socket_of(socket.scope)
        self._node = node
        self._loop = asyncio.get_running_loop()
        outbox = Outbox(
            max_messages=node.settings.outbox_frames,
            max_bytes=node.settings.outbox_bytes,
            on_filled=self._flush_soon,
            on_overflow=self._overflow,
        )
        self.connection = Connection(outbox)
        challenge = secrets.token_bytes(CHALLENGE_BYTES)
        self._pipeline = Pipeline(node, self.connection, handlers, challenge)
        self._ended: asyncio.Future[Ending] = self._loop.create_future()
        self._changed: asyncio.Event | None = None  # made when somebody waits for the end of something
        self._ahead: Ahead | None = None  # came when too many were unanswered
        self._leaving = Leaving(self._wire, self._loop)
        self._answering: set[asyncio.Task[None]] = set()
        self._tasks = asyncio.TaskGroup()
        self._is_reading = True
        self._is_flushing = True  # not before it is accepted
        self._is_lost = False
        # Before anything else that it may be told.
        outbox.offer(hello(node.settings, challenge=challenge, now=node.clock.now()))

    async def run(self) -> None:
        """Live as long as the socket does, and leave nothing of it behind."""
        self._wire.attach(self)
        await self._socket.accept(subprotocol=SUBPROTOCOL)
        no_hello = Ending(CloseCode.NO_HELLO_ANSWERED, "no signed frame came in time")
        self._patience = self._loop.call_later(self._node.settings.hello_seconds, self._end, no_hello)
        try:
            async with self._tasks:
                self._flush()
                await self._end_well(await self._ended)
        finally:
            self._is_reading = False
            self._patience.cancel()
            self._node.disconnect(self.connection)

    # — reading —

    def take(self, frame: bytes) -> None:
        """A frame came; an empty one is a frame that is none."""
        if not self._is_reading:
            return
        if self._ahead is not None or len(self._answering) >= self._node.settings.max_inflight:
            self._read_ahead(frame)
        else:
            self._begin(frame)

    def _read_ahead(self, frame: bytes) -> None:
        if self._ahead is None:
            self._ahead = Ahead(max_bytes=self._node.settings.max_frame_bytes)
        self._ahead.add(frame)
        if self._ahead.is_full:
            self._wire.pause_reading()

    def _begin(self, frame: bytes) -> None:
        """Begin all that one frame asks: what was signed together is decided together."""
        try:
            requests = self._pipeline.open(frame)
        except FrameRefused as refused:
            self._refuse(refused)
            return
        self._patience.cancel()
        for signed in requests:
            task = self._tasks.create_task(self._pipeline.answer(signed))
            self._answering.add(task)
            task.add_done_callback(self._answered)

    def _answered(self, task: asyncio.Task[None]) -> None:
        self._answering.discard(task)
        if self._ahead is not None:
            self._read_on()
        if self._changed:
            self._changed.set()

    def _read_on(self) -> None:
        while self._ahead and self._is_reading and len(self._answering) < self._node.settings.max_inflight:
            self._begin(self._ahead.take())
        if self._ahead is None or self._ahead.has_room:
            self._wire.resume_reading()
        self._ahead = self._ahead or None

    def _refuse(self, refused: FrameRefused) -> None:
        self._is_reading = False
        if refused.reply:
            self.connection.outbox.offer(refused.reply)
        log.warning("a frame was refused", extra=fields("bad_frame", code=int(refused.code), reason=refused.reason))
        self._end(Ending(refused.code, refused.reason))

    def lose(self) -> None:
        """The socket has ended."""
        self._is_reading = False
        self._is_lost = True
        self._leaving.lose()
        self._end(GONE)
        if self._changed:
            self._changed.set()

    # — writing —

    def _flush_soon(self) -> None:
        """Write at the end of this turn of the event loop: what is decided until then goes along."""
        if not self._is_flushing:
            self._is_flushing = True
            self._loop.call_soon(self._flush)

    def _flush(self) -> None:
        """Write what is in the outbox, as long as the peer reads; `go_on_writing` goes on with the rest."""
        self._is_flushing = False
        outbox, telemetry = self.connection.outbox, self._node.telemetry
        while len(outbox) and not outbox.overflowed and self._wire.is_writable:
            parcels = outbox.take(max_bytes=self._node.settings.max_frame_bytes)
            if not self._wire.write(join([parcel.message for parcel in parcels])):
                tell_undelivered(parcels)
                self.lose()
                return
            self._leaving.note(parcels)
            telemetry.frames_out.add()
            telemetry.messages_out.add(number=len(parcels))
        if self._changed:
            self._changed.set()

    def go_on_writing(self) -> None:
        self._flush_soon()

    def _overflow(self) -> None:
        self._end(Ending(CloseCode.SLOW, "too slow in reading"))

    # — ending —

    def _end(self, ending: Ending) -> None:
        if not self._ended.done():
            self._ended.set_result(ending)

    def drain(self, *, reconnect_ms: int) -> None:
        """Tell the client to go elsewhere, and end once what it asked is answered. reconnect_ms: when to come back."""
        self.connection.tell(encode_notification("draining", {"reconnect": reconnect_ms}))
        self._end(DRAINED)

    async def _end_well(self, ending: Ending) -> None:
        self._changed = asyncio.Event()
        if ending.code is CloseCode.DRAINING:
            await self._see_off()
        self._is_reading = False
        for task in self._answering:
            task.cancel()
        await self._say_last_words(ending)

    async def _see_off(self) -> None:
        """Answer what was asked, and what was on its way when the client was told, until the client has left.

        What a socket still holds when it is closed may have been a request that is not safe to repeat.
        """
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(self._node.settings.drain_seconds):
                await self._wait_until(lambda: not self._answering)
                with contextlib.suppress(TimeoutError):
                    async with asyncio.timeout(LEAVE_SECONDS):
                        await self._wait_until(lambda: self._is_lost)
                self._is_reading = False
                await self._wait_until(lambda: not self._answering)
        self._node.subscriptions.end_all(self.connection, "draining")

    async def _wait_until(self, is_so: Callable[[], bool]) -> None:
        assert self._changed
        while not is_so():
            self._changed.clear()
            await self._changed.wait()

    async def _say_last_words(self, ending: Ending) -> None:
        """Let what is in the outbox leave, then close, all within a limit: a peer that does not read is cut off."""
        outbox = self.connection.outbox
        if ending.code is CloseCode.SLOW:
            self._node.telemetry.slow.inc()
            log.warning("slow consumer closed", extra=fields("slow_consumer", frames=len(outbox)))
        outbox.close()
        if ending.code is None:
            return
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(LAST_WORDS_SECONDS):
                if not outbox.overflowed:
                    await self._wait_until(lambda: not len(outbox) or self._is_lost)
        with contextlib.suppress(Exception):
            async with asyncio.timeout(LAST_WORDS_SECONDS):
                await self._socket.close(int(ending.code), ending.reason[:120])
