"""One socket: read frames, have them answered, write what is in the outbox, and end well.

A session is one task group, and when it is over nothing of it is left. Frames are read one
at a time; at `max_inflight` unanswered requests reading stops, but the end of the socket is
still noticed. Writing never holds up whoever has something to say: a reader that is too
slow overflows its outbox and is closed as slow, alone.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import secrets
from typing import NamedTuple

from starlette.types import Message
from starlette.websockets import WebSocket, WebSocketDisconnect

from broker.channels.outbox import Outbox, tell_undelivered
from broker.engine.connection import Connection
from broker.engine.node import Node
from broker.handlers.registry import Handler
from broker.logs import fields
from broker.version import VERSION
from colonies.wire.errors import CloseCode
from colonies.wire.frames import CHALLENGE_BYTES, PROTOCOL, SUBPROTOCOL, encode_notification, join

from .pipeline import FrameRefused, Pipeline, Signed

log = logging.getLogger(__name__)

LAST_WORDS_SECONDS = 2.0
LEAVE_SECONDS = 1.0  # how long a client that was told to go elsewhere has, once it is answered


class Ending(NamedTuple):
    """Why a session is over. code None: the peer has gone, there is nobody to tell."""

    code: CloseCode | None
    reason: str = ""


DRAINED = Ending(CloseCode.DRAINING, "this broker is stopping")


class Session:
    def __init__(self, socket: WebSocket, node: Node, handlers: dict[str, Handler]) -> None:
        self._socket = socket
        self._node = node
        settings = node.settings
        outbox = Outbox(
            max_messages=settings.outbox_frames,
            max_bytes=settings.outbox_bytes,
            on_overflow=lambda: self._end(Ending(CloseCode.SLOW, "too slow in reading")),
        )
        self.connection = Connection(outbox)
        self._challenge = secrets.token_bytes(CHALLENGE_BYTES)
        self._pipeline = Pipeline(node, self.connection, handlers, self._challenge)
        self._slots = asyncio.Semaphore(settings.max_inflight)
        self._ended: asyncio.Future[Ending] = asyncio.get_running_loop().create_future()
        self._ahead: asyncio.Task[Message] | None = None
        self._answering: set[asyncio.Task[None]] = set()

    async def run(self) -> None:
        """Live as long as the socket does, and leave nothing of it behind."""
        self.connection.outbox.offer(self._hello())  # before anything else that it may be told
        await self._socket.accept(subprotocol=SUBPROTOCOL)
        no_hello = Ending(CloseCode.NO_HELLO_ANSWERED, "no signed frame came in time")
        self._patience = asyncio.get_running_loop().call_later(self._node.settings.hello_seconds, self._end, no_hello)
        try:
            async with asyncio.TaskGroup() as tasks:
                reader = tasks.create_task(self._read(tasks))
                writer = tasks.create_task(self._write())
                ending = await self._ended
                if ending.code is CloseCode.DRAINING:
                    await self._see_off(reader)
                reader.cancel()
                self._stop_answering()
                await self._say_last_words(writer, ending)
        finally:
            self._patience.cancel()
            self._node.disconnect(self.connection)

    def _hello(self) -> bytes:
        settings = self._node.settings
        limits = {
            "frame": settings.max_frame_bytes,
            "inflight": settings.max_inflight,
            "batch": settings.max_batch,
            "idle": int(settings.ping_seconds * 2),
        }
        hello = {
            "protocol": PROTOCOL,
            "challenge": self._challenge,
            "server": {"name": settings.name, "version": VERSION},
            "time": self._node.clock.now(),
            "limits": limits,
        }
        return encode_notification("hello", hello)

    # — reading —

    async def _read(self, tasks: asyncio.TaskGroup) -> None:
        with contextlib.suppress(WebSocketDisconnect):
            while (frame := await self._next_frame()) is not None:
                try:
                    requests = self._pipeline.open(frame)
                except FrameRefused as refused:
                    self._refuse(refused)
                    return
                self._patience.cancel()
                for signed in requests:
                    await self._wait_slot(tasks)
                    self._start(tasks, signed)
        self._end(Ending(None))

    async def _next_frame(self) -> bytes | None:
        """The next binary frame, None when the socket has ended. A text frame is a frame that is none."""
        ahead, self._ahead = self._ahead, None
        message = await (ahead or self._socket.receive())
        if message["type"] != "websocket.receive":
            return None
        frame = message.get("bytes")
        return b"" if frame is None else frame

    async def _wait_slot(self, tasks: asyncio.TaskGroup) -> None:
        """Wait until fewer than `max_inflight` requests are unanswered, listening for the socket's end meanwhile."""
        if self._slots.locked() and self._ahead is None:
            self._ahead = tasks.create_task(self._look_ahead())
        await self._slots.acquire()

    async def _look_ahead(self) -> Message:
        message = await self._socket.receive()
        if message["type"] != "websocket.receive":
            self._end(Ending(None))
        return message

    def _start(self, tasks: asyncio.TaskGroup, signed: Signed) -> None:
        task = tasks.create_task(self._pipeline.answer(signed))
        self._answering.add(task)
        task.add_done_callback(self._answered)

    def _answered(self, task: asyncio.Task[None]) -> None:
        self._answering.discard(task)
        self._slots.release()

    def _refuse(self, refused: FrameRefused) -> None:
        if refused.reply:
            self.connection.outbox.offer(refused.reply)
        log.warning("a frame was refused", extra=fields("bad_frame", code=int(refused.code), reason=refused.reason))
        self._end(Ending(refused.code, refused.reason))

    # — writing —

    async def _write(self) -> None:
        outbox, telemetry = self.connection.outbox, self._node.telemetry
        while await outbox.wait_filled():
            parcels = outbox.take(max_bytes=self._node.settings.max_frame_bytes)
            try:
                await self._socket.send({"type": "websocket.send", "bytes": join([p.message for p in parcels])})
            except BaseException as error:
                tell_undelivered(parcels)
                if isinstance(error, asyncio.CancelledError):
                    raise
                break  # the socket died; whatever the server's own class for it is
            telemetry.frames_out.add()
            telemetry.messages_out.add(number=len(parcels))
        self._end(Ending(None))

    # — ending —

    def _end(self, ending: Ending) -> None:
        if not self._ended.done():
            self._ended.set_result(ending)

    def drain(self, *, reconnect_ms: int) -> None:
        """Tell the client to go elsewhere, and end once what it asked is answered. reconnect_ms: when to come back."""
        self.connection.tell(encode_notification("draining", {"reconnect": reconnect_ms}))
        self._end(DRAINED)

    async def _see_off(self, reader: asyncio.Task[None]) -> None:
        """Answer what was asked, and what was on its way when the client was told, until the client has left.

        What a socket still holds when it is closed may have been a request that is not safe to repeat.
        """
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(self._node.settings.drain_seconds):
                await self._wait_answered()
                await asyncio.wait([reader], timeout=LEAVE_SECONDS)
                reader.cancel()
                await self._wait_answered()
        self._node.subscriptions.end_all(self.connection, "draining")

    async def _wait_answered(self) -> None:
        if self._answering:
            await asyncio.wait(self._answering)

    def _stop_answering(self) -> None:
        for task in self._answering:
            task.cancel()
        if self._ahead:
            self._ahead.cancel()

    async def _say_last_words(self, writer: asyncio.Task[None], ending: Ending) -> None:
        """Let what is in the outbox leave, then close, all within a limit: a peer that does not read is cut off."""
        if ending.code is CloseCode.SLOW:
            self._node.telemetry.slow.inc()
            waiting = len(self.connection.outbox)
            log.warning("slow consumer closed", extra=fields("slow_consumer", frames=waiting))
            writer.cancel()
        self.connection.outbox.close()
        if ending.code is not None:
            await asyncio.wait([writer], timeout=LAST_WORDS_SECONDS)
        writer.cancel()
        if ending.code is not None:
            with contextlib.suppress(Exception):
                async with asyncio.timeout(LAST_WORDS_SECONDS):
                    await self._socket.close(int(ending.code), ending.reason[:120])
