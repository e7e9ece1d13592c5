"""A program of the load: a process of its own, so that what it costs is not taken for what a broker costs.

It is given a plan, says when it is ready, begins when it is told to and says what came of it.
Moments are those of the machine's monotonic clock, which all its programs share.
"""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections.abc import AsyncIterator, Callable, Sequence
from typing import TypeVar

import msgspec

from colonies.cli.failure import Failure

from . import child
from .meters import OfPrograms
from .plans import Plan

T = TypeVar("T")

SOON_SECONDS = 0.2  # from saying when to begin until then: everybody has heard it
SILENCE_SECONDS = 90.0  # longer than anything that a load waits for before it gives up by itself
READY, AT = b"ready\n", b"at "
LINE_BYTES = 16 << 20  # a result may have a few hundred thousand counts

Say = Callable[[str], None]


class Program:
    def __init__(self, plan: Plan, process: asyncio.subprocess.Process) -> None:
        self._plan, self._process = plan, process

    async def prepare(self, say: Say) -> None:
        """Return once it waits for its beginning. say: is told how far it is where that takes a while."""
        await self._tell(msgspec.json.encode(self._plan))
        if (line := await self._heard(say, SILENCE_SECONDS)) != READY:
            raise self._gave_up(line)

    async def begin(self, moment: float) -> None:
        await self._tell(f"{moment}".encode())

    async def result(self, kind: type[T], say: Say) -> T:
        """Failure where it says why there is none, or nothing for long after it should have ended."""
        line = await self._heard(say, getattr(self._plan, "seconds", 0.0) + SILENCE_SECONDS)
        if not line.startswith(b"{"):
            raise self._gave_up(line)
        return msgspec.json.decode(line, type=kind)

    @property
    def pid(self) -> int:
        return self._process.pid

    async def end(self) -> None:
        with contextlib.suppress(ProcessLookupError):
            self._process.kill()
        await self._process.wait()

    async def _tell(self, line: bytes) -> None:
        assert self._process.stdin is not None
        self._process.stdin.write(line + b"\n")
        with contextlib.suppress(ConnectionError):  # it has ended; what it said then is read next
            await self._process.stdin.drain()

    async def _heard(self, say: Say, most_seconds: float) -> bytes:
        """The next line that is no word of how far it is. most_seconds: between two lines of either kind."""
        while (line := await self._line(most_seconds)).startswith(AT):
            say(line.removeprefix(AT).decode().strip())
        return line

    async def _line(self, most_seconds: float) -> bytes:
        assert self._process.stdout is not None
        try:
            async with asyncio.timeout(most_seconds):
                return await self._process.stdout.readline()
        except TimeoutError:
            why = f"it said nothing for {most_seconds:g} s; look whether what is measured stands still"
            raise self._gave_up(why.encode()) from None

    def _gave_up(self, line: bytes) -> Failure:
        why = line.decode().strip() or "its reason is above"
        return Failure(f"the load gave up ({type(self._plan).__name__.lower()}): {why}")


@contextlib.asynccontextmanager
async def running(plans: Sequence[Plan], say: Say) -> AsyncIterator[list[Program]]:
    """Have all of them ready; they are ended with the block."""
    programs: list[Program] = []
    try:
        for plan in plans:
            programs.append(Program(plan, await _launched()))  # noqa: PERF401 (each is ended, also when the next fails)
        async with asyncio.TaskGroup() as tasks:
            for program in programs:
                tasks.create_task(program.prepare(say))
        yield programs
    except* Failure as failures:
        raise failures.exceptions[0] from None
    finally:
        for program in programs:
            await asyncio.shield(program.end())


async def _launched() -> asyncio.subprocess.Process:
    pipe = asyncio.subprocess.PIPE
    command = child.command_of("broker.bench.load")
    return await asyncio.create_subprocess_exec(*command, stdin=pipe, stdout=pipe, limit=LINE_BYTES)


async def begin(programs: Sequence[Program]) -> float:
    """Let all begin at the same moment; return which."""
    moment = time.monotonic() + SOON_SECONDS
    for program in programs:
        await program.begin(moment)
    return moment


async def until(moment: float) -> None:
    await asyncio.sleep(max(0.0, moment - time.monotonic()))


def meter_of(programs: Sequence[Program]) -> OfPrograms:
    return OfPrograms(*(program.pid for program in programs))
