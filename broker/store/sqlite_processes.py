"""The moves on processes in SQLite, each inside the open transaction of its batch.

A move refuses before it writes, so a refusal leaves nothing to undo.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence

from colonies.wire import errors
from colonies.wire.model import MAX_LOG_LINES, Process, State

from . import rules
from .moves import AddLog, Change, Changed, Claim, Remove, Submit, Submitted
from .sqlite_rows import PLACE, SELECT, Stored, insert, process_of, read, write

_OLDEST = (
    "SELECT place, processid FROM lanes WHERE lane = ? AND (waitdeadline = 0 OR waitdeadline > ?) "
    "ORDER BY place, processid LIMIT 1"
)
_LATEST = (
    "SELECT -submitted, processid FROM lanes WHERE lane = ? AND (waitdeadline = 0 OR waitdeadline > ?) "
    "ORDER BY submitted DESC LIMIT 1"
)
# Said as the partial index says it, or SQLite does not use that index.
_OLDER = SELECT + "WHERE colonyid = ? AND latestkey = ? AND latestkey != '' AND state = 0 AND processid != ?"


def submit(db: sqlite3.Connection, move: Submit) -> Submitted:
    process = move.process
    if not insert(db, process, move.place):
        return _submitted_before(db, process)
    superseded = _supersede_older(db, process) if process.spec.latestkey else []
    return Submitted(process, superseded, False)


def _submitted_before(db: sqlite3.Connection, process: Process) -> Submitted:
    found = read(db, process.processid)
    if found is None or not rules.is_same_submission(found.process, process):
        raise rules.exists(process.processid)
    return Submitted(found.process, [], True)


def _supersede_older(db: sqlite3.Connection, process: Process) -> list[Process]:
    key = (process.colonyid, process.spec.latestkey, process.processid)
    db.execute("INSERT OR REPLACE INTO latestkeys VALUES (?, ?, ?)", key)
    superseded = []
    for row in db.execute(_OLDER, key).fetchall():
        older = Stored(process_of(row), row[PLACE])
        after = rules.superseded(older.process, by=process.processid, now=process.submissiontime)
        write(db, older, after)
        superseded.append(after)
    return superseded


def claim(db: sqlite3.Connection, move: Claim) -> Process | None:
    found = first_in(db, move.lanes, latest=move.latest, now=move.now)
    if found is None:
        return None
    after = rules.claimed(found.process, executorid=move.executorid, now=move.now, claimid=move.claimid)
    write(db, found, after)
    return after


def first_in(db: sqlite3.Connection, lanes: Sequence[str], *, latest: bool, now: int) -> Stored | None:
    """The process that stands first in these lanes, or was submitted latest: one probe a lane."""
    probe = _LATEST if latest else _OLDEST
    firsts = [row for lane in lanes if (row := db.execute(probe, (lane, now)).fetchone())]
    return read(db, min(firsts)[1]) if firsts else None


def change(db: sqlite3.Connection, move: Change) -> Changed:
    found = _in_colony(db, move.colonyid, move.processid)
    before = found.process
    after = move.change(before)
    if after is before:
        return Changed(before, before)
    if before.state == State.RUNNING and after.state == State.WAITING and after.spec.latestkey:
        after = _unless_outdated(db, after, move.now)
    write(db, found, after)
    return Changed(before, after)


def _unless_outdated(db: sqlite3.Connection, process: Process, now: int) -> Process:
    key = (process.colonyid, process.spec.latestkey)
    row = db.execute("SELECT processid FROM latestkeys WHERE colonyid = ? AND latestkey = ?", key).fetchone()
    is_outdated = row and row[0] != process.processid
    return rules.superseded(process, by=row[0], now=now) if is_outdated else process


def remove(db: sqlite3.Connection, move: Remove) -> Process:
    process = _in_colony(db, move.colonyid, move.processid).process
    if not rules.is_removable(process, by=move.ended_by):
        raise rules.wrong_state(process, "removed")
    db.execute("DELETE FROM processes WHERE processid = ?", (move.processid,))
    db.execute("DELETE FROM logs WHERE processid = ?", (move.processid,))
    return process


def add_log(db: sqlite3.Connection, move: AddLog) -> int:
    process = _in_colony(db, move.colonyid, move.processid).process
    rules.refuse_unless_held(process, executorid=move.executorid, attempt=None, now=move.now)
    last: int = db.execute("SELECT max(seq) FROM logs WHERE processid = ?", (move.processid,)).fetchone()[0] or 0
    if last >= MAX_LOG_LINES:
        raise errors.TooLarge(f"the log of process {move.processid} has {last} lines, no more are taken")
    line = (move.processid, last + 1, move.now, process.attempt, move.executorid, move.message)
    db.execute("INSERT INTO logs VALUES (?, ?, ?, ?, ?, ?)", line)
    return last + 1


def _in_colony(db: sqlite3.Connection, colonyid: str, processid: str) -> Stored:
    found = read(db, processid)
    if found is None or found.process.colonyid != colonyid:
        raise rules.not_found(processid)
    return found
