"""Processes as rows of the SQLite store, and back.

What a move may change has a column of its own; the spec, which never changes, is one blob
that is written once. Every statement is a constant, so that SQLite compiles it once. Blobs
are MessagePack, read straight into the nouns: a claim costs one such reading.
"""

from __future__ import annotations

import sqlite3
from typing import Any, NamedTuple

from msgspec.msgpack import Decoder, Encoder

from colonies.wire.model import Attempt, Attribute, Process, ProcessSpec, State

from . import rules
from .lanes import lanes_of, submitted_us
from .text import cause_of, searchable

SELECT = (
    "SELECT processid, colonyid, submitterid, spec, state, assigneeid, attempt, retries, submissiontime, starttime, "
    "endtime, waitdeadline, execdeadline, out, errors, attributes, history, retryof, place, submitted FROM processes "
)
PLACE, SUBMITTED = 18, 19

_INSERT = (
    "INSERT INTO processes (processid, colonyid, submitterid, executortype, func, label, latestkey, spec, place, "
    "submitted, submissiontime, retryof, text, assigneeid, state, attempt, retries, starttime, endtime, waitdeadline, "
    f"execdeadline, due, out, errors, attributes, history, cause) VALUES ({', '.join('?' * 27)}) ON CONFLICT DO NOTHING"
)
_SET = (
    "state = ?, attempt = ?, retries = ?, starttime = ?, endtime = ?, waitdeadline = ?, execdeadline = ?, due = ?, "
    "out = ?, errors = ?, attributes = ?, history = ?, cause = ?"
)
_UPDATE = f"UPDATE processes SET {_SET} WHERE processid = ?"
# Apart: to name a column is to write its indexes again, and of an assignee every second move changes nothing.
_ASSIGN = f"UPDATE processes SET assigneeid = ?, {_SET} WHERE processid = ?"
_UPDATE_TEXT = "UPDATE processes SET text = ? WHERE processid = ?"

Row = tuple[Any, ...]

_spec = Decoder(ProcessSpec)
_values = Decoder(list[Any])
_texts = Decoder(list[str])
_attributes = Decoder(list[Attribute])
_history = Decoder(list[Attempt])
_pack = Encoder().encode


class Stored(NamedTuple):
    process: Process
    place: int


def process_of(row: Row) -> Process:
    """The process of a row of SELECT."""
    return Process(
        processid=row[0],
        colonyid=row[1],
        submitterid=row[2],
        spec=_spec.decode(row[3]),
        state=State(row[4]),
        assigneeid=row[5],
        attempt=row[6],
        retries=row[7],
        submissiontime=row[8],
        starttime=row[9],
        endtime=row[10],
        waitdeadline=row[11],
        execdeadline=row[12],
        out=_values.decode(row[13]),
        errors=_texts.decode(row[14]),
        attributes=_attributes.decode(row[15]),
        history=_history.decode(row[16]),
        retryof=row[17],
    )


def size_of(row: Row) -> int:
    """About how many bytes the process of a row takes on the wire: its blobs, and the ids and numbers beside them."""
    return len(row[3]) + len(row[13]) + len(row[14]) + len(row[15]) + len(row[16]) + 640


def _mutable(process: Process) -> Row:
    """What a move may change, besides the assignee, in the order of the statements."""
    return (
        int(process.state),
        process.attempt,
        process.retries,
        process.starttime,
        process.endtime,
        process.waitdeadline,
        process.execdeadline,
        rules.due(process) or None,
        _pack(process.out),
        _pack(process.errors),
        _pack(process.attributes),
        _pack(process.history),
        cause_of(process.errors) if process.state == State.FAILED else "",
    )


def causes(packed: bytes) -> str:
    """`cause_of` for the column of errors."""
    return cause_of(_texts.decode(packed))


def read(db: sqlite3.Connection, processid: str) -> Stored | None:
    row = db.execute(SELECT + "WHERE processid = ?", (processid,)).fetchone()
    return Stored(process_of(row), row[PLACE]) if row else None


def insert(db: sqlite3.Connection, process: Process, place: int) -> bool:
    """Add a process, in its lanes when it waits; False when its id is taken."""
    spec = process.spec
    fixed = (
        process.processid,
        process.colonyid,
        process.submitterid,
        spec.conditions.executortype,
        spec.func,
        spec.label,
        spec.latestkey,
        _pack(spec),
        place,
        submitted_us(process, place),
        process.submissiontime,
        process.retryof,
        searchable(process),
        process.assigneeid,
    )
    if db.execute(_INSERT, fixed + _mutable(process)).rowcount == 0:
        return False
    _enter_lanes(db, process, place)
    return True


def write(db: sqlite3.Connection, before: Stored, after: Process) -> None:
    """Put what a process became in the place of what it was, and keep its lanes right."""
    process, place = before
    _leave_lanes(db, process, place)
    if after.assigneeid == process.assigneeid:
        db.execute(_UPDATE, (*_mutable(after), after.processid))
    else:
        db.execute(_ASSIGN, (after.assigneeid, *_mutable(after), after.processid))
    if after.errors != process.errors:
        db.execute(_UPDATE_TEXT, (searchable(after), after.processid))
    _enter_lanes(db, after, place)


def _enter_lanes(db: sqlite3.Connection, process: Process, place: int) -> None:
    if process.state != State.WAITING:
        return
    row = (place, process.processid, submitted_us(process, place), process.waitdeadline)
    for lane in lanes_of(process.colonyid, process.spec.conditions):
        db.execute("INSERT INTO lanes VALUES (?, ?, ?, ?, ?)", (lane, *row))


def _leave_lanes(db: sqlite3.Connection, process: Process, place: int) -> None:
    if process.state != State.WAITING:
        return
    for lane in lanes_of(process.colonyid, process.spec.conditions):
        key = (lane, place, process.processid)
        db.execute("DELETE FROM lanes WHERE lane = ? AND place = ? AND processid = ?", key)
