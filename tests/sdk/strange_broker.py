"""A broker that misbehaves on demand, and a wire that can be cut: what a real broker cannot be made to do."""

from __future__ import annotations

import asyncio
import contextlib
import secrets
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any, Self

from websockets.asyncio.server import ServerConnection, serve
from websockets.exceptions import ConnectionClosed
from websockets.typing import Subprotocol

from colonies import Conditions, Identity, Process, ProcessSpec
from colonies.wire.errors import ColoniesError
from colonies.wire.frames import (
    SUBPROTOCOL,
    Request,
    decode_envelope,
    decode_requests,
    encode_notification,
    encode_response,
)
from colonies.wire.validation import encode

PATIENCE = 30.0
KEY = Identity("07" * 32)
INFO = {"name": "strange", "version": "0", "time": 0, "store": "none"}
PROCESS = encode(
    Process(
        processid="p" * 32,
        colonyid="c" * 64,
        submitterid="s" * 64,
        spec=ProcessSpec(conditions=Conditions(executortype="cli"), func="f"),
        submissiontime=1,
        attempt=2,
    )
)


class Guest:
    """One client on a strange broker."""

    def __init__(self, socket: ServerConnection, number: int) -> None:
        self.number = number
        self._socket = socket
        self.frames: list[list[str]] = []  # the methods of each frame that came
        self._requests: asyncio.Queue[Request] = asyncio.Queue()

    async def hello(self) -> None:
        hello = {"protocol": 1, "challenge": secrets.token_bytes(32), "limits": {}}
        await self._socket.send(encode_notification("hello", hello))

    async def read(self) -> None:
        with contextlib.suppress(ConnectionClosed):
            async for frame in self._socket:
                assert isinstance(frame, bytes)
                requests = decode_requests(decode_envelope(frame).body)
                self.frames.append([request.method for request in requests])
                for request in requests:
                    self._requests.put_nowait(request)

    async def asked(self, method: str) -> Request:
        """The next request, which must be of this method."""
        request = await asyncio.wait_for(self._requests.get(), PATIENCE)
        assert request.method == method
        return request

    async def answer(self, request: Request, result: Any = None, *, error: ColoniesError | None = None) -> None:
        await self._socket.send(encode_response(request.id, error.to_map() if error else None, result))

    async def notify(self, name: str, **params: Any) -> None:
        await self._socket.send(encode_notification(name, params))

    async def say(self, frame: str | bytes) -> None:
        await self._socket.send(frame)

    async def close(self, code: int = 1000, reason: str = "") -> None:
        await self._socket.close(code, reason)

    async def gone(self) -> None:
        """Wait until the client has left."""
        await asyncio.wait_for(self._socket.wait_closed(), PATIENCE)


class StrangeBroker:
    """Shakes hands, says hello where `greets`, and leaves the rest to the test."""

    def __init__(self) -> None:
        self.address = ""
        self.greets = True
        self.guests = 0
        self._arrived: asyncio.Queue[Guest] = asyncio.Queue()

    @classmethod
    @contextlib.asynccontextmanager
    async def open(cls, *, port: int = 0, greets: bool = True) -> AsyncIterator[Self]:
        made = cls()
        made.greets = greets
        async with serve(made._meet, "127.0.0.1", port, subprotocols=[Subprotocol(SUBPROTOCOL)]) as server:
            made.address = f"http://127.0.0.1:{next(iter(server.sockets)).getsockname()[1]}"
            yield made

    async def _meet(self, socket: ServerConnection) -> None:
        self.guests += 1
        guest = Guest(socket, self.guests)
        if self.greets:
            await guest.hello()
        self._arrived.put_nowait(guest)
        await guest.read()

    async def guest(self) -> Guest:
        """The next client that connects."""
        return await asyncio.wait_for(self._arrived.get(), PATIENCE)


class Wire:
    """A TCP connection to a broker that can hold back what the broker answers, and be cut."""

    def __init__(self, port: int) -> None:
        self.address = ""
        self._port = port
        self._passing = asyncio.Event()
        self._passing.set()
        self._held = asyncio.Event()
        self._cuts: list[Callable[[], None]] = []

    @classmethod
    @contextlib.asynccontextmanager
    async def to(cls, port: int) -> AsyncIterator[Self]:
        made = cls(port)
        server = await asyncio.start_server(made._carry, "127.0.0.1", 0)
        async with server:
            made.address = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
            yield made
            made.cut()

    async def _carry(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        there_reader, there_writer = await asyncio.open_connection("127.0.0.1", self._port)

        def cut() -> None:
            for end in (writer, there_writer):
                end.transport.abort()

        self._cuts.append(cut)
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(_pump(reader, there_writer, asyncio.sleep))
            tasks.create_task(_pump(there_reader, writer, self._hold))
        cut()

    async def _hold(self, _size: int) -> None:
        if not self._passing.is_set():
            self._held.set()
        await self._passing.wait()

    def hold(self) -> None:
        """From now on nothing of the broker arrives."""
        self._held.clear()
        self._passing.clear()

    async def wait_held(self) -> None:
        """Wait until the broker has said something that does not arrive."""
        await asyncio.wait_for(self._held.wait(), PATIENCE)

    def cut(self) -> None:
        """Break what connections there are, with all that was on its way. New ones are whole."""
        cuts, self._cuts = self._cuts, []
        for cut in cuts:
            cut()
        self._passing.set()


async def _pump(
    reader: asyncio.StreamReader, writer: asyncio.StreamWriter, before: Callable[[int], Awaitable[None]]
) -> None:
    with contextlib.suppress(OSError):
        while piece := await reader.read(65536):
            await before(0)
            writer.write(piece)
            await writer.drain()
        writer.close()
