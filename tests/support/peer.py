"""A client that speaks the wire and nothing more, so that the broker is not tested through our own SDK."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator
from typing import Any

from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed

from colonies.wire import errors
from colonies.wire.frames import (
    SUBPROTOCOL,
    Notification,
    Response,
    decode_messages,
    encode_envelope,
    encode_request,
    pack,
    signed_bytes,
)
from colonies.wire.identity import Identity

PATIENCE = 20.0


class Peer:
    """One socket. Requests are signed by whichever key is given; notifications are kept until asked for."""

    def __init__(self, socket: ClientConnection, challenge: bytes, hello: dict[str, Any]) -> None:
        self.socket = socket
        self.challenge = challenge
        self.hello = hello
        self.arrived: list[Response | Notification] = []  # everything, in the order in which it came
        self._notifications: asyncio.Queue[Notification] = asyncio.Queue()
        self._waiting: dict[int, asyncio.Future[Any]] = {}
        self._last_id = 0

    def next_id(self) -> int:
        self._last_id += 1
        return self._last_id

    async def read(self) -> None:
        try:
            async for frame in self.socket:
                assert isinstance(frame, bytes)
                for message in decode_messages(frame):
                    self._take(message)
        except ConnectionClosed:
            pass
        finally:
            for future in self._waiting.values():
                if not future.done():
                    future.set_exception(ConnectionError(f"closed with {self.socket.close_code}"))

    def _take(self, message: Response | Notification) -> None:
        self.arrived.append(message)
        if isinstance(message, Notification):
            self._notifications.put_nowait(message)
            return
        future = self._waiting.pop(message.id, None)
        if future is None or future.done():
            return
        if message.error is not None:
            future.set_exception(errors.from_map(message.error))
        else:
            future.set_result(message.result)

    def envelope(self, key: Identity, body: bytes) -> bytes:
        return encode_envelope(bytes.fromhex(key.id), key.sign(signed_bytes(self.challenge, body)), body)

    async def send(self, key: Identity, method: str, /, **params: Any) -> asyncio.Future[Any]:
        """Send a request; the future gives its result."""
        request_id = self.next_id()
        self._waiting[request_id] = asyncio.get_running_loop().create_future()
        future = self._waiting[request_id]
        future.add_done_callback(lambda done: done.cancelled() or done.exception())
        try:
            await self.socket.send(self.envelope(key, encode_request(request_id, method, params)))
        except ConnectionClosed:
            raise ConnectionError(f"closed with {self.socket.close_code}") from None
        return future

    async def batch(self, key: Identity, *requests: tuple[str, dict[str, Any]]) -> list[asyncio.Future[Any]]:
        """Send several requests under one signature."""
        body, futures = [], []
        for method, params in requests:
            request_id = self.next_id()
            future = asyncio.get_running_loop().create_future()
            future.add_done_callback(lambda done: done.cancelled() or done.exception())
            self._waiting[request_id] = future
            futures.append(future)
            body.append([0, request_id, method, params])
        await self.socket.send(self.envelope(key, pack(body)))
        return futures

    async def call(self, key: Identity, method: str, /, **params: Any) -> Any:
        return await asyncio.wait_for(await self.send(key, method, **params), PATIENCE)

    async def answered(self, frame: bytes, request_id: int) -> Any:
        """Send a frame as it is, and wait for the answer to the request of that id in it."""
        self._waiting[request_id] = future = asyncio.get_running_loop().create_future()
        await self.socket.send(frame)
        return await asyncio.wait_for(future, PATIENCE)

    async def notified(self, name: str = "process") -> dict[str, Any]:
        """The next notification; the test fails when it is another."""
        notification = await asyncio.wait_for(self._notifications.get(), PATIENCE)
        assert notification.name == name, notification
        return notification.params

    def unread(self) -> int:
        return self._notifications.qsize()

    async def closed(self) -> int:
        """Wait for the broker to close the socket. Returns the close code."""
        await asyncio.wait_for(self.socket.wait_closed(), PATIENCE)
        assert self.socket.close_code is not None
        return self.socket.close_code


@contextlib.asynccontextmanager
async def peer(address: str, **options: Any) -> AsyncIterator[Peer]:
    url = address.replace("http", "ws", 1) + "/ws"
    options = {"subprotocols": [SUBPROTOCOL], "compression": None, "max_size": None, "proxy": None, **options}
    async with connect(url, **options) as socket:
        frame = await asyncio.wait_for(socket.recv(), PATIENCE)
        assert isinstance(frame, bytes)
        (hello,) = decode_messages(frame)
        assert isinstance(hello, Notification)
        made = Peer(socket, hello.params["challenge"], hello.params)
        async with asyncio.TaskGroup() as tasks:
            reader = tasks.create_task(made.read())
            yield made
            reader.cancel()
