"""A socket that counts what it is sent without decoding it.

A thousand subscribers in one program must cost less than the server that is measured. So this
reads headers of WebSocket frames and of MessagePack arrays and nothing behind them. It trusts
the server, and it masks with zeros, which a server takes as well as any other mask.
"""

from __future__ import annotations

import asyncio
import base64
import secrets
from collections.abc import Callable
from typing import Any, cast
from urllib.parse import urlsplit

import msgpack

from colonies.wire import errors
from colonies.wire.frames import DOMAIN, SUBPROTOCOL, encode_envelope, encode_request
from colonies.wire.identity import Identity

from .link import CONNECT_SECONDS, LinkLost

BINARY, PING, PONG = 2, 9, 10
_NO_MASK = bytes(4)


class Ear(asyncio.Protocol):
    """heard: is told how many messages came, from `count` on. frames: that they came in."""

    def __init__(self, heard: Callable[[int], None] = lambda _: None) -> None:
        self._heard = heard
        self._transport: asyncio.Transport | None = None
        self._rest = b""
        self._upgraded = False
        self._counts = False
        self._next: asyncio.Future[bytes] | None = None  # the payload that somebody waits for
        self._came: list[bytes] = []
        self.frames = 0
        self.last = b""
        self.is_lost = False

    # — before counting —

    async def connect(self, address: str, path: str = "/ws") -> Ear:
        parts, loop = urlsplit(address), asyncio.get_running_loop()
        async with asyncio.timeout(CONNECT_SECONDS):
            tls = parts.scheme == "https"
            port = parts.port or (443 if tls else 80)
            await loop.create_connection(lambda: self, parts.hostname or "", port, ssl=tls or None)
            self._write(_upgrade(path, parts.netloc))
            await self._payload()  # of nothing: it was upgraded
        return self

    async def sign_in(self, key: Identity, method: str, **params: Any) -> Any:
        """Answer a broker's hello with one request; return its result or raise its refusal."""
        async with asyncio.timeout(CONNECT_SECONDS):
            challenge = _unpacked(await self._payload())[2]["challenge"]
            body = encode_request(1, method, params)
            self.send(encode_envelope(key.public_key, key.sign(DOMAIN + challenge + body), body))
            message = _unpacked(await self._payload())
        _, _, error, result = message if message[0] == 1 else message[0]
        if error is not None:
            raise errors.from_map(error)
        return result

    async def _payload(self) -> bytes:
        """The next one, of those that came and those that come."""
        if self._came:
            return self._came.pop(0)
        self._next = asyncio.get_running_loop().create_future()
        return await self._next

    def count(self) -> None:
        """From now on only count."""
        self._counts = True
        came, self._came = self._came, []
        for payload in came:
            self._take(payload, 0, len(payload))

    def send(self, payload: bytes) -> None:
        self._write(_frame(BINARY, payload))

    def close(self) -> None:
        if self._transport:
            self._transport.abort()

    # — from the socket —

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast(asyncio.Transport, transport)

    def connection_lost(self, error: Exception | None) -> None:
        self.is_lost = True
        if self._next and not self._next.done():
            self._next.set_exception(LinkLost(str(error or "the socket ended")))

    def data_received(self, data: bytes) -> None:
        if self._rest:
            data = self._rest + data
        at = 0
        if not self._upgraded:
            end = data.find(b"\r\n\r\n")
            if end < 0:
                self._rest = data
                return
            self._upgraded, at = True, end + 4
            if not data.startswith(b"HTTP/1.1 101"):
                self.close()
                return
            self._hand_over(b"")
        self._rest = data[self._frames(data, at) :]

    def _frames(self, data: bytes, at: int) -> int:
        """Take all frames that are complete; return where the first that is not begins. Servers do not mask."""
        counted, size = 0, len(data)
        while at + 2 <= size:
            length, begin = data[at + 1], at + 2
            if length >= 126:
                wide = 2 if length == 126 else 8
                length, begin = int.from_bytes(data[begin : begin + wide], "big"), begin + wide
            if begin + length > size:
                break
            opcode = data[at] & 15
            if opcode == BINARY:
                counted += self._take(data, begin, begin + length)
            elif opcode == PING:
                self._write(_frame(PONG, data[begin : begin + length]))
            at = begin + length
        if counted:
            self._heard(counted)
        return at

    def _take(self, data: bytes, begin: int, end: int) -> int:
        if not self._counts:
            self._hand_over(data[begin:end])
            return 0
        self.frames += 1
        if not self.last:
            self.last = data[begin:end]
        return messages_in(data, begin)

    def _hand_over(self, payload: bytes) -> None:
        if self._next and not self._next.done():
            self._next.set_result(payload)
        else:
            self._came.append(payload)

    def _write(self, data: bytes) -> None:
        assert self._transport is not None
        self._transport.write(data)


def messages_in(data: bytes, at: int = 0) -> int:
    """How many messages a frame of a broker holds: one, which is an array of scalars first, or an array of messages."""
    first, second = data[at], data[at + 1]
    if first == 0xDC:
        return int.from_bytes(data[at + 1 : at + 3], "big")
    return first & 15 if second & 0xF0 == 0x90 else 1


def _unpacked(payload: bytes) -> Any:
    return msgpack.unpackb(payload, raw=False, strict_map_key=False)


def _frame(opcode: int, payload: bytes) -> bytes:
    length = len(payload)
    if length < 126:
        header = bytes((0x80 | opcode, 0x80 | length))
    elif length < 1 << 16:
        header = bytes((0x80 | opcode, 0x80 | 126)) + length.to_bytes(2, "big")
    else:
        header = bytes((0x80 | opcode, 0x80 | 127)) + length.to_bytes(8, "big")
    return header + _NO_MASK + payload


def _upgrade(path: str, host: str) -> bytes:
    key = base64.b64encode(secrets.token_bytes(16)).decode()
    lines = (
        f"GET {path} HTTP/1.1",
        f"Host: {host}",
        "Upgrade: websocket",
        "Connection: Upgrade",
        f"Sec-WebSocket-Key: {key}",
        "Sec-WebSocket-Version: 13",
        f"Sec-WebSocket-Protocol: {SUBPROTOCOL}",
    )
    return "\r\n".join((*lines, "", "")).encode()
