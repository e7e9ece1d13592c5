"""Apply the limits of processes when they fall due.

The store is the truth: what is due is read from it, page by page until nothing is, so a
broker that was down applies what it missed, and any number of brokers may do the same
duty, for every move is conditional. They share it by the roster: each sweep applies what is
this broker's own, and what nobody has applied a moment after it fell due. In memory lies
one number, the next time at which anything may be due. It is only a hint: a change with an
earlier deadline brings it forward, and it is asked of the store again at least every
`look_seconds`.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Sequence

from broker.clock import Clock
from broker.logs import fields
from broker.store import rules
from broker.store.base import Due, Store
from broker.store.moves import Changed, Overrun, WaitEnded
from broker.telemetry import Telemetry
from colonies.wire import errors
from colonies.wire.model import Process, State

from .announcer import Announcer, announcing
from .commit import Commit
from .roster import Roster

log = logging.getLogger(__name__)

FIRST, PAGE = 8, 256  # how many are asked for: at first, and where all of those were due
# So long a limit is left to the broker whose turn it is; what that one does not do others do, well within 250 ms.
LEFT_TO_OTHERS_MS = 100
# A sweep costs about the same for one process as for several, so what ends within this of one before waits for the
# next. Left to others before that, it is still well within 250 ms.
BETWEEN_SWEEPS_MS = 75


class Deadlines:
    def __init__(
        self,
        store: Store,
        commit: Commit,
        announcer: Announcer,
        clock: Clock,
        telemetry: Telemetry,
        roster: Roster,
        *,
        look_seconds: float,
    ) -> None:
        self._store = store
        self._commit = commit
        self._announcer = announcer
        self._clock = clock
        self._telemetry = telemetry
        self._roster = roster
        self._look_ms = int(look_seconds * 1000)
        self._next = 0
        self._earlier = asyncio.Event()

    def hear(self, process: Process, _event: str) -> None:
        """Bring the next sweep forward when this process has an earlier limit."""
        self.note(rules.due(process))

    def note(self, due: int) -> None:
        """Bring the next sweep forward to a limit that ends then (ms; 0: there is none)."""
        if due and due < self._next:
            self._next = due
            self._earlier.set()

    async def run(self) -> None:
        """Sweep whenever something may be due, until cancelled. A store that is away is asked again."""
        while True:
            self._earlier.clear()
            if self._next > self._clock.now():
                await self._clock.wait(self._earlier, self._next)
                continue
            try:
                await self.sweep()
            except errors.Unavailable:
                self._next = self._clock.now() + 500
            await asyncio.sleep(BETWEEN_SWEEPS_MS / 1000)

    async def sweep(self) -> None:
        """Apply everything that is due now, and find out on the way when to look next."""
        now = self._clock.now()
        # Before the look: a change that comes while the store is asked must still bring it forward.
        self._next = now + self._look_ms
        size = FIRST
        while True:
            upcoming = await self._store.upcoming(size)
            due = [one for one in upcoming if one.time <= now]
            own = [one for one in due if self._is_own(one, now)]
            has_ended = await self._end_all(own, now)
            if len(own) < len(due):
                self._next = min(self._next, now + LEFT_TO_OTHERS_MS)
            if len(due) < len(upcoming):
                self._next = min(self._next, upcoming[len(due)].time)
            if len(due) < size or (size == PAGE and not has_ended):
                return
            size = PAGE

    def _is_own(self, due: Due, now: int) -> bool:
        return due.time <= now - LEFT_TO_OTHERS_MS or self._roster.is_first(due.processid)

    async def _end_all(self, page: Sequence[Due], now: int) -> bool:
        """Whether any of them was ended here. All are offered at once, so that they share a commit."""
        done = await asyncio.gather(*(self._end(due, now) for due in page), return_exceptions=True)
        for outcome in done:
            if isinstance(outcome, BaseException):
                raise outcome
        return any(done)

    async def _end(self, due: Due, now: int) -> bool:
        move: Overrun | WaitEnded
        if due.state == State.RUNNING:
            move = Overrun(colonyid=due.colonyid, processid=due.processid, now=now, attempt=due.attempt)
        else:
            move = WaitEnded(colonyid=due.colonyid, processid=due.processid, now=now)
        try:
            changed = await self._commit.do(move, settled=announcing(self._announcer))
        except errors.NotFound:  # removed in between, on this broker or another
            return False
        except errors.Unavailable:
            raise
        except Exception:  # a bug with one process must not keep all others from ending; it is tried again
            log.exception("a limit could not be applied", extra=fields("bug", processid=due.processid))
            return False
        if changed.before is changed.after:
            return False
        self._note(changed, now)
        return True

    def _note(self, changed: Changed, now: int) -> None:
        kind = "run" if changed.before.state == State.RUNNING else "wait"
        self._telemetry.overruns.labels(kind).inc()
        self._telemetry.deadline_lateness.observe(max(0, now - rules.due(changed.before)) / 1000)
        log.info(
            "a limit ended",
            extra=fields(
                "overrun" if kind == "run" else "wait_ended",
                processid=changed.after.processid,
                attempt=changed.before.attempt,
                state=changed.after.state.name.lower(),
            ),
        )
