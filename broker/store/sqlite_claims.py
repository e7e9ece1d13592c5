"""Claims in SQLite: one look into all lanes that a batch asks for and that are not known to be empty.

What the batch itself put into a lane, or took out of it, is known from its draft alone.
"""

from __future__ import annotations

import sqlite3
from collections import Counter
from collections.abc import Sequence
from typing import TypeAlias

from colonies.wire.model import Process, State

from . import rules
from .lanes import lanes_of, submitted_us
from .moves import Claim
from .sqlite_draft import Draft
from .sqlite_kept import Kept
from .sqlite_many import Row, all_of
from .sqlite_rows import Stored, read

_WAITING = "FROM lanes WHERE lane = ? AND (waitdeadline = 0 OR waitdeadline > ?)"
_OLDEST = f"SELECT lane, place AS stands, processid {_WAITING} ORDER BY place, processid LIMIT ?"
_LATEST = f"SELECT lane, -submitted AS stands, processid {_WAITING} ORDER BY submitted DESC LIMIT ?"
_COLUMNS = "lane, stands, processid"
_LOOK = {False: all_of(_OLDEST, _COLUMNS), True: all_of(_LATEST, _COLUMNS)}
_NO_LANE: Row = ("", 0, 0)

Standing: TypeAlias = tuple[int, str]  # where a process stands in an order, and its id


_IS_WAITING = State.WAITING  # a member of an enum is looked up by a function call each time


class Claims:
    """The claims of a batch. Who gets what is settled when it is made; what one of them passes over all pass over."""

    def __init__(self, draft: Draft, moves: Sequence[Claim]) -> None:
        self._draft = draft
        self._now = max((move.now for move in moves), default=0)
        # By the order that is asked for, the lines of lanes in which anybody stands; who is first stands last.
        self._lines: dict[bool, dict[str, list[Standing]]] = {False: {}, True: {}}
        self._known: set[str] = set()  # lanes that were looked at to their end
        self._taken: set[str] = set()
        if moves:
            self._look(moves)
        chosen = [self._choose(move) for move in moves]
        draft.find(processid for processid in chosen if processid)
        self._chosen = iter(chosen)

    def do(self, move: Claim) -> Process | None:
        """Do the next claim, in the order in which they were given."""
        processid = next(self._chosen)
        if processid is None:
            return None
        entry, process = self._draft.waiting(processid)
        entry.after = rules.claimed(process, executorid=move.executorid, now=move.now, claimid=move.claimid)
        return entry.after

    def note(self, kept: Kept) -> None:
        """Remember which lanes all was taken from."""
        for lane in self._known:
            lines = [lines[lane] for lines in self._lines.values() if lane in lines]
            if all(who in self._taken for line in lines for _, who in line):
                kept.note_empty(lane, self._now)

    def _look(self, moves: Sequence[Claim]) -> None:
        hidden = self._line_up()
        asked = Counter((move.lanes, move.latest) for move in moves)  # many are alike
        wanted: Counter[str] = Counter()
        for (lanes, _), number in asked.items():
            wanted.update(dict.fromkeys(lanes, number))
        is_empty = self._draft.kept.is_empty
        for latest in (False, True):
            limits = {
                # What waits for named executors may be taken through another lane than this one.
                lane: (wanted[lane] if _is_of_type(lane) else len(moves)) + hidden[lane] + 1
                for lanes, is_latest in asked
                if is_latest is latest
                for lane in lanes
                if not is_empty(lane, self._now)
            }
            self._read(limits, latest=latest)
            for line in self._lines[latest].values():
                line.sort(reverse=True)

    def _line_up(self) -> Counter[str]:
        """Put what waits by the draft into its lines, and count in each lane what stands there and is in the draft."""
        hidden: Counter[str] = Counter()
        for entry in self._draft.entries.values():
            if entry.before and entry.before.state == _IS_WAITING:
                hidden.update(_lanes(entry.before))
            process = entry.after
            if process is None or process.state != _IS_WAITING or 0 < process.waitdeadline <= self._now:
                continue
            submitted = submitted_us(process, entry.place)
            for lane in _lanes(process):
                self._lines[False].setdefault(lane, []).append((entry.place, process.processid))
                self._lines[True].setdefault(lane, []).append((-submitted, process.processid))
        return hidden

    def _read(self, limits: dict[str, int], *, latest: bool) -> None:
        """Put what stands in these lanes, up to so many in each, into their lines."""
        if not limits:
            return
        asked = [(lane, self._now, limit) for lane, limit in limits.items()]
        rows = _LOOK[latest].read(self._draft.transaction.db, asked, filling=_NO_LANE)
        found = Counter(row[0] for row in rows)
        self._known.update(lane for lane, limit in limits.items() if found[lane] < limit)
        for lane, where, processid in rows:
            if processid not in self._draft.entries:
                self._lines[latest].setdefault(lane, []).append((where, processid))

    def _choose(self, move: Claim) -> str | None:
        firsts = []
        lines, taken = self._lines[move.latest], self._taken
        for lane in move.lanes:
            line = lines.get(lane)
            while line and line[-1][1] in taken:
                line.pop()
            if line:
                firsts.append(line[-1])
        if not firsts:
            return None
        _, processid = min(firsts)
        taken.add(processid)
        return processid


def _lanes(process: Process) -> tuple[str, ...]:
    return lanes_of(process.colonyid, process.spec.conditions)


def _is_of_type(lane: str) -> bool:
    """Whether what waits in this lane waits in no other one."""
    return lane.partition("/")[2].startswith("type:")


def first_in(db: sqlite3.Connection, lanes: Sequence[str], *, now: int) -> Stored | None:
    """The process that stands first in these lanes."""
    found = _LOOK[False].read(db, [(lane, now, 1) for lane in lanes], filling=_NO_LANE)
    return read(db, min(row[1:] for row in found)[1]) if found else None
