"""A client that costs as little as Python lets it: one socket, many keys, no SDK.

What puts a broker under load must not be what is measured. So this speaks the wire on the
sans-I/O half of `websockets`, straight from the event loop's protocol: no task and no queue
a frame. It trusts the broker where the SDK checks, and is for measuring only.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Sequence
from typing import Any, TypeAlias, cast

import msgpack
from websockets.client import ClientProtocol
from websockets.frames import Frame, Opcode
from websockets.http11 import Response as HandshakeResponse
from websockets.typing import Subprotocol
from websockets.uri import parse_uri

from broker.server.framing import Framing
from colonies.wire import errors
from colonies.wire.frames import DOMAIN, NOTIFICATION, SUBPROTOCOL, encode_envelope, pack
from colonies.wire.identity import Identity

Asked: TypeAlias = tuple[str, dict[str, Any]]

CONNECT_SECONDS = 30.0
MAX_BYTES = 1 << 30
ANSWER_SECONDS = 30.0


class LinkLost(Exception):
    """The broker closed the socket, or it broke. Whatever was unanswered may or may not have been done."""


class Link(asyncio.Protocol):
    """One socket to one broker.

    hear           is given the name and parameters of each notification, in the order in which they came.
    ahead_seconds  how far the broker's clock is ahead of ours, known to half of the time that connecting took.
    """

    def __init__(self, address: str) -> None:
        self._uri = parse_uri(address.rstrip("/").replace("http", "ws", 1) + "/ws")
        self._protocol = ClientProtocol(self._uri, subprotocols=[Subprotocol(SUBPROTOCOL)], max_size=None)
        self._transport: asyncio.Transport | None = None
        self._loop = asyncio.get_running_loop()
        self._framing: Framing | None = None  # once there are frames
        self._began = time.time()
        self.ahead_seconds = 0.0
        self._greeted: asyncio.Future[None] = self._loop.create_future()
        self._prefix = b""
        self._last_id = 0
        self._waiting: dict[int, asyncio.Future[Any]] = {}
        self.hear: Callable[[str, dict[str, Any]], None] = _pass_over

    async def connect(self) -> Link:
        """Return once the broker has said hello. LinkLost, OSError or TimeoutError when it does not."""
        self._began = time.time()
        async with asyncio.timeout(CONNECT_SECONDS):
            await self._loop.create_connection(
                lambda: self, self._uri.host, self._uri.port, ssl=self._uri.secure or None
            )
            await self._greeted
        return self

    def close(self) -> None:
        if self._transport:
            self._transport.abort()

    # — asking —

    def ask(self, key: Identity, method: str, /, **params: Any) -> asyncio.Future[Any]:
        """Send one request; the future gives its result, or raises the refusal or LinkLost."""
        self._last_id += 1
        self._send(key, pack([0, self._last_id, method, params]))
        return self._awaited(self._last_id)

    def ask_all(self, key: Identity, asked: Sequence[Asked]) -> list[asyncio.Future[Any]]:
        """Send several requests in one frame, under one signature."""
        first = self._last_id + 1
        self._last_id += len(asked)
        self._send(key, pack([[0, first + index, method, params] for index, (method, params) in enumerate(asked)]))
        return [self._awaited(number) for number in range(first, self._last_id + 1)]

    def _send(self, key: Identity, body: bytes) -> None:
        if self._transport is None or self._transport.is_closing():
            raise LinkLost("the socket is closed")
        signature = key.sign(self._prefix + body)
        self._protocol.send_binary(encode_envelope(key.public_key, signature, body))
        self._flush()

    def _awaited(self, number: int) -> asyncio.Future[Any]:
        self._waiting[number] = answer = self._loop.create_future()
        return answer

    def _flush(self) -> None:
        assert self._transport is not None
        self._transport.write(b"".join(self._protocol.data_to_send()))

    # — hearing —

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast(asyncio.Transport, transport)  # as it is called by both event loops
        self._protocol.send_request(self._protocol.connect())
        self._flush()

    def data_received(self, data: bytes) -> None:
        if self._framing:
            self._framing.feed(data)
        else:
            self._leave_to_library(data)

    def _leave_to_library(self, data: bytes) -> None:
        self._protocol.receive_data(data)
        for event in self._protocol.events_received():
            if isinstance(event, Frame):
                self._take_frame(event)
            elif isinstance(event, HandshakeResponse) and self._protocol.handshake_exc:
                self._lose(self._protocol.handshake_exc)
        if reply := self._protocol.data_to_send():  # pongs, and the answer to a close
            assert self._transport is not None
            self._transport.write(b"".join(reply))

    def _take_frame(self, frame: Frame) -> None:
        if frame.opcode is Opcode.BINARY:
            self._take_message(bytes(frame.data))
        elif frame.opcode is Opcode.CLOSE:
            self._lose(LinkLost(f"closed by the broker: {self._protocol.close_rcvd}"))

    def _take_message(self, frame: bytes) -> None:
        value = msgpack.unpackb(frame, raw=False, strict_map_key=False)
        for message in value if isinstance(value[0], list) else (value,):
            self._take(message)

    def _take(self, message: list[Any]) -> None:
        if message[0] == NOTIFICATION:
            self._notified(message[1], message[2])
            return
        _, number, error, result = message
        answer = self._waiting.pop(number)
        if answer.done():  # whoever asked has gone
            return
        if error is None:
            answer.set_result(result)
        else:
            answer.set_exception(errors.from_map(error))

    def _notified(self, name: str, params: dict[str, Any]) -> None:
        if name == "hello":
            self._prefix = DOMAIN + params["challenge"]
            self.ahead_seconds = params["time"] / 1000 - (self._began + time.time()) / 2
            # Hello is the first frame and comes alone: nothing else is told before something is asked.
            self._framing = Framing(
                take=self._take_message, other=self._leave_to_library, max_bytes=MAX_BYTES, masked=False
            )
            self._greeted.set_result(None)
        else:
            self.hear(name, params)

    def connection_lost(self, error: Exception | None) -> None:
        self._lose(LinkLost(str(error or "the socket ended")))

    def _lose(self, error: Exception) -> None:
        waiting, self._waiting = self._waiting, {}
        for answer in (self._greeted, *waiting.values()):
            if not answer.done():
                answer.set_exception(error)
                answer.exception()  # looked at, whether or not anybody waits


async def in_time(*answers: asyncio.Future[Any], seconds: float | None = None) -> list[Any]:
    """What they give. TimeoutError after ANSWER_SECONDS, or so many: a broker that stands still says nothing."""
    async with asyncio.timeout(ANSWER_SECONDS if seconds is None else seconds):
        return await asyncio.gather(*answers)


def _pass_over(name: str, params: dict[str, Any]) -> None:
    """Nobody asked to hear it."""
