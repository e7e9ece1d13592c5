"""The moves on processes in SQLite, except claims: applied to the draft of their batch.

A move refuses before it changes the draft, so a refusal leaves nothing to undo.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, TypeAlias

from colonies.wire import errors
from colonies.wire.model import MAX_LOG_LINES, Process, State

from . import rules
from .moves import AddLog, Change, Changed, Outcome, Remove, Submit, Submitted
from .refusals import no_colony
from .sqlite_draft import Draft, Entry
from .sqlite_many import in_one_row, json_text, out_of_one_row, with_values
from .sqlite_members import there
from .sqlite_rows import SELECT_PACKED, stored_of, unpacked

Step: TypeAlias = Change | AddLog | Remove

# Said as the partial index says it, or SQLite does not use that index.
_OLDER = with_values(
    SELECT_PACKED + "JOIN (",
    2,
    ") AS batch ON colonyid = column1 AND latestkey = column2 WHERE latestkey != '' AND state = 0",
)
_NEWEST = with_values(
    f"SELECT {in_one_row('colonyid, latestkey, processid')} FROM latestkeys JOIN (",
    2,
    ") AS batch ON colonyid = column1 AND latestkey = column2",
)
_LAST_LINES = (
    f"SELECT {in_one_row('value, (SELECT max(seq) FROM logs WHERE processid = value)')} FROM json_each(?) AS batch"
)


class Submits:
    """The submits of a batch.

    looks  whether to look first which of them are stored. Without, `sqlite_writes.IdsTaken` is raised at the end if
           any is: hardly ever, and a look at each costs a tenth of its submit.
    """

    def __init__(self, draft: Draft, moves: Sequence[Submit], *, looks: bool) -> None:
        self._draft = draft
        self._gone = self._find_gone({move.process.colonyid for move in moves})
        draft.find((move.process.processid for move in moves), reads=looks)
        keys = {_key(move.process): () for move in moves if move.process.spec.latestkey}
        for row in _OLDER.read(draft.transaction.db, list(keys)) if keys else ():
            draft.add(stored_of(unpacked(row)))
        self._waiting: dict[tuple[str, str], list[Entry]] = {key: [] for key in keys}
        for entry in draft.entries.values() if keys else ():
            if entry.after and _key(entry.after) in keys:
                self._waiting[_key(entry.after)].append(entry)

    def _find_gone(self, colonyids: set[str]) -> set[str]:
        """Which of these colonies are gone. Asked only of those that were removed lately: others are there."""
        kept = self._draft.kept
        doubted = {colonyid for colonyid in colonyids if kept.may_be_removed(colonyid)}
        if not doubted:
            return doubted
        found = there(self._draft.transaction.db, doubted)
        for colonyid in found:  # it was added anew
            kept.note_there(colonyid)
        return doubted - found

    def do(self, move: Submit) -> Submitted:
        process = move.process
        if process.colonyid in self._gone:
            raise no_colony(process.colonyid)
        stored = self._draft.entries.get(process.processid)
        if stored and stored.after:
            if not rules.is_same_submission(stored.after, process):
                raise rules.exists(process.processid)
            return Submitted(stored.after, [], True)
        entry = self._draft.entries[process.processid] = Entry(None, process, move.place)
        return Submitted(process, self._supersede_older(entry, process) if process.spec.latestkey else [], False)

    def _supersede_older(self, new: Entry, process: Process) -> list[Process]:
        key = _key(process)
        self._draft.newest[key] = process.processid
        superseded = []
        for older in self._waiting[key]:
            if older.after and older.after.state == State.WAITING:
                older.after = rules.superseded(older.after, by=process.processid, now=process.submissiontime)
                superseded.append(older.after)
        self._waiting[key] = [new]
        return superseded


class Steps:
    """What a batch does with processes that are stored, in its order."""

    def __init__(self, draft: Draft, moves: Sequence[Step]) -> None:
        self._draft = draft
        self._moves = moves
        self._newest: dict[tuple[str, str], str] | None = None
        draft.find(move.processid for move in moves)
        logged = list({move.processid: () for move in moves if isinstance(move, AddLog)})
        self._last_lines = self._read_last_lines(logged) if logged else {}

    def do(self, move: Step) -> Outcome[Any]:
        if isinstance(move, AddLog):
            return self._add_log(move)
        if isinstance(move, Remove):
            return self._remove(move)
        return self._change(move)

    def _change(self, move: Change) -> Changed:
        entry, before = self._draft.there(move.colonyid, move.processid)
        after = move.change(before)
        if before.state == State.RUNNING and after.state == State.WAITING and after.spec.latestkey:
            after = self._unless_outdated(after, move.now)
        entry.after = after
        return Changed(before, after)

    def _unless_outdated(self, process: Process, now: int) -> Process:
        newest = self._read_newest().get(_key(process), process.processid)
        return process if newest == process.processid else rules.superseded(process, by=newest, now=now)

    def _read_newest(self) -> dict[tuple[str, str], str]:
        """The newest process of each latestkey of this batch: read once, when it matters for the first time."""
        if self._newest is None:
            there = [self._draft.entries.get(move.processid) for move in self._moves]
            keys = {_key(entry.after): () for entry in there if entry and entry.after and entry.after.spec.latestkey}
            rows = _NEWEST.read(self._draft.transaction.db, list(keys))
            self._newest = {(row[0], row[1]): row[2] for row in rows} | self._draft.newest
        return self._newest

    def _remove(self, move: Remove) -> Process:
        entry, process = self._draft.there(move.colonyid, move.processid)
        if not rules.is_removable(process, by=move.ended_by):
            raise rules.wrong_state(process, "removed")
        entry.after = None
        return process

    def _add_log(self, move: AddLog) -> int:
        _, process = self._draft.there(move.colonyid, move.processid)
        rules.refuse_unless_held(process, executorid=move.executorid, attempt=None, now=move.now)
        last = self._last_lines[move.processid]
        if last >= MAX_LOG_LINES:
            raise errors.TooLarge(f"the log of process {move.processid} has {last} lines, no more are taken")
        self._last_lines[move.processid] = last + 1
        line = (move.processid, last + 1, move.now, process.attempt, move.executorid, move.message)
        self._draft.lines.append(line)
        return last + 1

    def _read_last_lines(self, processids: Sequence[str]) -> dict[str, int]:
        rows = self._draft.transaction.db.execute(_LAST_LINES, (json_text(processids),))
        return {row[0]: row[1] or 0 for row in out_of_one_row(rows)}


def _key(process: Process) -> tuple[str, str]:
    return process.colonyid, process.spec.latestkey
