"""A client of brokers in a process of its own, so that what it costs is not taken for what a broker costs.

It is given a plan, says when it is ready, begins when it is told to and says what came of it. Times are those of the
machine's monotonic clock, which all its processes share.
"""

from __future__ import annotations

import asyncio
import contextlib
import subprocess
import sys
import time
from collections.abc import AsyncIterator
from pathlib import Path
from typing import IO, Any, TypeVar

import msgspec

from .plans import Plan

Result = TypeVar("Result")

ROOT = Path(__file__).parents[2]
START_SECONDS = 60.0
SOON_SECONDS = 0.5  # from saying when to begin until then: everybody has heard it
LATE_SECONDS = 60.0  # what a program may need to end beyond what was planned


class Program:
    """One client. result: what it said in the end."""

    def __init__(self, plan: Plan) -> None:
        self._plan = plan
        self._process: subprocess.Popen[bytes] | None = None

    async def start(self) -> None:
        """Return once it has connected and waits for its beginning."""
        self._launch()
        self._say(msgspec.json.encode(self._plan))
        async with asyncio.timeout(START_SECONDS):
            line = await self._heard()
        if line != b"ready\n":
            raise RuntimeError(f"{type(self._plan).__name__} did not start; it said {line!r}")

    def _launch(self) -> None:
        command = [sys.executable, "-m", "bench.cluster.client"]
        self._process = subprocess.Popen(command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE)

    def begin(self, moment: float) -> None:
        self._say(f"{moment}".encode())

    async def result(self, kind: type[Result], *, seconds: float) -> Result:
        """What came of it. TimeoutError when it goes on for much longer than these seconds."""
        async with asyncio.timeout(seconds + LATE_SECONDS):
            line = await self._heard()
        if not line:
            raise RuntimeError(f"{type(self._plan).__name__} ended without a result; why is above")
        return msgspec.json.decode(line, type=kind)

    def hold_up(self) -> None:
        """Raise when it has ended, although nobody ended it."""
        if self._running.poll() is not None:
            raise RuntimeError(f"{type(self._plan).__name__} ended by itself; why is above")

    @property
    def pid(self) -> int:
        return self._running.pid

    def end(self) -> None:
        process, self._process = self._process, None
        if process is not None:
            process.kill()
            process.wait()
            for pipe in (process.stdin, process.stdout):
                with contextlib.suppress(BrokenPipeError):
                    _there(pipe).close()

    def _say(self, line: bytes) -> None:
        pipe = _there(self._running.stdin)
        pipe.write(line + b"\n")
        pipe.flush()

    async def _heard(self) -> bytes:
        return await asyncio.to_thread(_there(self._running.stdout).readline)

    @property
    def _running(self) -> subprocess.Popen[bytes]:
        assert self._process is not None, "it was not started, or has been ended"
        return self._process


def _there(pipe: IO[Any] | None) -> IO[Any]:
    assert pipe is not None
    return pipe


@contextlib.asynccontextmanager
async def running(*plans: Plan) -> AsyncIterator[list[Program]]:
    """Have all of them ready; they are ended with the block."""
    programs = [Program(plan) for plan in plans]
    try:
        await asyncio.gather(*(program.start() for program in programs))
        yield programs
    finally:
        for program in programs:
            program.end()


def begin(programs: list[Program]) -> float:
    """Let all begin at the same moment; return which."""
    moment = time.monotonic() + SOON_SECONDS
    for program in programs:
        program.begin(moment)
    return moment
