"""What the machine can do, so that figures of one machine say something about another.

Signatures and durable commits are what a broker cannot do without; rates are given as
multiples of them. The interpreter is what it spends the rest on, and two builds of one Python
differ by half.
"""

from __future__ import annotations

import os
import platform
import sqlite3
import statistics
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from importlib import metadata
from pathlib import Path

from broker.version import VERSION
from colonies.cli.failure import refuse
from colonies.wire.identity import Identity, verify

from . import leftovers
from .results import Machine

MESSAGE_BYTES = 200
SLICES = 5
PACKAGES = (
    "uvicorn",
    "uvloop",
    "httptools",
    "websockets",
    "starlette",
    "msgspec",
    "msgpack",
    "pynacl",
    "motor",
    "pymongo",
)


def measure(folder: Path, *, seconds: float) -> Machine:
    """seconds: how long each of the three is measured. folder: on the disk of the store."""
    return Machine(
        cores=len(os.sched_getaffinity(0)),
        processor=_processor(),
        memory_bytes=os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES"),
        system=platform.platform(),
        verifications=round(verifications(seconds)),
        rounds=round(rounds(seconds)),
        commits=round(commits(folder, seconds)),
        commits_in=str(folder),
    )


def verifications(seconds: float) -> float:
    """Ed25519 signatures that one core verifies a second, as a broker does it."""
    key, message = Identity.generate(), os.urandom(MESSAGE_BYTES)
    signature = key.sign(message)

    return _a_second(lambda: verify(key.public_key, signature, message), seconds)


class _Counter:
    __slots__ = ("count",)

    def __init__(self, count: int) -> None:
        self.count = count

    def increased(self, by: int) -> int:
        return self.count + by


def rounds(seconds: float) -> float:
    """Rounds of plain Python that one core does a second: ten objects made, called and put into a dict by a text."""

    def once() -> None:
        counts: dict[str, int] = {}
        for number in range(10):
            counts[str(number)] = _Counter(number).increased(1)

    return _a_second(once, seconds)


def _a_second(once: Callable[[], object], seconds: float) -> float:
    """How often it is done in a second of processor time, by the median of some slices: others do not count."""

    def slice_of() -> float:
        begun, done = time.thread_time(), 0
        while (used := time.thread_time() - begun) < seconds / SLICES:
            for _ in range(20):
                once()
            done += 20
        return done / used

    return statistics.median(slice_of() for _ in range(SLICES))


def commits(folder: Path, seconds: float) -> float:
    """Transactions of one small row, one after the other, that are on the disk when they return."""
    with _committing(folder) as commit:
        begun, done = time.monotonic(), 0
        while (passed := time.monotonic() - begun) < seconds or not done:
            commit()
            done += 1
        return done / passed


def lone_commit_ms(folder: Path, rate: float, seconds: float) -> float:
    """The median of what such a transaction takes by itself, when the processor and the disk slept before each."""
    taken = []
    with _committing(folder) as commit:
        for _ in range(max(1, round(rate * seconds))):
            time.sleep(1 / rate)
            begun = time.monotonic()
            commit()
            taken.append((time.monotonic() - begun) * 1000)
    return statistics.median(taken)


@contextmanager
def _committing(folder: Path) -> Iterator[Callable[[], object]]:
    """Failure where SQLite cannot commit there: the disk is full, or may not be written."""
    try:
        with _rows(folder) as db:
            yield lambda: db.execute("INSERT INTO rows VALUES ('a small row of about forty letters, no more')")
    except sqlite3.Error as error:
        refuse(f"SQLite cannot commit in {folder} ({error}): free its disk, or name another with --store or TMPDIR")


@contextmanager
def _rows(folder: Path) -> Iterator[sqlite3.Connection]:
    with (
        leftovers.folder(folder) as place,
        closing(sqlite3.connect(place / "commits.db", isolation_level=None)) as db,
    ):
        db.execute("PRAGMA journal_mode = WAL")
        db.execute("PRAGMA synchronous = FULL")
        db.execute("CREATE TABLE rows (value TEXT)")
        yield db


def versions() -> dict[str, str]:
    found = {"colonies-broker": VERSION, "python": platform.python_version(), "sqlite": sqlite3.sqlite_version}
    for package in PACKAGES:
        try:
            found[package] = metadata.version(package)
        except metadata.PackageNotFoundError:  # uvloop on Windows
            continue
    return found


def _processor() -> str:
    for line in Path("/proc/cpuinfo").read_text().splitlines():
        if line.startswith(("model name", "Model")):
            return line.partition(":")[2].strip()
    return platform.machine()
