"""One operating-system program on behalf of a process: no shell, a process group of its own, and an end.

Whatever way it ends, nothing of its group is left: once its leader has gone, or SIGTERM was
not enough for `PATIENCE_SECONDS`, the rest is killed. Its output is read as fast as it
comes, so that it never waits for a broker. Knows no broker: lines go to a function that
must not wait, and the end is an exit code. Only a `kill -9` of this program itself leaves
its children running.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
from collections.abc import Callable, Coroutine, Mapping, Sequence
from typing import Any, NamedTuple

MAX_OUT_BYTES = 128 * 1024
MAX_LINE_BYTES = 4 * 1024  # a longer line is heard in pieces
PATIENCE_SECONDS = 2.0
CHUNK = 64 * 1024

Hear = Callable[[str], None]


class Ended(NamedTuple):
    """exit_code: negative when a signal killed it. out: the last part of what it wrote to standard output."""

    exit_code: int
    out: str


async def run(command: Sequence[str], *, env: Mapping[str, str], hear: Hear) -> Ended:
    """Run a program to its end. hear: is given each line of both streams.

    Cancelled, the whole group is ended before the cancellation goes on.
    Raises OSError when the program cannot be started.
    """
    out, err = await _Pipe.open(), await _Pipe.open()
    with contextlib.closing(out), contextlib.closing(err):
        child = await asyncio.create_subprocess_exec(
            *command,
            env=env,
            stdin=asyncio.subprocess.DEVNULL,
            stdout=out.write_end,
            stderr=err.write_end,
            start_new_session=True,
        )
        out.let_go()
        err.let_go()
        tail = Tail()
        reading = asyncio.gather(_read(out.reader, hear, tail), _read(err.reader, hear, None))
        try:
            exit_code = await child.wait()
        except asyncio.CancelledError:
            await _to_its_end(_end(child, reading))
            raise
        finally:
            _signal_group(child, signal.SIGKILL)  # what the leader left behind, and what still holds the pipes
            await asyncio.wait({reading}, timeout=PATIENCE_SECONDS)  # a program that left the group may hold them on
            reading.cancel()
    return Ended(exit_code, tail.text())


async def _end(child: asyncio.subprocess.Process, reading: asyncio.Future[Any]) -> None:
    """SIGTERM to the group, and SIGKILL to what is left of it after a moment."""
    _signal_group(child, signal.SIGTERM)
    with contextlib.suppress(TimeoutError):
        async with asyncio.timeout(PATIENCE_SECONDS):
            await child.wait()
            await asyncio.wait({reading})  # the pipes close when the last of the group has gone
    _signal_group(child, signal.SIGKILL)
    await child.wait()


async def _to_its_end(work: Coroutine[Any, Any, None]) -> None:
    """Finish this even when cancelled once more. It has its own limit."""
    task = asyncio.ensure_future(work)
    try:
        await asyncio.shield(task)
    except asyncio.CancelledError:
        await asyncio.wait({task})
        raise


def _signal_group(child: asyncio.subprocess.Process, number: signal.Signals) -> None:
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(child.pid, number)


class _Pipe:
    """A pipe of our own: asyncio's would stay open as long as any stranger holds its other end."""

    def __init__(self, reader: asyncio.StreamReader, transport: asyncio.ReadTransport, write_end: int) -> None:
        self.reader = reader
        self.write_end = write_end
        self._transport = transport

    @classmethod
    async def open(cls) -> _Pipe:
        read_end, write_end = os.pipe()
        reader = asyncio.StreamReader()
        file = os.fdopen(read_end, "rb", buffering=0)
        loop = asyncio.get_running_loop()
        transport, _ = await loop.connect_read_pipe(lambda: asyncio.StreamReaderProtocol(reader), file)
        return cls(reader, transport, write_end)

    def let_go(self) -> None:
        """Close our copy of the end that the program writes to, so that its end is the end of the stream."""
        if self.write_end >= 0:
            os.close(self.write_end)
            self.write_end = -1

    def close(self) -> None:
        self.let_go()
        self._transport.close()


class Tail:
    """The last `MAX_OUT_BYTES` of a text, with a note of how much was cut."""

    def __init__(self) -> None:
        self._kept = bytearray()
        self._cut = 0

    def add(self, piece: bytes) -> None:
        self._kept += piece
        if len(self._kept) > MAX_OUT_BYTES + CHUNK:  # not at every piece, for it moves all that is kept
            self._drop(len(self._kept) - MAX_OUT_BYTES)

    def _drop(self, count: int) -> None:
        del self._kept[:count]
        self._cut += count

    def text(self) -> str:
        self._drop(max(0, len(self._kept) - MAX_OUT_BYTES))
        encoded = self._kept.decode(errors="replace").encode()
        more = max(0, len(encoded) - MAX_OUT_BYTES)  # a byte that is no text has become three
        text = encoded[more:].decode(errors="ignore")
        cut = self._cut + more
        return f"[{cut} bytes before this were cut]\n{text}" if cut else text


async def _read(stream: asyncio.StreamReader, hear: Hear, tail: Tail | None) -> None:
    """Hear each line as it comes, until the last writer has closed the stream."""
    line = b""
    while piece := await stream.read(CHUNK):
        if tail is not None:
            tail.add(piece)
        *lines, line = (line + piece).split(b"\n")
        for each in lines:
            _hear_in_pieces(each, hear)
        whole = len(line) - len(line) % MAX_LINE_BYTES
        _hear_in_pieces(line[:whole], hear)
        line = line[whole:]
    _hear_in_pieces(line, hear)


def _hear_in_pieces(line: bytes, hear: Hear) -> None:
    for start in range(0, len(line), MAX_LINE_BYTES):
        hear(line[start : start + MAX_LINE_BYTES].decode(errors="replace"))
