"""Processes as rows of the SQLite store, and back.

What a move may change has a column of its own; the spec, which never changes, is one blob
that is written once. Every statement is a constant, so that SQLite compiles it once. Blobs
are MessagePack, read straight into the nouns.
"""

from __future__ import annotations

import sqlite3
from typing import Any, NamedTuple

from msgspec.msgpack import Decoder, Encoder

from colonies.wire.model import Attempt, Process, State

from . import rules
from .lanes import submitted_us
from .packed import attributes_of, spec_of
from .sqlite_many import Row, in_one_row, with_values
from .text import cause_of, searchable

_COLUMNS = (
    "processid, colonyid, submitterid, spec, state, assigneeid, attempt, retries, submissiontime, starttime, "
    "endtime, waitdeadline, execdeadline, out, errors, attributes, history, retryof, place, submitted"
)
SELECT = f"SELECT {_COLUMNS} FROM processes "
_BLOBS = (3, 13, 14, 15, 16)
# The same in one row; each of these is turned back with `unpacked`.
SELECT_PACKED = (
    "SELECT "
    + in_one_row(", ".join(f"hex({name})" if at in _BLOBS else name for at, name in enumerate(_COLUMNS.split(", "))))
    + " FROM processes "
)
PLACE, SUBMITTED = 18, 19

INSERT = with_values(
    "INSERT INTO processes (processid, colonyid, submitterid, executortype, func, label, latestkey, spec, place, "
    "submitted, submissiontime, retryof, text, assigneeid, state, attempt, retries, starttime, endtime, waitdeadline, "
    "execdeadline, due, out, errors, attributes, history, cause)",
    27,
    "ON CONFLICT DO NOTHING",
)
# A text that is not written is given as NULL: it is made of what never changes, and of errors.
_SET = (
    "UPDATE processes SET text = coalesce(column2, text), state = column3, attempt = column4, retries = column5, "
    "starttime = column6, endtime = column7, waitdeadline = column8, execdeadline = column9, due = column10, "
    "out = column11, errors = column12, attributes = column13, history = column14, cause = column15"
)
_OF_BATCH = ") AS batch WHERE processid = column1"
UPDATE = with_values(_SET + " FROM (", 15, _OF_BATCH)
# Apart: to name a column is to write its indexes again, and of an assignee every second move changes nothing.
ASSIGN = with_values(_SET + ", assigneeid = column16 FROM (", 16, _OF_BATCH)

_values = Decoder(list[Any])
_texts = Decoder(list[str])
_history = Decoder(list[Attempt])
_pack = Encoder().encode


_EMPTY = b"\x90"  # a list with nothing in it, as most of them are
_EMPTY_HEX = _EMPTY.hex()
_FAILED = State.FAILED  # a member of an enum is looked up by a function call each time
_ROW = 640
_STATES = tuple(State(number) for number in range(len(State)))


class Stored(NamedTuple):
    """A process as it is in its row. size: as `size_of` says; spec_size: that of its spec, which never changes."""

    process: Process
    place: int
    spec_size: int
    size: int


def stored_of(row: Row) -> Stored:
    """What a row of SELECT holds."""
    return Stored(process_of(row), row[PLACE], len(row[3]), size_of(row))


def process_of(row: Row) -> Process:
    """The process of a row of SELECT."""
    return Process(
        processid=row[0],
        colonyid=row[1],
        submitterid=row[2],
        spec=spec_of(row[3]),
        state=_STATES[row[4]],
        assigneeid=row[5],
        attempt=row[6],
        retries=row[7],
        submissiontime=row[8],
        starttime=row[9],
        endtime=row[10],
        waitdeadline=row[11],
        execdeadline=row[12],
        out=[] if row[13] == _EMPTY else _values.decode(row[13]),
        errors=[] if row[14] == _EMPTY else _texts.decode(row[14]),
        attributes=[] if row[15] == _EMPTY else attributes_of(row[15]),
        history=[] if row[16] == _EMPTY else _history.decode(row[16]),
        retryof=row[17],
    )


def size_of(row: Row) -> int:
    """About how many bytes the process of a row takes on the wire: its blobs, and the ids and numbers beside them."""
    return len(row[3]) + len(row[13]) + len(row[14]) + len(row[15]) + len(row[16]) + _ROW


def causes(packed: bytes) -> str:
    """`cause_of` for the column of errors."""
    return cause_of(_texts.decode(packed))


def unpacked(found: list[Any]) -> Row:
    """The row of SELECT for one of SELECT_PACKED."""
    for at in _BLOBS:
        found[at] = _EMPTY if found[at] == _EMPTY_HEX else bytes.fromhex(found[at])
    return tuple(found)


def read(db: sqlite3.Connection, processid: str) -> Stored | None:
    row = db.execute(SELECT + "WHERE processid = ?", (processid,)).fetchone()
    return stored_of(row) if row else None


def to_insert(process: Process, place: int) -> tuple[Row, Stored]:
    """The row for INSERT, and what is stored by it."""
    spec, packed = process.spec, _pack(process.spec)
    mutable, size = _mutable(process)
    row = (
        process.processid,
        process.colonyid,
        process.submitterid,
        spec.conditions.executortype,
        spec.func,
        spec.label,
        spec.latestkey,
        packed,
        place,
        submitted_us(process, place),
        process.submissiontime,
        process.retryof,
        searchable(process),
        process.assigneeid,
        *mutable,
    )
    return row, Stored(process, place, len(packed), len(packed) + size)


def to_update(before: Stored, after: Process) -> tuple[Row, Stored]:
    """The row for ASSIGN where the assignee is another, for UPDATE where it is the same; and what is stored by it."""
    mutable, size = _mutable(after)
    text = searchable(after) if after.errors != before.process.errors else None
    row = (after.processid, text, *mutable)
    if after.assigneeid != before.process.assigneeid:
        row = (*row, after.assigneeid)
    return row, Stored(after, before.place, before.spec_size, before.spec_size + size)


def _mutable(process: Process) -> tuple[Row, int]:
    """What a move may change, besides the assignee, in the order of the statements; and its size, without the spec."""
    out = _pack(process.out) if process.out else _EMPTY
    errors = _pack(process.errors) if process.errors else _EMPTY
    attributes = _pack(process.attributes) if process.attributes else _EMPTY
    history = _pack(process.history) if process.history else _EMPTY
    row = (
        int(process.state),
        process.attempt,
        process.retries,
        process.starttime,
        process.endtime,
        process.waitdeadline,
        process.execdeadline,
        rules.due(process) or None,
        out,
        errors,
        attributes,
        history,
        cause_of(process.errors) if process.state == _FAILED else "",
    )
    return row, len(out) + len(errors) + len(attributes) + len(history) + _ROW
