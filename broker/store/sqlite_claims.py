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
from .sqlite_draft import Draft, Entry
from .sqlite_kept import Kept
from .sqlite_many import Row, all_of
from .sqlite_rows import Stored, read

_WAITING = "FROM lanes WHERE lane = ? AND (waitdeadline = 0 OR waitdeadline > ?)"
_OLDEST = f"SELECT lane, place, processid {_WAITING} ORDER BY place, processid LIMIT ?"
_LATEST = f"SELECT lane, -submitted, processid {_WAITING} ORDER BY submitted DESC LIMIT ?"
_LOOK = {False: all_of(_OLDEST), True: all_of(_LATEST)}
_NO_LANE: Row = ("", 0, 0)

Standing: TypeAlias = tuple[int, str]  # where a process stands in an order, and its id


class Claims:
    """The claims of a batch. Who gets what is settled when it is made; what one of them passes over all pass over."""

    def __init__(self, draft: Draft, moves: Sequence[Claim]) -> None:
        self._draft = draft
        self._now = max((move.now for move in moves), default=0)
        self._lines: dict[tuple[str, bool], list[Standing]] = {}  # of a lane in one order; who is first stands last
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
        left = {lane for (lane, _), line in self._lines.items() if any(who not in self._taken for _, who in line)}
        for lane in self._known - left:
            kept.note_empty(lane, self._now)

    def _look(self, moves: Sequence[Claim]) -> None:
        wanted = Counter(lane for move in moves for lane in move.lanes)
        hidden = self._line_up({(lane, move.latest) for move in moves for lane in move.lanes})
        unknown = [key for key in self._lines if not self._draft.kept.is_empty(key[0], self._now)]
        # What waits for named executors may be taken through another lane than this one.
        limits = {lane: (wanted[lane] if _is_of_type(lane) else len(moves)) + hidden[lane] + 1 for lane, _ in unknown}
        for latest, look in _LOOK.items():
            asked = [(lane, self._now, limits[lane]) for lane, is_latest in unknown if is_latest is latest]
            if asked:
                self._read(look.read(self._draft.transaction.db, asked, filling=_NO_LANE), limits, latest=latest)
        for line in self._lines.values():
            line.sort(reverse=True)

    def _line_up(self, keys: set[tuple[str, bool]]) -> Counter[str]:
        """Put what waits by the draft into its lines, and count in each lane what stands there and is in the draft."""
        self._lines = {key: [] for key in sorted(keys)}
        hidden: Counter[str] = Counter()
        for entry in self._draft.entries.values():
            hidden.update(_lanes(entry.before))
            process = entry.after
            if process is None or 0 < process.waitdeadline <= self._now:
                continue
            for lane in _lanes(process):
                for latest in (False, True):
                    if (lane, latest) in keys:
                        self._lines[lane, latest].append(_standing(process, entry, latest=latest))
        return hidden

    def _read(self, rows: Sequence[Row], limits: dict[str, int], *, latest: bool) -> None:
        found = Counter(row[0] for row in rows)
        for lane, is_latest in self._lines:
            if is_latest is latest and lane in limits and found[lane] < limits[lane]:
                self._known.add(lane)
        for lane, where, processid in rows:
            if processid not in self._draft.entries:
                self._lines[lane, latest].append((where, processid))

    def _choose(self, move: Claim) -> str | None:
        firsts = [line for lane in move.lanes if (line := self._first_in(lane, move.latest))]
        if not firsts:
            return None
        _, processid = min(firsts, key=_last)[-1]
        self._taken.add(processid)
        return processid

    def _first_in(self, lane: str, latest: bool) -> list[Standing]:
        """The line without those at its head that are taken."""
        line = self._lines[lane, latest]
        while line and line[-1][1] in self._taken:
            line.pop()
        return line


def _last(line: list[Standing]) -> Standing:
    return line[-1]


def _is_of_type(lane: str) -> bool:
    """Whether what waits in this lane waits in no other one."""
    return lane.partition("/")[2].startswith("type:")


def _lanes(process: Process | None) -> tuple[str, ...]:
    """The lanes in which it stands: none unless it waits."""
    if process is None or process.state != State.WAITING:
        return ()
    return lanes_of(process.colonyid, process.spec.conditions)


def _standing(process: Process, entry: Entry, *, latest: bool) -> Standing:
    return (-submitted_us(process, entry.place) if latest else entry.place), process.processid


def first_in(db: sqlite3.Connection, lanes: Sequence[str], *, now: int) -> Stored | None:
    """The process that stands first in these lanes."""
    found = _LOOK[False].read(db, [(lane, now, 1) for lane in lanes], filling=_NO_LANE)
    return read(db, min(row[1:] for row in found)[1]) if found else None
