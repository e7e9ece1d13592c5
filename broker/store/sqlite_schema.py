"""Tables and indexes of the SQLite store, each index with the query that it serves."""

from __future__ import annotations

import fcntl
import os
import sqlite3
from pathlib import Path
from typing import IO

from colonies.wire import errors

from .base import SCHEMA_VERSION, StoreTooNew

SCHEMA = """
CREATE TABLE processes (
    processid TEXT PRIMARY KEY, colonyid TEXT NOT NULL, submitterid TEXT NOT NULL,
    executortype TEXT NOT NULL, func TEXT NOT NULL, label TEXT NOT NULL, latestkey TEXT NOT NULL,
    spec BLOB NOT NULL, place INTEGER NOT NULL, submitted INTEGER NOT NULL, submissiontime INTEGER NOT NULL,
    retryof TEXT NOT NULL,
    state INTEGER NOT NULL, assigneeid TEXT NOT NULL, attempt INTEGER NOT NULL, retries INTEGER NOT NULL,
    starttime INTEGER NOT NULL, endtime INTEGER NOT NULL, waitdeadline INTEGER NOT NULL, execdeadline INTEGER NOT NULL,
    due INTEGER, out BLOB NOT NULL, errors BLOB NOT NULL, attributes BLOB NOT NULL, history BLOB NOT NULL,
    text TEXT NOT NULL
);
-- listings in the order of submission
CREATE INDEX processes_submitted ON processes (colonyid, submitted, processid);
-- listings of one state, and counts by state and type
CREATE INDEX processes_state ON processes (colonyid, state, executortype, submitted);
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

CREATE TABLE logs (
    processid TEXT NOT NULL, seq INTEGER NOT NULL, time INTEGER NOT NULL,
    attempt INTEGER NOT NULL, executorid TEXT NOT NULL, message TEXT NOT NULL,
    PRIMARY KEY (processid, seq)
) WITHOUT ROWID;

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


def lock(path: Path) -> IO[bytes]:
    """Keep other brokers off this file for as long as the returned file is open. Unavailable when one is on it."""
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    held = open(f"{path}.lock", "ab")  # noqa: SIM115 (its owner closes it)
    try:
        fcntl.flock(held, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        held.close()
        raise errors.Unavailable(
            f"another broker uses {path}; SQLite serves one broker, stop the other or give this one its own --store"
        ) from None
    return held


def connect(path: Path) -> sqlite3.Connection:
    """A connection that commits when told, durably."""
    os.close(os.open(path, os.O_CREAT | os.O_RDWR, 0o600))
    connection = sqlite3.connect(path, isolation_level=None, check_same_thread=False, cached_statements=512)
    connection.execute("PRAGMA journal_mode = WAL")
    # In WAL mode anything less than FULL may lose the last commits when the machine stops.
    connection.execute("PRAGMA synchronous = FULL")
    connection.execute("PRAGMA busy_timeout = 5000")
    connection.execute("PRAGMA temp_store = MEMORY")
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
