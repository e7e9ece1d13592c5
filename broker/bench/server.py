"""A broker as a process of its own, started the way a user starts it; it ends with whoever started it."""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
from collections.abc import AsyncIterator, Sequence
from pathlib import Path

from colonies.cli.failure import Failure
from colonies.wire.identity import Identity

from . import child

READY_SECONDS = 60.0
STOP_SECONDS = 20.0
GOING_SECONDS = 1.0  # from when a program's sockets are closed until it is gone


class Server:
    """A process that listens: a broker, or what it is compared with. Address and id are those of the latest start."""

    def __init__(self, module: str, arguments: Sequence[str], folder: Path) -> None:
        self._module, self._arguments, self._folder = module, arguments, folder
        self._log = folder / f"{module}.log"
        self._process: asyncio.subprocess.Process | None = None
        self.address = ""

    @property
    def pid(self) -> int:
        assert self._process is not None
        return self._process.pid

    async def start(self) -> None:
        """Failure says why it does not serve."""
        with self._log.open("ab") as to:
            self._process = await asyncio.create_subprocess_exec(
                *child.command_of(self._module, *self._arguments),
                stdout=asyncio.subprocess.PIPE,
                stderr=to,
                env=_environment(self._folder),
            )
        self.address = await _ready(self._process, self._log)

    async def start_again(self) -> None:
        """Stop it, and have another that remembers nothing of what this one did."""
        await self.end()
        await self.start()

    async def end(self) -> None:
        if self._process is not None:
            await asyncio.shield(_ended(self._process))

    async def hold(self, error: Exception) -> None:
        """Failure where it has ended by itself, which is why there was the error."""
        assert self._process is not None
        if await _has_ended(self._process):
            raise Failure(_ended_early(self._module, self._process, self._log)) from error


@contextlib.asynccontextmanager
async def started_broker(store: str, owner: Identity, folder: Path) -> AsyncIterator[Server]:
    """Run one on this store, and stop it in the end. Failure says why it did not start."""
    command = ["broker", "start", "--host", "127.0.0.1", "--port", "0", "--store", store, "--owner", owner.id]
    async with started(*command, folder=folder) as server:
        yield server


@contextlib.asynccontextmanager
async def started(module: str, *arguments: str, folder: Path) -> AsyncIterator[Server]:
    """Run a module that prints `ready ADDRESS` once it serves. Failure where it ends before the block does."""
    server = Server(module, arguments, folder)
    try:
        await server.start()
        try:
            yield server
        except Exception as error:
            await server.hold(error)
            raise
    finally:
        await server.end()


def _environment(folder: Path) -> dict[str, str]:
    """Nothing of the user's own settings, keys or store."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("COLONIES_")}
    return {**kept, "XDG_CONFIG_HOME": str(folder), "XDG_DATA_HOME": str(folder)}


async def _ready(process: asyncio.subprocess.Process, log: Path) -> str:
    assert process.stdout is not None
    line = b""
    with contextlib.suppress(TimeoutError):
        async with asyncio.timeout(READY_SECONDS):
            line = await process.stdout.readline()
    word, _, address = line.decode().strip().partition(" ")
    if word != "ready":
        raise Failure(f"a server that was to be measured did not start: {_last_line(log)}")
    return address


def _last_line(log: Path) -> str:
    return (log.read_text().strip().splitlines() or ["it said nothing"])[-1]


async def _has_ended(process: asyncio.subprocess.Process) -> bool:
    """Whether it has, or does so now: its sockets are closed before it is gone."""
    with contextlib.suppress(TimeoutError):
        async with asyncio.timeout(GOING_SECONDS):
            await process.wait()
    return process.returncode is not None


def _ended_early(module: str, process: asyncio.subprocess.Process, log: Path) -> str:
    code = process.returncode or 0
    how = f"by {signal.Signals(-code).name}" if code < 0 else f"with code {code}"
    return (
        f"{module}, {process.pid}, which was measured, ended {how}: measure again; the last it said: {_last_line(log)}"
    )


async def _ended(process: asyncio.subprocess.Process) -> None:
    if process.returncode is not None:
        return
    with contextlib.suppress(ProcessLookupError):
        process.send_signal(signal.SIGTERM)
    try:
        async with asyncio.timeout(STOP_SECONDS):
            await process.wait()
    except TimeoutError:
        process.kill()
        await process.wait()
