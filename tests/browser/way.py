"""The way between a page and its broker, as networks are: it can be cut, barred, and go silent."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator


class Way:
    """A port on this machine behind which the broker is."""

    def __init__(self, broker: str, tasks: asyncio.TaskGroup) -> None:
        self.address = ""
        self.taken = 0
        self._host, _, self._port = broker.removeprefix("http://").partition(":")
        self._tasks = tasks
        self._open: set[asyncio.StreamWriter] = set()
        self._silent: set[asyncio.StreamWriter] = set()
        self._is_barred = False

    def go_silent(self) -> None:
        """From now on nothing gets through on what is open, and neither side is told."""
        self._silent |= self._open

    def cut(self) -> None:
        """End what is open, and let nothing new begin until `clear`."""
        self._is_barred = True
        for writer in self._open:
            writer.transport.abort()

    def clear(self) -> None:
        self._is_barred = False

    def accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        if self._is_barred:
            writer.transport.abort()
        else:
            self.taken += 1
            self._tasks.create_task(self._connect(reader, writer))

    async def _connect(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            from_broker, to_broker = await asyncio.open_connection(self._host, int(self._port))
        except OSError:
            writer.transport.abort()
            return
        both = {writer, to_broker}
        self._open |= both
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(self._carry(reader, to_broker))
            tasks.create_task(self._carry(from_broker, writer))
        self._open -= both
        for end in both:  # a silent one is open still
            end.transport.abort()

    async def _carry(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with contextlib.suppress(OSError):
            while piece := await reader.read(65536):
                if writer not in self._silent:
                    writer.write(piece)
                    await writer.drain()
        # The other end hears of an end as well; but not out of a black hole.
        if writer not in self._silent:
            writer.close()


@contextlib.asynccontextmanager
async def way_to(broker: str) -> AsyncIterator[Way]:
    async with asyncio.TaskGroup() as tasks:
        way = Way(broker, tasks)
        async with await asyncio.start_server(way.accept, "127.0.0.1", 0) as server:
            way.address = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
            yield way
            way.cut()
