"""What moves change in the figures that a store keeps beside the processes.

Pure: a move and what was answered to it go in, and changes come out, summed up, so that a
store writes a handful of numbers a batch. How many processes there are by type and state;
how many ended in each slot of ten seconds; and the failed ones, in groups of one cause.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, NamedTuple

from colonies.wire.model import Process, State

from .base import SLOT_MS
from .moves import Changed, Move, Outcome, Remove, RemoveColony, Submitted
from .text import cause_of


class CountKey(NamedTuple):
    colonyid: str
    executortype: str
    state: int


class SlotKey(NamedTuple):
    colonyid: str
    time: int
    executortype: str
    state: int


class GroupKey(NamedTuple):
    colonyid: str
    cause: str
    executortype: str
    func: str


@dataclass(slots=True)
class GroupChange:
    """failed: how many came to it; first, last: when (ms); processid: of the last. removed: ids of those that went."""

    failed: int = 0
    first: int = 0
    last: int = 0
    processid: str = ""
    removed: set[str] = field(default_factory=set)

    def add(self, process: Process) -> None:
        time = process.endtime
        self.first = min(self.first, time) if self.failed else time
        if not self.failed or time >= self.last:
            self.last, self.processid = time, process.processid
        self.failed += 1


class Figures:
    """Changes that are not yet written. Empty: false."""

    __slots__ = ("_moved", "failures")

    def __init__(self) -> None:
        # How many of a type went from one state (None: from nowhere) into another (None: to nowhere), and in which slot
        # if they ended. Taken apart only when it is asked for: many moves of a batch are alike.
        self._moved: dict[tuple[str, str, State | None, State | None, int], int] = {}
        self.failures: dict[GroupKey, GroupChange] = {}

    def __bool__(self) -> bool:
        return bool(self._moved or self.failures)

    @property
    def counts(self) -> dict[CountKey, int]:
        counts: dict[CountKey, int] = {}
        for (colonyid, kind, before, after, _), number in self._moved.items():
            for state, change in ((before, -number), (after, number)):
                if state is not None:
                    key = CountKey(colonyid, kind, state)
                    counts[key] = counts.get(key, 0) + change
        return counts

    @property
    def finished(self) -> dict[SlotKey, int]:
        finished: dict[SlotKey, int] = {}
        for (colonyid, kind, _, after, slot), number in self._moved.items():
            if after is not None and after in _COUNTED_IN_SLOTS:
                key = SlotKey(colonyid, slot, kind, after)
                finished[key] = finished.get(key, 0) + number
        return finished

    def note(self, move: Move[Any], outcome: Outcome[Any]) -> None:
        """Add what this move changed; nothing when it was refused, was a repeat, or is about no process."""
        if isinstance(outcome, Changed):
            before, after = outcome
            if before.state != after.state:
                self._move(after, before.state, after.state)
        elif isinstance(outcome, Submitted):
            if not outcome.repeated:
                self._move(outcome.process, None, outcome.process.state)
            for older in outcome.superseded:
                self._move(older, _WAITING, older.state)
        elif isinstance(outcome, Process):
            if isinstance(move, Remove):
                self._leave(outcome)
            else:
                self._move(outcome, _WAITING, outcome.state)
        elif isinstance(move, RemoveColony):
            self.forget(move.colonyid)

    def forget(self, colonyid: str) -> None:
        """Drop what was noted of a colony: it is gone, with its figures."""
        self._moved = {key: number for key, number in self._moved.items() if key[0] != colonyid}
        self.failures = {key: change for key, change in self.failures.items() if key.colonyid != colonyid}

    def _move(self, process: Process, before: State | None, after: State | None) -> None:
        slot = slot_of(process.endtime) if after in _COUNTED_IN_SLOTS else 0
        key = (process.colonyid, process.spec.conditions.executortype, before, after, slot)
        self._moved[key] = self._moved.get(key, 0) + 1
        if after == _FAILED:
            self.failures.setdefault(group_of(process), GroupChange()).add(process)

    def _leave(self, process: Process) -> None:
        self._move(process, process.state, None)
        if process.state == _FAILED:
            self.failures.setdefault(group_of(process), GroupChange()).removed.add(process.processid)


# Members of an enum are looked up by a function call each time.
_WAITING = State.WAITING
_FAILED = State.FAILED
_COUNTED_IN_SLOTS = (State.SUCCESSFUL, State.FAILED)


def slot_of(time: int) -> int:
    return time - time % SLOT_MS


def group_of(process: Process) -> GroupKey:
    spec = process.spec
    return GroupKey(process.colonyid, cause_of(process.errors), spec.conditions.executortype, spec.func)
