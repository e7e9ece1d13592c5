"""The file of the SQLite store: for one broker alone, for its owner alone, and every commit on the disk."""

from __future__ import annotations

import fcntl
import os
import sqlite3
from pathlib import Path

from colonies.wire import errors

from .base import SCHEMA_VERSION

# Ids come in no order, so their index is written all over: it stays in memory for some 300,000 processes.
WRITER_CACHE_KIB = 32 * 1024
# The same pages are written again and again: the more of it is copied into the file at once, the less is copied.
CHECKPOINT_PAGES = 4000
# Below the two seconds in which `ping` has to answer, and above any checkpoint of our own.
BUSY_MS = 1500


def lock(path: Path) -> int:
    """Keep other brokers off this file for as long as the returned descriptor is open. Unavailable when one is on it.

    The kernel lets go when the broker dies, however it dies.
    """
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    held = os.open(f"{path}.lock", os.O_CREAT | os.O_RDWR, 0o600)
    try:
        fcntl.flock(held, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        os.close(held)
        raise errors.Unavailable(
            f"another broker uses {path}; SQLite serves one broker, stop the other or give this one its own --store"
        ) from None
    except BaseException:
        os.close(held)
        raise
    return held


def make_file(path: Path) -> None:
    """Make an empty file that only its owner reads; SQLite gives the same rights to what it puts beside it."""
    os.close(os.open(path, os.O_CREAT | os.O_RDWR, 0o600))
    folder = os.open(path.parent, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(folder)  # or a new file with acknowledged processes may be gone after a power cut
    finally:
        os.close(folder)


def connect(path: Path) -> sqlite3.Connection:
    """A connection that commits when told, durably."""
    connection = sqlite3.connect(path, isolation_level=None, check_same_thread=False, cached_statements=512)
    connection.execute(f"PRAGMA busy_timeout = {BUSY_MS}")
    (mode,) = connection.execute("PRAGMA journal_mode = WAL").fetchone()
    if mode != "wal":
        connection.close()
        raise errors.Unavailable(f"{path} lies on a file system without shared memory; put it on a local disk")
    # In WAL mode anything less than FULL may lose the last commits when the machine stops.
    connection.execute("PRAGMA synchronous = FULL")
    connection.execute("PRAGMA temp_store = MEMORY")
    return connection


def connect_to_write(path: Path) -> sqlite3.Connection:
    connection = connect(path)
    connection.execute(f"PRAGMA cache_size = -{WRITER_CACHE_KIB}")
    connection.execute(f"PRAGMA wal_autocheckpoint = {CHECKPOINT_PAGES}")
    return connection


def connect_to_read(path: Path) -> sqlite3.Connection:
    connection = connect(path)
    connection.execute("PRAGMA query_only = 1")
    return connection


def touch(connection: sqlite3.Connection) -> None:
    """Commit a write that changes nothing."""
    connection.execute(f"PRAGMA user_version = {SCHEMA_VERSION}")
