"""Tables and indexes of the SQLite store, each index with the query that it serves."""

from __future__ import annotations

import fcntl
import os
import sqlite3
from pathlib import Path

from colonies.wire import errors

from .base import SCHEMA_VERSION, StoreTooNew

SCHEMA = """
-- What never changes stands last: a state is read without walking over a long spec.
CREATE TABLE processes (
    processid TEXT PRIMARY KEY, colonyid TEXT NOT NULL, submitterid TEXT NOT NULL,
    state INTEGER NOT NULL, assigneeid TEXT NOT NULL, attempt INTEGER NOT NULL, retries INTEGER NOT NULL,
    submissiontime INTEGER NOT NULL, starttime INTEGER NOT NULL, endtime INTEGER NOT NULL,
    waitdeadline INTEGER NOT NULL, execdeadline INTEGER NOT NULL, due INTEGER,
    place INTEGER NOT NULL, submitted INTEGER NOT NULL,
    executortype TEXT NOT NULL, func TEXT NOT NULL, label TEXT NOT NULL, latestkey TEXT NOT NULL,
    retryof TEXT NOT NULL,
    attributes BLOB NOT NULL, history BLOB NOT NULL, errors BLOB NOT NULL, out BLOB NOT NULL,
    text TEXT NOT NULL, spec BLOB NOT NULL
);
-- listings in the order of submission: of a colony, of one state, of one state and type
CREATE INDEX processes_submitted ON processes (colonyid, submitted, processid);
CREATE INDEX processes_state ON processes (colonyid, state, submitted, processid);
CREATE INDEX processes_type ON processes (colonyid, state, executortype, submitted, processid);
-- the sweep: what falls due next
CREATE INDEX processes_due ON processes (due) WHERE due IS NOT NULL;
-- what an executor runs
CREATE INDEX processes_held ON processes (colonyid, assigneeid) WHERE state = 1;
-- older waiting processes of a latestkey
CREATE INDEX processes_latestkey ON processes (colonyid, latestkey) WHERE state = 0 AND latestkey != '';

-- A row for each lane in which a process waits now: a claim is one probe of the primary key, whatever lies behind it.
CREATE TABLE lanes (
    lane TEXT NOT NULL, place INTEGER NOT NULL, processid TEXT NOT NULL,
    submitted INTEGER NOT NULL, waitdeadline INTEGER NOT NULL,
    PRIMARY KEY (lane, place, processid)
) WITHOUT ROWID;
-- a claim of the latest
CREATE INDEX lanes_latest ON lanes (lane, submitted);

-- The newest process of each latestkey, whatever became of it.
CREATE TABLE latestkeys (
    colonyid TEXT NOT NULL, latestkey TEXT NOT NULL, processid TEXT NOT NULL,
    PRIMARY KEY (colonyid, latestkey)
) WITHOUT ROWID;

-- Counts are kept, not counted: a dashboard asks for them every second, however much lies there.
CREATE TABLE counts (
    colonyid TEXT NOT NULL, executortype TEXT NOT NULL, state INTEGER NOT NULL, number INTEGER NOT NULL,
    PRIMARY KEY (colonyid, executortype, state)
) WITHOUT ROWID;
CREATE TRIGGER process_added AFTER INSERT ON processes BEGIN
    INSERT INTO counts VALUES (NEW.colonyid, NEW.executortype, NEW.state, 1)
    ON CONFLICT DO UPDATE SET number = number + 1;
END;
CREATE TRIGGER process_moved AFTER UPDATE OF state ON processes WHEN OLD.state != NEW.state BEGIN
    UPDATE counts SET number = number - 1
    WHERE colonyid = OLD.colonyid AND executortype = OLD.executortype AND state = OLD.state;
    INSERT INTO counts VALUES (NEW.colonyid, NEW.executortype, NEW.state, 1)
    ON CONFLICT DO UPDATE SET number = number + 1;
END;
CREATE TRIGGER process_removed AFTER DELETE ON processes BEGIN
    UPDATE counts SET number = number - 1
    WHERE colonyid = OLD.colonyid AND executortype = OLD.executortype AND state = OLD.state;
END;

CREATE TABLE logs (
    processid TEXT NOT NULL, seq INTEGER NOT NULL, time INTEGER NOT NULL,
    attempt INTEGER NOT NULL, executorid TEXT NOT NULL, message TEXT NOT NULL,
    PRIMARY KEY (processid, seq)
);

CREATE TABLE colonies (colonyid TEXT PRIMARY KEY, name TEXT NOT NULL UNIQUE);
CREATE TABLE executors (
    executorid TEXT PRIMARY KEY, colonyid TEXT NOT NULL, executorname TEXT NOT NULL, executortype TEXT NOT NULL,
    state INTEGER NOT NULL, lastseen INTEGER NOT NULL, UNIQUE (colonyid, executorname)
);
CREATE TABLE users (
    userid TEXT PRIMARY KEY, colonyid TEXT NOT NULL, name TEXT NOT NULL, role TEXT NOT NULL, UNIQUE (colonyid, name)
);
CREATE TABLE functions (
    executorid TEXT NOT NULL, funcname TEXT NOT NULL, colonyid TEXT NOT NULL, description TEXT NOT NULL,
    args BLOB NOT NULL, PRIMARY KEY (executorid, funcname)
) WITHOUT ROWID;
CREATE INDEX functions_colony ON functions (colonyid);
"""

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


def connect_to_read(path: Path) -> sqlite3.Connection:
    connection = connect(path)
    connection.execute("PRAGMA query_only = 1")
    return connection


def prepare(connection: sqlite3.Connection, path: Path) -> None:
    """Make the tables of an empty file; refuse one that a newer version wrote."""
    (version,) = connection.execute("PRAGMA user_version").fetchone()
    if version > SCHEMA_VERSION:
        raise StoreTooNew(
            f"{path} has schema version {version}, this program knows {SCHEMA_VERSION}; use the newer program for it"
        )
    if version == 0:
        connection.executescript(f"BEGIN IMMEDIATE;{SCHEMA};PRAGMA user_version = {SCHEMA_VERSION};COMMIT;")


def touch(connection: sqlite3.Connection) -> None:
    """Commit a write that changes nothing."""
    connection.execute(f"PRAGMA user_version = {SCHEMA_VERSION}")
