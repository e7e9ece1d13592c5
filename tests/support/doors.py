"""Doors: ports that lead to other ports, which can be shut for one process while all others go through.

Who stands at a door is found in /proc by the port that a connection comes from, so nobody needs a network of its own, nor
any right. Through a shut door nothing comes and nothing is said, as through a cable that was pulled: connections stay,
new ones are taken and led nowhere, and when it is opened again, what was said meanwhile arrives. The doors are a process
of their own, so that what goes through them does not wait for a test.
"""

from __future__ import annotations

import asyncio
import contextlib
import subprocess
import sys
from collections.abc import Callable, Coroutine, Iterator
from pathlib import Path
from typing import Self

from .mongod import _die_with_parent
from .ports import lasting_port

CHUNK = 256 * 1024


class Doors:
    """Doors as a process. `cut` and `heal` return once they hold."""

    def __init__(self) -> None:
        self._process = subprocess.Popen(
            [sys.executable, "-m", "tests.support.doors"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            preexec_fn=_die_with_parent,
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._process.kill()
        self._process.wait()
        for pipe in (self._process.stdin, self._process.stdout):
            if pipe:
                with contextlib.suppress(BrokenPipeError):
                    pipe.close()

    def open(self, port: int) -> int:
        """Return the port of a new door that leads to this one."""
        door = lasting_port()
        self._tell(f"open {door} {port}")
        return door

    def cut(self, pid: int) -> None:
        """Shut all doors for this process, for the connections that it has and those that it makes."""
        self._tell(f"cut {pid}")

    def heal(self, pid: int) -> None:
        self._tell(f"heal {pid}")

    def _tell(self, line: str) -> None:
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write(line + "\n")
        self._process.stdin.flush()
        answer = self._process.stdout.readline()
        assert answer == f"done {line}\n", f"the doors answered {answer!r} to {line!r}"


class Way:
    """One connection through a door, both ways."""

    def __init__(self, source: int) -> None:
        self.source = source  # the port of whoever came
        self.may_pass = asyncio.Event()
        self.may_pass.set()

    async def lead(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, port: int) -> None:
        await self.may_pass.wait()
        try:
            inner_reader, inner_writer = await asyncio.open_connection("127.0.0.1", port)
        except OSError:  # nobody is there: the caller hears that the connection ended
            return
        try:
            async with asyncio.TaskGroup() as tasks:
                tasks.create_task(self._carry(reader, inner_writer))
                tasks.create_task(self._carry(inner_reader, writer))
        finally:
            inner_writer.close()

    async def _carry(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Either side may end it, and then both ways do: the other task meets the closed writer."""
        try:
            while chunk := await reader.read(CHUNK):
                await self.may_pass.wait()
                writer.write(chunk)
                await writer.drain()
        finally:
            await self.may_pass.wait()
            writer.close()


class House:
    """All doors, and who may not pass."""

    def __init__(self) -> None:
        self._ways: set[Way] = set()
        self._cut: set[int] = set()

    async def obey(self, line: str) -> None:
        match line.split():
            case ["open", door, port]:
                await asyncio.start_server(self._door_to(int(port)), "127.0.0.1", int(door), backlog=512)
            case ["cut", pid]:
                self._cut.add(int(pid))
                self._shut()
            case ["heal", pid]:
                self._cut.discard(int(pid))
                self._shut()

    def _shut(self) -> None:
        shut_out = self._shut_out()
        for way in self._ways:
            if way.source in shut_out:
                way.may_pass.clear()
            else:
                way.may_pass.set()

    def _shut_out(self) -> set[int]:
        """The ports from which connections come that may not pass."""
        return {port for pid in self._cut for port in ports_of(pid)}

    def _door_to(
        self, port: int
    ) -> Callable[[asyncio.StreamReader, asyncio.StreamWriter], Coroutine[None, None, None]]:
        async def enter(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            way = Way(writer.get_extra_info("peername")[1])
            self._ways.add(way)
            if way.source in self._shut_out():
                way.may_pass.clear()
            try:
                with contextlib.suppress(OSError, ExceptionGroup):
                    await way.lead(reader, writer, port)
            finally:
                self._ways.discard(way)
                writer.close()

        return enter


def ports_of(pid: int) -> Iterator[int]:
    """The local ports of the TCP connections of a process."""
    sockets = set(_sockets_of(pid))
    for line in Path("/proc/net/tcp").read_text().splitlines()[1:]:
        fields = line.split()
        if fields[9] in sockets:
            yield int(fields[1].rpartition(":")[2], 16)


def _sockets_of(pid: int) -> Iterator[str]:
    """Their numbers, as /proc has them."""
    with contextlib.suppress(FileNotFoundError, ProcessLookupError):
        for handle in Path(f"/proc/{pid}/fd").iterdir():
            with contextlib.suppress(FileNotFoundError):
                name = str(handle.readlink())
                if name.startswith("socket:["):
                    yield name[len("socket:[") : -1]


async def _keep_house() -> None:
    house = House()
    loop = asyncio.get_running_loop()
    while line := await loop.run_in_executor(None, sys.stdin.readline):
        await house.obey(line)
        print(f"done {line.strip()}", flush=True)


if __name__ == "__main__":
    import uvloop

    uvloop.run(_keep_house())
