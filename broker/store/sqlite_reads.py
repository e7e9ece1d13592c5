"""What is read of processes in SQLite: pages, logs, what falls due."""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence
from typing import Any

from colonies.wire.model import Log, Page, Process, State
from colonies.wire.params import ProcessFilter

from . import filters, sqlite_figures
from .base import PAGE_BYTES, Due
from .cursors import Cursor, read_cursor
from .lanes import lanes_of
from .sqlite_claims import first_in
from .sqlite_many import Row, one_of
from .sqlite_rows import SELECT, SUBMITTED, process_of, read, size_of
from .text import size_of_line

_AHEAD = "SELECT count(DISTINCT processid) FROM lanes WHERE (place, processid) < (?, ?) AND lane IN "
# Beyond it SQLite has no integers; no time that can be meant comes near.
_LAST_TIME = 1 << 52


def process(db: sqlite3.Connection, colonyid: str, processid: str) -> Process | None:
    found = read(db, processid)
    return found.process if found and found.process.colonyid == colonyid else None


def peek(db: sqlite3.Connection, lanes: Sequence[str], now: int) -> Process | None:
    found = first_in(db, lanes, now=now)
    return found.process if found else None


def page(
    db: sqlite3.Connection, colonyid: str, wanted: ProcessFilter, *, newest: bool, limit: int, cursor: str
) -> Page:
    start = read_cursor(cursor)
    if filters.matches_nothing(wanted):
        return Page(processes=[], cursor="", total=0)
    where, values = _where(colonyid, wanted)
    total = start.total if start else _total(db, colonyid, wanted)
    if start:
        where += f" AND (submitted, processid) {'<' if newest else '>'} (?, ?)"
        values += [start.submitted, start.processid]
    direction = "DESC" if newest else "ASC"
    order = f" ORDER BY submitted {direction}, processid {direction} LIMIT ?"
    # One row more than asked for says whether this page is the last.
    rows, has_more = _fitting(db.execute(SELECT + where + order, [*values, limit + 1]), limit)
    following = Cursor(rows[-1][SUBMITTED], total, rows[-1][0]).text() if has_more else ""
    return Page(processes=[process_of(row) for row in rows], cursor=following, total=total)


def _fitting(found: sqlite3.Cursor, limit: int) -> tuple[list[Row], bool]:
    """The rows that make up a page, at least one where there is any, and whether there are more behind them."""
    rows: list[Row] = []
    size = 0
    for row in found:
        size += size_of(row)
        if rows and (len(rows) == limit or size > PAGE_BYTES):
            found.close()
            return rows, True
        rows.append(row)
    return rows, False


def _total(db: sqlite3.Connection, colonyid: str, wanted: ProcessFilter) -> int:
    if filters.is_of_counts(wanted):
        return sqlite_figures.total_of_counts(db, colonyid, wanted)
    if filters.is_of_groups(wanted):
        return sqlite_figures.total_of_groups(db, colonyid, wanted)
    where, values = _where(colonyid, wanted)
    total: int = db.execute(f"SELECT count(*) FROM processes {where}", values).fetchone()[0]
    return total


def _where(colonyid: str, wanted: ProcessFilter) -> tuple[str, list[Any]]:
    """The condition of a filter, with the index to go by. Every part is a constant; only values come from outside."""
    parts: list[tuple[str, Any]] = [
        ("state = ?", None if wanted.state is None else int(wanted.state)),
        ("executortype = ?", wanted.executortype),
        ("func = ?", wanted.func),
        ("label = ?", wanted.label),
        ("cause = ?", wanted.cause),
        ("assigneeid = ?", wanted.assigneeid),
        ("instr(text, ?) > 0", None if wanted.text is None else wanted.text.lower()),
        ("submitted >= ?", None if wanted.since is None else _within(wanted.since) * 1000),
        ("submitted < ?", None if wanted.before is None else _within(wanted.before) * 1000),
    ]
    used = [("colonyid = ?", colonyid), *((part, value) for part, value in parts if value is not None)]
    return _index_for(wanted) + " AND ".join(part for part, _ in used), [value for _, value in used]


def _index_for(wanted: ProcessFilter) -> str:
    """Named where it holds only some processes: then SQLite has to be told in its own words that it holds these."""
    if wanted.cause is not None:
        index = "processes_group" if filters.is_in_group(wanted) else "processes_cause"
        return f"INDEXED BY {index} WHERE state = 3 AND "
    if filters.is_of_held(wanted):
        return "INDEXED BY processes_held WHERE state = 1 AND "
    if wanted.assigneeid is not None:
        return "INDEXED BY processes_assignee WHERE assigneeid != '' AND "
    return "WHERE "


def _within(milliseconds: int) -> int:
    return max(-_LAST_TIME, min(milliseconds, _LAST_TIME))


def logs(db: sqlite3.Connection, processid: str, *, since: int, after: int, limit: int) -> list[Log]:
    columns = "SELECT processid, seq, time, attempt, executorid, message FROM logs "
    values = (processid, _within(after), _within(since), limit)
    rows = db.execute(columns + "WHERE processid = ? AND seq > ? AND time >= ? ORDER BY seq LIMIT ?", values)
    lines: list[Log] = []
    size = 0
    for row in rows:
        lines.append(Log(processid=row[0], seq=row[1], time=row[2], attempt=row[3], executorid=row[4], message=row[5]))
        size += size_of_line(lines[-1])
        if size > PAGE_BYTES:
            break
    return lines


def upcoming(db: sqlite3.Connection, limit: int) -> list[Due]:
    columns = "SELECT colonyid, processid, state, attempt, due FROM processes "
    rows = db.execute(columns + "WHERE due IS NOT NULL ORDER BY due LIMIT ?", (limit,))
    return [Due(row[0], row[1], State(row[2]), row[3], row[4]) for row in rows]


def held(db: sqlite3.Connection, colonyid: str, executorid: str) -> list[Process]:
    rows = db.execute(SELECT + "WHERE colonyid = ? AND assigneeid = ? AND state = 1", (colonyid, executorid))
    return [process_of(row) for row in rows]


def running(db: sqlite3.Connection, colonyid: str) -> dict[str, int]:
    counted = "SELECT assigneeid, count(*) FROM processes WHERE colonyid = ? AND state = 1 GROUP BY assigneeid"
    return dict(db.execute(counted, (colonyid,)).fetchall())


def ahead(db: sqlite3.Connection, waiting: Process) -> int:
    found = read(db, waiting.processid)
    if found is None or found.process.state != State.WAITING:
        return 0
    lanes = lanes_of(waiting.colonyid, waiting.spec.conditions)
    number: int = db.execute(_AHEAD + one_of(lanes), (found.place, waiting.processid, *lanes)).fetchone()[0]
    return number
