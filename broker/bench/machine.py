"""What the machine can do, so that figures of one machine say something about another.

Signatures and durable commits are what a broker cannot do without; rates are given as
multiples of them.
"""

from __future__ import annotations

import os
import platform
import sqlite3
import statistics
import sysconfig
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from importlib import metadata
from pathlib import Path

from broker.version import VERSION
from colonies.wire.identity import Identity, verify

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
    """seconds: how long each of the two is measured. folder: on the disk of the store."""
    return Machine(
        cores=len(os.sched_getaffinity(0)),
        processor=_processor(),
        memory_bytes=os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES"),
        system=platform.platform(),
        verifications=round(verifications(seconds)),
        commits=round(commits(folder, seconds)),
        commits_in=str(folder),
    )


def verifications(seconds: float) -> float:
    """Ed25519 signatures that one core verifies a second, as a broker does it. Others on the core do not count."""
    key, message = Identity.generate(), os.urandom(MESSAGE_BYTES)
    signature = key.sign(message)

    def slice_of() -> float:
        begun, done = time.thread_time(), 0
        while (used := time.thread_time() - begun) < seconds / SLICES:
            for _ in range(20):
                verify(key.public_key, signature, message)
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
    with (
        tempfile.TemporaryDirectory(prefix="colonies-bench-", dir=folder) as place,
        closing(sqlite3.connect(Path(place) / "commits.db", isolation_level=None)) as db,
    ):
        db.execute("PRAGMA journal_mode = WAL")
        db.execute("PRAGMA synchronous = FULL")
        db.execute("CREATE TABLE rows (value TEXT)")
        yield lambda: db.execute("INSERT INTO rows VALUES ('a small row of about forty letters, no more')")


def versions() -> dict[str, str]:
    found = {"colonies-broker": VERSION, "python": _python(), "sqlite": sqlite3.sqlite_version}
    for package in PACKAGES:
        try:
            found[package] = metadata.version(package)
        except metadata.PackageNotFoundError:  # uvloop on Windows
            continue
    return found


def _python() -> str:
    """With whether it was built to be fast: one that was not takes half as long again for everything but signatures."""
    is_optimized = "--enable-optimizations" in (sysconfig.get_config_var("CONFIG_ARGS") or "")
    return platform.python_version() + ("" if is_optimized else " built without optimizations")


def _processor() -> str:
    for line in Path("/proc/cpuinfo").read_text().splitlines():
        if line.startswith(("model name", "Model")):
            return line.partition(":")[2].strip()
    return platform.machine()
