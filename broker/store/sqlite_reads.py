"""What is read of processes in SQLite: pages, counts, what is due."""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence
from typing import Any

from colonies.wire.frames import pack
from colonies.wire.messages import ProcessFilter
from colonies.wire.model import Log, Page, Process, State
from colonies.wire.validation import encode

from .base import PAGE_BYTES, Due, LaneCount
from .cursors import Cursor, read_cursor
from .lanes import lanes_of
from .sqlite_processes import SELECT, first_in, process_of, read


def process(db: sqlite3.Connection, colonyid: str, processid: str) -> Process | None:
    found = read(db, processid)
    return found[0] if found and found[0].colonyid == colonyid else None


def peek(db: sqlite3.Connection, lanes: Sequence[str], now: int) -> Process | None:
    processid = first_in(db, lanes, latest=False, now=now)
    found = read(db, processid) if processid else None
    return found[0] if found else None


def page(
    db: sqlite3.Connection, colonyid: str, wanted: ProcessFilter, *, newest: bool, limit: int, cursor: str
) -> Page:
    after = read_cursor(cursor)
    where, values = _where(colonyid, wanted)
    total = after.total if after else db.execute(f"SELECT count(*) FROM processes {where}", values).fetchone()[0]
    if after:
        where += f" AND (submitted, processid) {'<' if newest else '>'} (?, ?)"
        values += [after.submitted, after.processid]
    direction = "DESC" if newest else "ASC"
    order = f" ORDER BY submitted {direction}, processid {direction} LIMIT ?"
    found: list[Process] = []
    size = 0
    row: tuple[Any, ...] = ()
    for row in db.execute(SELECT + where + order, [*values, limit]):
        found.append(process_of(row))
        size += len(pack(encode(found[-1])))
        if size >= PAGE_BYTES:
            break
    is_last = len(found) < limit and size < PAGE_BYTES
    following = "" if is_last or not found else Cursor(row[19], total, row[0]).text()
    return Page(processes=found, cursor=following, total=total)


def _where(colonyid: str, wanted: ProcessFilter) -> tuple[str, list[Any]]:
    """The condition of a filter. Every part is a constant; only values come from outside."""
    parts: list[tuple[str, Any]] = [
        ("state = ?", None if wanted.state is None else int(wanted.state)),
        ("executortype = ?", wanted.executortype),
        ("func = ?", wanted.func),
        ("label = ?", wanted.label),
        ("instr(text, ?) > 0", None if wanted.text is None else wanted.text.lower()),
        ("submitted >= ?", None if wanted.since is None else wanted.since * 1000),
        ("submitted < ?", None if wanted.before is None else wanted.before * 1000),
    ]
    used = [("colonyid = ?", colonyid), *((part, value) for part, value in parts if value is not None)]
    return "WHERE " + " AND ".join(part for part, _ in used), [value for _, value in used]


def logs(db: sqlite3.Connection, processid: str, *, since: int, limit: int) -> list[Log]:
    columns = "SELECT processid, seq, time, attempt, executorid, message FROM logs "
    rows = db.execute(columns + "WHERE processid = ? AND time >= ? ORDER BY seq LIMIT ?", (processid, since, limit))
    return [
        Log(processid=row[0], seq=row[1], time=row[2], attempt=row[3], executorid=row[4], message=row[5])
        for row in rows
    ]


def due(db: sqlite3.Connection, now: int, limit: int) -> list[Due]:
    columns = "SELECT colonyid, processid, state, attempt FROM processes "
    rows = db.execute(columns + "WHERE due IS NOT NULL AND due <= ? ORDER BY due LIMIT ?", (now, limit))
    return [Due(row[0], row[1], State(row[2]), row[3]) for row in rows]


def next_due(db: sqlite3.Connection) -> int | None:
    row = db.execute("SELECT due FROM processes WHERE due IS NOT NULL ORDER BY due LIMIT 1").fetchone()
    return row[0] if row else None


def held(db: sqlite3.Connection, colonyid: str, executorid: str) -> list[Process]:
    rows = db.execute(SELECT + "WHERE colonyid = ? AND assigneeid = ? AND state = 1", (colonyid, executorid))
    return [process_of(row) for row in rows]


def running(db: sqlite3.Connection, colonyid: str) -> dict[str, int]:
    counted = "SELECT assigneeid, count(*) FROM processes WHERE colonyid = ? AND state = 1 GROUP BY assigneeid"
    return dict(db.execute(counted, (colonyid,)).fetchall())


def counts(db: sqlite3.Connection, colonyid: str) -> list[LaneCount]:
    counted = "SELECT executortype, state, count(*), min(submitted) FROM processes WHERE colonyid = ? "
    rows = db.execute(counted + "GROUP BY state, executortype", (colonyid,))
    return [LaneCount(row[0], State(row[1]), row[2], row[3] // 1000 if row[1] == 0 else 0) for row in rows]


def ahead(db: sqlite3.Connection, waiting: Process) -> int:
    found = read(db, waiting.processid)
    if found is None:
        return 0
    lanes = lanes_of(waiting.colonyid, waiting.spec.conditions)
    one_lane = "SELECT processid FROM lanes WHERE lane = ? AND (place, processid) < (?, ?)"
    union = " UNION ".join([one_lane] * len(lanes))
    values = [value for lane in lanes for value in (lane, found[1], waiting.processid)]
    counted: int = db.execute(f"SELECT count(*) FROM ({union})", values).fetchone()[0]
    return counted
