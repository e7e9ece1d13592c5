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

    __slots__ = ("counts", "failures", "finished")

    def __init__(self) -> None:
        self.counts: dict[CountKey, int] = {}
        self.finished: dict[SlotKey, int] = {}
        self.failures: dict[GroupKey, GroupChange] = {}

    def __bool__(self) -> bool:
        return bool(self.counts or self.finished or self.failures)

    def note(self, move: Move[Any], outcome: Outcome[Any]) -> None:
        """Add what this move changed; nothing when it was refused, was a repeat, or is about no process."""
        if isinstance(outcome, Changed):
            if outcome.before.state != outcome.after.state:
                self._enter(outcome.after, before=outcome.before.state)
        elif isinstance(outcome, Submitted):
            if not outcome.repeated:
                self._enter(outcome.process, before=None)
            for older in outcome.superseded:
                self._enter(older, before=State.WAITING)
        elif isinstance(outcome, Process):
            if isinstance(move, Remove):
                self._leave(outcome)
            else:
                self._enter(outcome, before=State.WAITING)
        elif isinstance(move, RemoveColony):
            self.forget(move.colonyid)

    def forget(self, colonyid: str) -> None:
        """Drop what was noted of a colony: it is gone, with its figures."""
        self.counts = {key: number for key, number in self.counts.items() if key.colonyid != colonyid}
        self.finished = {key: number for key, number in self.finished.items() if key.colonyid != colonyid}
        self.failures = {key: change for key, change in self.failures.items() if key.colonyid != colonyid}

    def _enter(self, process: Process, *, before: State | None) -> None:
        colonyid, kind, state = process.colonyid, process.spec.conditions.executortype, process.state
        if before is not None:
            self._count(CountKey(colonyid, kind, before), -1)
        self._count(CountKey(colonyid, kind, state), 1)
        if state not in (State.SUCCESSFUL, State.FAILED):
            return
        slot = SlotKey(colonyid, slot_of(process.endtime), kind, state)
        self.finished[slot] = self.finished.get(slot, 0) + 1
        if state == State.FAILED:
            self.failures.setdefault(group_of(process), GroupChange()).add(process)

    def _leave(self, process: Process) -> None:
        self._count(CountKey(process.colonyid, process.spec.conditions.executortype, process.state), -1)
        if process.state == State.FAILED:
            self.failures.setdefault(group_of(process), GroupChange()).removed.add(process.processid)

    def _count(self, key: CountKey, change: int) -> None:
        self.counts[key] = self.counts.get(key, 0) + change


def slot_of(time: int) -> int:
    return time - time % SLOT_MS


def group_of(process: Process) -> GroupKey:
    spec = process.spec
    return GroupKey(process.colonyid, cause_of(process.errors), spec.conditions.executortype, spec.func)
