"""Processes in SQLite: rows and back, and the moves on them inside one open transaction."""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence
from typing import Any

from colonies.wire import errors
from colonies.wire.frames import MAX_DEPTH, pack, unpack
from colonies.wire.model import MAX_LOG_LINES, Attempt, Attribute, Process, ProcessSpec, State
from colonies.wire.validation import decode, encode

from . import rules
from .lanes import lanes_of, submitted_us
from .moves import AddLog, Change, Changed, Claim, Remove, Submit, Submitted
from .text import searchable

COLUMNS = (
    "processid, colonyid, submitterid, spec, state, assigneeid, attempt, retries, submissiontime, starttime, endtime, "
    "waitdeadline, execdeadline, out, errors, attributes, history, retryof, place, submitted"
)
SELECT = f"SELECT {COLUMNS} FROM processes "

Row = tuple[Any, ...]


def process_of(row: Row) -> Process:
    """The process of a row of COLUMNS."""
    return Process(
        processid=row[0],
        colonyid=row[1],
        submitterid=row[2],
        spec=decode(unpack(row[3], max_depth=MAX_DEPTH), ProcessSpec),
        state=State(row[4]),
        assigneeid=row[5],
        attempt=row[6],
        retries=row[7],
        submissiontime=row[8],
        starttime=row[9],
        endtime=row[10],
        waitdeadline=row[11],
        execdeadline=row[12],
        out=unpack(row[13]),
        errors=unpack(row[14]),
        attributes=decode(unpack(row[15]), list[Attribute]),
        history=decode(unpack(row[16]), list[Attempt]),
        retryof=row[17],
    )


def _mutable(process: Process) -> Row:
    """What a move may change, in the order of _UPDATE."""
    return (
        int(process.state),
        process.assigneeid,
        process.attempt,
        process.retries,
        process.starttime,
        process.endtime,
        process.waitdeadline,
        process.execdeadline,
        rules.due(process) or None,
        pack(encode(process.out)),
        pack(process.errors),
        pack(encode(process.attributes)),
        pack(encode(process.history)),
        searchable(process),
    )


_UPDATE = (
    "UPDATE processes SET state = ?, assigneeid = ?, attempt = ?, retries = ?, starttime = ?, endtime = ?, "
    "waitdeadline = ?, execdeadline = ?, due = ?, out = ?, errors = ?, attributes = ?, history = ?, text = ? "
    "WHERE processid = ?"
)
_INSERT = (
    "INSERT INTO processes (state, assigneeid, attempt, retries, starttime, endtime, waitdeadline, execdeadline, due, "
    "out, errors, attributes, history, text, processid, colonyid, submitterid, executortype, func, label, latestkey, "
    f"spec, place, submitted, submissiontime, retryof) VALUES ({', '.join('?' * 26)}) ON CONFLICT DO NOTHING"
)


def read(db: sqlite3.Connection, processid: str) -> tuple[Process, int] | None:
    """A process and its place, or None."""
    row = db.execute(SELECT + "WHERE processid = ?", (processid,)).fetchone()
    return (process_of(row), row[18]) if row else None


# — moves —


def submit(db: sqlite3.Connection, move: Submit) -> Submitted:
    process, spec = move.process, move.process.spec
    fixed = (
        process.processid,
        process.colonyid,
        process.submitterid,
        spec.conditions.executortype,
        spec.func,
        spec.label,
        spec.latestkey,
        pack(encode(spec)),
        move.place,
        submitted_us(process, move.place),
        process.submissiontime,
        process.retryof,
    )
    if not db.execute(_INSERT, (*_mutable(process), *fixed)).rowcount:
        return _submitted_before(db, process)
    superseded = _supersede_older(db, process) if spec.latestkey else []
    if process.state == State.WAITING:
        _enter_lanes(db, process, move.place)
    return Submitted(process, superseded, False)


def _submitted_before(db: sqlite3.Connection, process: Process) -> Submitted:
    found = read(db, process.processid)
    if found is None or not rules.is_same_submission(found[0], process):
        raise rules.exists(process.processid)
    return Submitted(found[0], [], True)


def _supersede_older(db: sqlite3.Connection, process: Process) -> list[Process]:
    key = (process.colonyid, process.spec.latestkey)
    db.execute("INSERT OR REPLACE INTO latestkeys VALUES (?, ?, ?)", (*key, process.processid))
    older = "WHERE colonyid = ? AND latestkey = ? AND latestkey != '' AND state = 0 AND processid != ?"
    superseded = []
    for row in db.execute(SELECT + older, (*key, process.processid)).fetchall():
        after = rules.superseded(process_of(row), by=process.processid, now=process.submissiontime)
        _write(db, after, row[18])
        superseded.append(after)
    return superseded


