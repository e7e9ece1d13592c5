"""What a measurement makes for itself and takes away again, also when it is killed: folders, and databases.

Beside each stands a `keeper`, a program that is told of it, and in the end that it is gone. It
runs in a session of its own, for Ctrl-C is not meant for it.
"""

from __future__ import annotations

import contextlib
import os
import subprocess
import sys
import tempfile
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from pathlib import Path

from colonies.cli.failure import Failure, refuse

from . import keeper
from .keeper import DATABASE, FOLDER, GONE

PREFIX = "colonies-bench-"


@contextlib.contextmanager
def folder(beside: Path | None = None) -> Iterator[Path]:
    """An empty folder, there for the block. beside: the folder that it lies in; None: as TMPDIR says.

    Failure where none can be made there.
    """
    with _taken_away() as left, _made(beside) as name:
        left(FOLDER, name)
        yield Path(name)


def _made(beside: Path | None) -> tempfile.TemporaryDirectory[str]:
    try:
        return tempfile.TemporaryDirectory(prefix=PREFIX, dir=beside)
    except OSError as error:
        where = beside or tempfile.gettempdir()
        refuse(f"no folder can be made in {where} ({error.strerror}): name another with --store sqlite:PATH or TMPDIR")


@contextlib.contextmanager
def database(address: str) -> Iterator[None]:
    """Have a database dropped that is left when this program is killed; otherwise that is up to the block."""
    with _taken_away() as left:
        left(DATABASE, address)
        yield


@contextlib.asynccontextmanager
async def afterwards(take_away: Callable[[], Awaitable[None]]) -> AsyncIterator[None]:
    """Take something away after the block. What failed in the block is raised, and what remains is said beside it."""
    try:
        yield
    except BaseException:
        try:
            await take_away()
        except Failure as failure:
            print(failure.sentence, file=sys.stderr)
        raise
    await take_away()


@contextlib.contextmanager
def _taken_away() -> Iterator[Callable[[str, str], None]]:
    command = [sys.executable, "-m", keeper.__name__, str(os.getpid())]
    quiet = subprocess.DEVNULL
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=quiet, text=True, start_new_session=True) as beside:
        assert beside.stdin is not None
        to = beside.stdin

        def left(kind: str, what: str) -> None:
            to.write(f"{kind} {what}\n")
            to.flush()

        try:
            yield left
        finally:
            with contextlib.suppress(BrokenPipeError):  # somebody ended it, and nothing is left to do
                left(GONE, "")
