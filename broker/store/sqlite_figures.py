"""Figures that the SQLite store keeps with the moves, so that a dashboard costs the same however much lies there.

They are written in the transaction of the batch itself and so are exact, whatever was in it
and whatever became of it. Once a batch and not once a move, which is why no triggers keep them.
"""

from __future__ import annotations

import sqlite3
from typing import Any

from colonies.wire.figures import FailureGroup
from colonies.wire.model import State
from colonies.wire.params import ProcessFilter

from .base import KEPT_FINISHED_MS, Finished, LaneCount
from .figures import Figures, GroupChange, GroupKey
from .sqlite_many import with_values

COUNTS = """
CREATE TABLE counts (
    colonyid TEXT NOT NULL, executortype TEXT NOT NULL, state INTEGER NOT NULL, number INTEGER NOT NULL,
    PRIMARY KEY (colonyid, executortype, state)
) WITHOUT ROWID;
"""
FINISHED = f"""
CREATE TABLE finished (
    colonyid TEXT NOT NULL, time INTEGER NOT NULL, executortype TEXT NOT NULL, state INTEGER NOT NULL,
    number INTEGER NOT NULL, PRIMARY KEY (colonyid, time, executortype, state)
) WITHOUT ROWID;
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
"""

_ADD = "ON CONFLICT DO UPDATE SET number = number + excluded.number"
_ADD_COUNTS = with_values("INSERT INTO counts", 4, _ADD)
_ADD_FINISHED = with_values("INSERT INTO finished", 5, _ADD)
_ADD_FAILED = with_values(
    "INSERT INTO failures",
    8,
    _ADD + ", first = min(first, excluded.first), last = max(last, excluded.last), "
    "processid = CASE WHEN excluded.last >= last THEN excluded.processid ELSE processid END",
)
_OF_GROUP = "WHERE colonyid = ? AND cause = ? AND executortype = ? AND func = ?"
_LESS_FAILED = f"UPDATE failures SET number = number - ? {_OF_GROUP} RETURNING number, processid"
_EMPTIED = f"DELETE FROM failures {_OF_GROUP}"
_FAILED_LAST = (
    f"SELECT endtime, processid FROM processes INDEXED BY processes_failed {_OF_GROUP} AND state = 3 "
    "ORDER BY endtime DESC, processid DESC LIMIT 1"
)
_SET_LAST = f"UPDATE failures SET last = ?, processid = ? {_OF_GROUP}"

_COUNTS = """
SELECT executortype, state, number, CASE state WHEN 0 THEN (
    SELECT submissiontime FROM processes AS oldest
    WHERE oldest.colonyid = counts.colonyid AND oldest.state = 0 AND oldest.executortype = counts.executortype
    ORDER BY submitted LIMIT 1
) ELSE 0 END FROM counts WHERE colonyid = ? AND number > 0
"""
_FINISHED = "SELECT executortype, state, time, number FROM finished WHERE colonyid = ? AND time >= ?"
_FAILURES = "SELECT executortype, func, cause, number, first, last, processid FROM failures WHERE colonyid = ? "


def write(db: sqlite3.Connection, figures: Figures) -> None:
    """Add these changes to what is kept, inside the transaction that holds the moves they come from."""
    counts = [(*key, number) for key, number in figures.counts.items() if number]
    finished = [(*key, number) for key, number in figures.finished.items()]
    failed = [
        (*key, change.failed, change.first, change.last, change.processid)
        for key, change in figures.failures.items()
        if change.failed
    ]
    # What fills a statement up adds nothing to anything.
    for statement, rows, place in ((_ADD_COUNTS, counts, 3), (_ADD_FINISHED, finished, 4), (_ADD_FAILED, failed, 4)):
        if rows:
            statement.write(db, rows, filling=(*rows[-1][:place], 0, *rows[-1][place + 1 :]))
    for key, change in figures.failures.items():
        if change.removed:
            _take_out(db, key, change)


def _take_out(db: sqlite3.Connection, key: GroupKey, change: GroupChange) -> None:
    left, last = db.execute(_LESS_FAILED, (len(change.removed), *key)).fetchone()
    if left == 0:
        db.execute(_EMPTIED, key)
    elif last in change.removed:
        time, processid = db.execute(_FAILED_LAST, key).fetchone()
        db.execute(_SET_LAST, (time, processid, *key))


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