_NEXT = "SELECT place, processid FROM lanes WHERE lane = ? AND (waitdeadline = 0 OR waitdeadline > ?) "


def first_in(db: sqlite3.Connection, lanes: Sequence[str], *, latest: bool, now: int) -> str | None:
    """The process that stands first in these lanes, or was submitted latest."""
    if latest:
        probe = "SELECT -submitted, processid FROM lanes WHERE lane = ? AND (waitdeadline = 0 OR waitdeadline > ?) "
        order = "ORDER BY submitted DESC LIMIT 1"
    else:
        probe, order = _NEXT, "ORDER BY place, processid LIMIT 1"
    found = [row for lane in lanes if (row := db.execute(probe + order, (lane, now)).fetchone())]
    return min(found)[1] if found else None


def claim(db: sqlite3.Connection, move: Claim) -> Process | None:
    processid = first_in(db, move.lanes, latest=move.latest, now=move.now)
    found = read(db, processid) if processid else None
    if found is None:
        return None
    process, place = found
    after = rules.claimed(process, executorid=move.executorid, now=move.now)
    _leave_lanes(db, process, place)
    _write_row(db, after)
    return after


def change(db: sqlite3.Connection, move: Change) -> Changed:
    process, place = _in_colony(db, move.colonyid, move.processid)
    after = move.change(process)
    if after is process:
        return Changed(process, process)
    if process.state == State.RUNNING and after.state == State.WAITING and after.spec.latestkey:
        after = _unless_outdated(db, after, move.now)
    if process.state == State.WAITING:
        _leave_lanes(db, process, place)
    _write_row(db, after)
    if after.state == State.WAITING:
        _enter_lanes(db, after, place)
    return Changed(process, after)


def _unless_outdated(db: sqlite3.Connection, process: Process, now: int) -> Process:
    key = (process.colonyid, process.spec.latestkey)
    row = db.execute("SELECT processid FROM latestkeys WHERE colonyid = ? AND latestkey = ?", key).fetchone()
    outdated = row and row[0] != process.processid
    return rules.superseded(process, by=row[0], now=now) if outdated else process


def remove(db: sqlite3.Connection, move: Remove) -> Process:
    process, _ = _in_colony(db, move.colonyid, move.processid)
    if not process.state.is_final:
        raise rules.wrong_state(process, "removed")
    db.execute("DELETE FROM processes WHERE processid = ?", (move.processid,))
    db.execute("DELETE FROM logs WHERE processid = ?", (move.processid,))
    return process


def add_log(db: sqlite3.Connection, move: AddLog) -> int:
    process, _ = _in_colony(db, move.colonyid, move.processid)
    rules.refuse_unless_held(process, executorid=move.executorid, attempt=None, now=move.now)
    last = db.execute("SELECT max(seq) FROM logs WHERE processid = ?", (move.processid,)).fetchone()[0] or 0
    if last >= MAX_LOG_LINES:
        raise errors.TooLarge(f"the log of process {move.processid} has {last} lines, no more are taken")
    line = (move.processid, last + 1, move.now, process.attempt, move.executorid, move.message)
    db.execute("INSERT INTO logs VALUES (?, ?, ?, ?, ?, ?)", line)
    return last + 1


# — rows and lanes —


def _in_colony(db: sqlite3.Connection, colonyid: str, processid: str) -> tuple[Process, int]:
    found = read(db, processid)
    if found is None or found[0].colonyid != colonyid:
        raise rules.not_found(processid)
    return found


def _write(db: sqlite3.Connection, after: Process, place: int) -> None:
    """Write a process that waited and waits no longer."""
    _leave_lanes(db, after, place)
    _write_row(db, after)


def _write_row(db: sqlite3.Connection, process: Process) -> None:
    db.execute(_UPDATE, (*_mutable(process), process.processid))


def _enter_lanes(db: sqlite3.Connection, process: Process, place: int) -> None:
    row = (place, process.processid, submitted_us(process, place), process.waitdeadline)
    for lane in lanes_of(process.colonyid, process.spec.conditions):
        db.execute("INSERT INTO lanes VALUES (?, ?, ?, ?, ?)", (lane, *row))


def _leave_lanes(db: sqlite3.Connection, process: Process, place: int) -> None:
    for lane in lanes_of(process.colonyid, process.spec.conditions):
        key = (lane, place, process.processid)
        db.execute("DELETE FROM lanes WHERE lane = ? AND place = ? AND processid = ?", key)
