"""Histories that nobody lived through: brokers that keep every promise in a few lines, and whatever a test changes of it.

Time passes with each step. Everything that is told is told rightly; `silently` makes a step of which nobody hears.
"""

from __future__ import annotations

import itertools
from dataclasses import dataclass, field
from typing import Any

from colonies.wire.model import State

from .history import Event, Try, What

WALL = 1_700_000_000_000  # ms, at second 0 of the history
STEP_SECONDS = 0.01


@dataclass
class Made:
    """One process as it is."""

    processid: str
    named: str = ""
    state: int = State.WAITING
    attempt: int = 0
    executorid: str = ""
    out: str = ""
    wall: int = 0
    tries: list[Try] = field(default_factory=list)

    def facts(self) -> dict[str, Any]:
        found = {name: getattr(self, name) for name in ("processid", "attempt", "executorid", "out")}
        return {**found, "state": int(self.state)}


class Forger:
    """One broker that does as it should, told as events."""

    def __init__(self) -> None:
        self.events: list[Event] = []
        self.processes: dict[str, Made] = {}
        self.now = 0.0
        self._asks = itertools.count(1)
        self._listening: dict[int, tuple[str, int]] = {}
        self.note("", "clock", wall=WALL)

    @property
    def wall(self) -> int:
        return WALL + round(self.now * 1000)

    def note(self, who: str, what: What, **fields: Any) -> None:
        self.now += STEP_SECONDS
        self.events.append(Event(at=self.now, who=who, what=what, **fields))

    def asks(self, who: str, what: What, **fields: Any) -> int:
        ask = next(self._asks)
        self.note(who, what, ask=ask, **fields)
        return ask

    def wait(self, seconds: float) -> None:
        self.now += seconds

    # — subscribers —

    def listen(self, who: str, state: int = State.WAITING, **fields: Any) -> int:
        ask = next(self._asks)
        self.note(who, "listening", ask=ask, state=int(state), **fields)
        self._listening[ask] = (who, int(state))
        return ask

    def lose(self, ask: int) -> None:
        who, _ = self._listening.pop(ask)
        self.note(who, "deaf", ask=ask)

    def _push(self, process: Made, event: str) -> None:
        for ask, (who, state) in list(self._listening.items()):
            if state == process.state:
                self.note(who, "heard", ask=ask, event=event, **process.facts())

    # — processes —

    def submit(self, processid: str, *, named: str = "", retries: int = -1, silently: bool = False) -> Made:
        ask = self.asks("s1", "submit", processid=processid, executorid=named, retries=retries)
        process = self.processes[processid] = Made(processid, named, wall=self.wall)
        self.note("s1", "submitted", ask=ask, **process.facts())
        if not silently:
            self._push(process, "submitted")
        return process

    def assign(self, processid: str, worker: str) -> None:
        ask = self.asks(worker, "assign", executorid=worker)
        self._claim(processid, worker)
        self.note(worker, "assigned", ask=ask, **self.processes[processid].facts())
        self._push(self.processes[processid], "assigned")

    def claim_for_nobody(self, processid: str, worker: str) -> None:
        """Its broker died before the answer was out."""
        self.asks(worker, "assign", executorid=worker)
        self._claim(processid, worker)

    def _claim(self, processid: str, worker: str) -> None:
        process = self.processes[processid]
        process.state, process.executorid = State.RUNNING, worker
        process.attempt += 1
        process.tries.append(Try(process.attempt, worker, self.wall, 0, ""))

    def close(self, processid: str, *, state: int = State.SUCCESSFUL, answered: bool = True) -> None:
        process = self.processes[processid]
        worker, attempt = process.executorid, process.attempt
        fields = {"state": int(state), "attempt": attempt, "executorid": worker}
        out = f"{worker}-{len(self.events)}"
        ask = self.asks(worker, "close", processid=processid, out=out, **fields)
        process.out = out
        self._end_try(process, State(state).name.lower())
        process.state = state
        if answered:
            self.note(worker, "closed", ask=ask, **process.facts())
        self._push(process, State(state).name.lower())

    def close_late(self, processid: str, worker: str, attempt: int, *, error: str = "not_assigned_to_you") -> None:
        fields = {"attempt": attempt, "state": int(State.SUCCESSFUL), "executorid": worker}
        ask = self.asks(worker, "close", processid=processid, out=f"late-{len(self.events)}", **fields)
        self.note(worker, "refused", ask=ask, error=error)

    def cancel(self, processid: str) -> None:
        ask = self.asks("s1", "cancel", processid=processid)
        process = self.processes[processid]
        if process.state == State.RUNNING:
            self._end_try(process, "cancelled")
        process.state = State.CANCELLED
        self.note("s1", "cancelled", ask=ask, **process.facts())

    def overrun(self, processid: str, *, fails: bool = False) -> None:
        process = self.processes[processid]
        self._end_try(process, "overrun")
        if fails:
            process.state = State.FAILED
        else:
            process.state, process.executorid = State.WAITING, ""
        self._push(process, "failed" if fails else "requeued")

    def _end_try(self, process: Made, how: str) -> None:
        last = process.tries[-1]
        process.tries[-1] = Try(last.attempt, last.executorid, last.start, self.wall, how)

    # — looking —

    def look(self) -> None:
        ask = self.asks("looker", "look")
        for process in self.processes.values():
            tries = tuple(process.tries)
            self.note("looker", "seen", ask=ask, tries=tries, wall=process.wall, **process.facts())
        self.note("looker", "looked", ask=ask)

    def finish(self) -> list[Event]:
        """Have everything done, look, and give the history."""
        for process in list(self.processes.values()):
            if process.state == State.WAITING:
                self.assign(process.processid, process.named or "w1")
            if process.state == State.RUNNING:
                self.close(process.processid)
        self.look()
        return self.events
