"""What became of the processes of a batch, written: one statement a table, whatever the number of moves."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable
from typing import NamedTuple

from colonies.wire.model import Process, State

from .lanes import lanes_of, submitted_us
from .sqlite_draft import Draft, Entry
from .sqlite_kept import Kept
from .sqlite_many import Many, Row, json_text, with_values
from .sqlite_rows import ASSIGN, INSERT, UPDATE, Stored, to_insert, to_update

_ENTER = with_values("INSERT INTO lanes", 5, "ON CONFLICT DO NOTHING")
# Values have no type of their own, and without one SQLite compares them by no index: it walks over the whole table.
_LEAVE = with_values(
    "DELETE FROM lanes WHERE (lane, place, processid) IN (SELECT CAST(column1 AS TEXT), CAST(column2 AS INTEGER), "
    "CAST(column3 AS TEXT) FROM (",
    3,
    ") AS batch)",
)
_FILL_KEYS = with_values("INSERT OR REPLACE INTO latestkeys", 3)
_ADD_LINES = with_values("INSERT INTO logs", 6, "ON CONFLICT DO NOTHING")
_REMOVE = "DELETE FROM processes WHERE processid IN (SELECT value FROM json_each(?) AS batch)"
_REMOVE_LINES = "DELETE FROM logs WHERE processid IN (SELECT value FROM json_each(?) AS batch)"


_WAITING = State.WAITING  # a member of an enum is looked up by a function call each time


class IdsTaken(Exception):
    """Processes were submitted as new of which some are stored."""


class Written(NamedTuple):
    """What is in the file once the transaction is committed."""

    stored: list[Stored]
    removed: list[str]
    entered: list[str]  # lanes

    def note(self, kept: Kept) -> None:
        for stored in self.stored:
            kept.note(stored)
        for processid in self.removed:
            kept.forget(processid)
        kept.note_entered(self.entered)


def write(draft: Draft) -> Written:
    """Write a draft inside its transaction; an unchanged one costs no statement."""
    entries = [entry for entry in draft.entries.values() if entry.after is not entry.before]
    written = Written([], [], [])
    if not (entries or draft.lines):
        return written
    db = draft.transaction.db
    _insert(db, entries, written)
    _update(db, entries, written)
    _remove(db, entries, written)
    _move_in_lanes(db, entries, written)
    _FILL_KEYS.write(db, [(*key, processid) for key, processid in draft.newest.items()])
    _ADD_LINES.write(db, draft.lines)
    return written


def _insert(db: sqlite3.Connection, entries: Iterable[Entry], written: Written) -> None:
    rows = []
    for entry in entries:
        if entry.stored is None and entry.after:
            row, stored = to_insert(entry.after, entry.place)
            rows.append(row)
            written.stored.append(stored)
    if INSERT.write(db, rows) != len(rows):
        raise IdsTaken


def _update(db: sqlite3.Connection, entries: Iterable[Entry], written: Written) -> None:
    kept: list[Row] = []
    assigned: list[Row] = []
    for entry in entries:
        if entry.stored and entry.after:
            row, stored = to_update(entry.stored, entry.after)
            is_same = entry.after.assigneeid == entry.stored.process.assigneeid
            (kept if is_same else assigned).append(row)
            written.stored.append(stored)
    _write_all(db, UPDATE, kept)
    _write_all(db, ASSIGN, assigned)


def _write_all(db: sqlite3.Connection, statement: Many, rows: list[Row]) -> None:
    number = statement.write(db, rows)
    if number != len(rows):
        raise RuntimeError(f"{number} of {len(rows)} processes were written; what is stored is not what was read")


def _remove(db: sqlite3.Connection, entries: Iterable[Entry], written: Written) -> None:
    written.removed.extend(entry.stored.process.processid for entry in entries if entry.stored and not entry.after)
    if written.removed:
        for statement in (_REMOVE, _REMOVE_LINES):
            db.execute(statement, (json_text(written.removed),))


def _move_in_lanes(db: sqlite3.Connection, entries: Iterable[Entry], written: Written) -> None:
    left: list[Row] = []
    entered: list[Row] = []
    for entry in entries:
        if entry.before and entry.before.state == _WAITING:
            left += _lane_rows(entry.before, entry.place)
        if entry.after and entry.after.state == _WAITING:
            entered += _lane_rows(entry.after, entry.place)
    _LEAVE.write(db, [row[:3] for row in left])
    _ENTER.write(db, entered)
    written.entered.extend(row[0] for row in entered)


def _lane_rows(process: Process, place: int) -> list[Row]:
    behind = (place, process.processid, submitted_us(process, place), process.waitdeadline)
    return [(lane, *behind) for lane in lanes_of(process.colonyid, process.spec.conditions)]
