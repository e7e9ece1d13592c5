"""The way of a SQLite file to the tables that this program knows: made at once, or from those of version 1.

A file is brought on in one transaction, so at its worst moment, a kill in the middle, it is
still what it was. It takes about fifteen seconds for a million processes, once.
"""

from __future__ import annotations

import logging
import sqlite3
from pathlib import Path

from .base import KEPT_FINISHED_MS, SCHEMA_VERSION, SLOT_MS, StoreTooNew
from .sqlite_figures import COUNTS, FAILURES, FINISHED
from .sqlite_rows import causes
from .sqlite_tables import LATER_INDEXES, TABLES

log = logging.getLogger(__name__)

_FRESH = TABLES + LATER_INDEXES + COUNTS + FINISHED + FAILURES

# Groups and slots are filled from what is stored; of the slots, as many as are kept up to the last that ended.
_FROM_VERSION_1 = f"""
DROP TRIGGER process_added;
DROP TRIGGER process_moved;
DROP TRIGGER process_removed;
ALTER TABLE processes ADD COLUMN cause TEXT NOT NULL DEFAULT '';
UPDATE processes SET cause = cause_of(errors) WHERE state = 3;
{LATER_INDEXES}
{FINISHED}
{FAILURES}
INSERT INTO failures
SELECT colonyid, cause, executortype, func, number, first, last, (
    SELECT processid FROM processes
    WHERE colonyid = groups.colonyid AND cause = groups.cause AND executortype = groups.executortype
    AND func = groups.func AND state = 3 ORDER BY endtime DESC, processid DESC LIMIT 1
) FROM (
    SELECT colonyid, cause, executortype, func, count(*) AS number, min(endtime) AS first, max(endtime) AS last
    FROM processes WHERE state = 3 GROUP BY colonyid, cause, executortype, func
) AS groups;
INSERT INTO finished
SELECT colonyid, endtime - endtime % {SLOT_MS} AS slot, executortype, state, count(*) FROM processes
WHERE state IN (2, 3) AND endtime >= (SELECT max(endtime) FROM processes WHERE state IN (2, 3)) - {KEPT_FINISHED_MS}
GROUP BY colonyid, slot, executortype, state;
"""


def prepare(connection: sqlite3.Connection, path: Path) -> None:
    """Make what a file lacks: all of an empty one, bring on one of version 1; refuse one that a newer version wrote."""
    (version,) = connection.execute("PRAGMA user_version").fetchone()
    if version > SCHEMA_VERSION:
        raise StoreTooNew(
            f"{path} has schema version {version}, this program knows {SCHEMA_VERSION}; use the newer program for it"
        )
    if version == 0:
        _run(connection, _FRESH)
    elif version == 1:
        log.info("bringing the file of an older version on, this may take a minute", extra={"path": str(path)})
        connection.create_function("cause_of", 1, causes, deterministic=True)
        _run(connection, _FROM_VERSION_1)
        connection.create_function("cause_of", 1, None)
    else:
        connection.executescript(LATER_INDEXES)


def _run(connection: sqlite3.Connection, script: str) -> None:
    connection.executescript(f"BEGIN IMMEDIATE;{script};PRAGMA user_version = {SCHEMA_VERSION};COMMIT;")
