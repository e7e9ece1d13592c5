"""Figures that the SQLite store keeps with the moves, so that a dashboard costs the same however much lies there.

Triggers keep them, in the transaction of the move itself: they are exact, whatever was in a
batch and whatever became of it. How many processes there are by type and state; how many
ended in each slot of ten seconds; and the failed ones, in groups of one cause.
"""

from __future__ import annotations

import sqlite3
from typing import Any

from colonies.wire.messages import ProcessFilter
from colonies.wire.model import FailureGroup, State

from .base import KEPT_FINISHED_MS, SLOT_MS, Finished, LaneCount

COUNTS = """
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
"""

FINISHED = f"""
CREATE TABLE finished (
    colonyid TEXT NOT NULL, time INTEGER NOT NULL, executortype TEXT NOT NULL, state INTEGER NOT NULL,
    number INTEGER NOT NULL, PRIMARY KEY (colonyid, time, executortype, state)
) WITHOUT ROWID;
CREATE TRIGGER process_finished AFTER UPDATE OF state ON processes
WHEN NEW.state IN (2, 3) AND OLD.state != NEW.state BEGIN
    INSERT INTO finished
    VALUES (NEW.colonyid, NEW.endtime - NEW.endtime % {SLOT_MS}, NEW.executortype, NEW.state, 1)
    ON CONFLICT DO UPDATE SET number = number + 1;
END;
-- Only for a slot that is new: one that is counted up is an update.
CREATE TRIGGER slot_begun AFTER INSERT ON finished BEGIN
    DELETE FROM finished WHERE colonyid = NEW.colonyid AND time < NEW.time - {KEPT_FINISHED_MS};
END;
"""

# The cause stands first in the key: a listing of one cause, of whatever type, asks how many there are.
FAILURES = """
CREATE TABLE failures (
    colonyid TEXT NOT NULL, cause TEXT NOT NULL, executortype TEXT NOT NULL, func TEXT NOT NULL,
    number INTEGER NOT NULL, first INTEGER NOT NULL, last INTEGER NOT NULL, processid TEXT NOT NULL,
    PRIMARY KEY (colonyid, cause, executortype, func)
) WITHOUT ROWID;
-- groups of a colony, or of one type in it, the one that failed last first
CREATE INDEX failures_last ON failures (colonyid, last);
CREATE INDEX failures_type ON failures (colonyid, executortype, last);
CREATE TRIGGER process_failed AFTER UPDATE OF state ON processes WHEN NEW.state = 3 AND OLD.state != 3 BEGIN
    INSERT INTO failures
    VALUES (NEW.colonyid, NEW.cause, NEW.executortype, NEW.func, 1, NEW.endtime, NEW.endtime, NEW.processid)
    ON CONFLICT DO UPDATE SET
        number = number + 1, first = min(first, NEW.endtime), last = max(last, NEW.endtime),
        processid = CASE WHEN NEW.endtime >= last THEN NEW.processid ELSE processid END;
END;
CREATE TRIGGER failed_removed AFTER DELETE ON processes WHEN OLD.state = 3 BEGIN
    UPDATE failures SET number = number - 1
    WHERE colonyid = OLD.colonyid AND cause = OLD.cause AND executortype = OLD.executortype AND func = OLD.func;
    DELETE FROM failures
    WHERE colonyid = OLD.colonyid AND cause = OLD.cause AND executortype = OLD.executortype AND func = OLD.func
    AND number = 0;
    UPDATE failures SET (last, processid) = (
        SELECT endtime, processid FROM processes
        WHERE colonyid = OLD.colonyid AND cause = OLD.cause AND executortype = OLD.executortype AND func = OLD.func
        AND state = 3 ORDER BY endtime DESC, processid DESC LIMIT 1
    )
    WHERE colonyid = OLD.colonyid AND cause = OLD.cause AND executortype = OLD.executortype AND func = OLD.func
    AND processid = OLD.processid;
END;
"""

_COUNTS = """
SELECT executortype, state, number, CASE state WHEN 0 THEN (
    SELECT submissiontime FROM processes AS oldest
    WHERE oldest.colonyid = counts.colonyid AND oldest.state = 0 AND oldest.executortype = counts.executortype
    ORDER BY submitted LIMIT 1
) ELSE 0 END FROM counts WHERE colonyid = ? AND number > 0
"""
_FINISHED = "SELECT executortype, state, time, number FROM finished WHERE colonyid = ? AND time >= ?"
_FAILURES = "SELECT executortype, func, cause, number, first, last, processid FROM failures WHERE colonyid = ? "


def counts(db: sqlite3.Connection, colonyid: str) -> list[LaneCount]:
    rows = db.execute(_COUNTS, (colonyid,))
    return [LaneCount(row[0], State(row[1]), row[2], row[3] or 0) for row in rows]


def finished(db: sqlite3.Connection, colonyid: str, since: int) -> list[Finished]:
    return [Finished(row[0], State(row[1]), row[2], row[3]) for row in db.execute(_FINISHED, (colonyid, since))]


def failures(db: sqlite3.Connection, colonyid: str, *, executortype: str | None, limit: int) -> list[FailureGroup]:
    of_type = "" if executortype is None else "AND executortype = ? "
    values: list[Any] = [colonyid, limit] if executortype is None else [colonyid, executortype, limit]
    rows = db.execute(_FAILURES + of_type + "ORDER BY last DESC LIMIT ?", values)
    return [
        FailureGroup(
            executortype=row[0], func=row[1], cause=row[2], number=row[3], first=row[4], last=row[5], processid=row[6]
        )
        for row in rows
    ]


def total_of_counts(db: sqlite3.Connection, colonyid: str, wanted: ProcessFilter) -> int:
    """How many processes match a filter that is `filters.is_of_counts`."""
    asked = {"state": None if wanted.state is None else int(wanted.state), "executortype": wanted.executortype}
    return _sum(db, "counts", {"colonyid": colonyid, **asked})


def total_of_groups(db: sqlite3.Connection, colonyid: str, wanted: ProcessFilter) -> int:
    """How many processes match a filter that is `filters.is_of_groups`."""
    asked = {"cause": wanted.cause, "executortype": wanted.executortype, "func": wanted.func}
    return _sum(db, "failures", {"colonyid": colonyid, **asked})


def _sum(db: sqlite3.Connection, table: str, asked: dict[str, Any]) -> int:
    """Names of tables and columns are constants of this file; only values come from outside."""
    used = {column: value for column, value in asked.items() if value is not None}
    where = " AND ".join(f"{column} = ?" for column in used)
    statement = f"SELECT coalesce(sum(number), 0) FROM {table} WHERE {where}"
    total: int = db.execute(statement, list(used.values())).fetchone()[0]
    return total
