"""Give back what was assigned to somebody who never got it.

A socket that dies in the instant of an assignment, or a store that goes away between the
claim and its answer, leaves a process running on an executor that knows nothing of it. Such
a process goes back to the queue without using up a retry, as soon as the store answers. What
no broker can notice, a reply that left and was never read or a broker that was killed, the
executor says itself, when it repeats its assign.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
from typing import NamedTuple

from broker.clock import Clock
from broker.logs import fields
from broker.store.base import Store
from broker.store.moves import HandBack
from colonies.wire import errors
from colonies.wire.model import Process

from .announcer import Announcer, announcing
from .commit import Commit

log = logging.getLogger(__name__)

PAUSE_SECONDS = 0.5


class _Holder(NamedTuple):
    colonyid: str
    executorid: str


class Rescuer:
    def __init__(self, store: Store, commit: Commit, announcer: Announcer, clock: Clock) -> None:
        self._store = store
        self._commit = commit
        self._announcer = announcer
        self._clock = clock
        self._undelivered: list[Process] = []
        self._lost: dict[_Holder, set[int]] = {}  # when something may have been assigned to it (ms)
        self._bugs: set[str] = set()
        self._filled = asyncio.Event()

    def give_back(self, process: Process) -> None:
        """This attempt never reached its executor."""
        self._undelivered.append(process)
        self._filled.set()

    def look_for(self, colonyid: str, executorid: str, *, starttime: int) -> None:
        """The store went away while it may have assigned something to this executor at this time (ms)."""
        self._lost.setdefault(_Holder(colonyid, executorid), set()).add(starttime)
        self._filled.set()

    async def give_back_unanswered(self, colonyid: str, executorid: str, claimid: str) -> None:
        """The executor says that its assign of this name was never answered: what it was given goes back.

        Raises Unavailable.
        """
        for process in await self._store.held(colonyid, executorid):
            if process.history and process.history[-1].claimid == claimid:
                await hand_back(self._commit, self._announcer, process, now=self._clock.now())

    async def run(self) -> None:
        """Give back until cancelled. What cannot go back now is tried again, after all others."""
        while True:
            await self._filled.wait()
            self._filled.clear()
            with contextlib.suppress(errors.Unavailable):
                await self._find_lost()
                await self._give_all_back()
            if self._lost or self._undelivered:
                self._filled.set()
                await asyncio.sleep(PAUSE_SECONDS)

    async def _find_lost(self) -> None:
        for holder, starttimes in list(self._lost.items()):
            asked = frozenset(starttimes)  # those that are added meanwhile may be stored only after the look
            try:
                held = await self._store.held(*holder)
            except errors.Unavailable:
                raise
            except Exception:  # a bug with one of them must not keep all others from being found
                self._note_bug(holder.executorid)
                continue
            self._undelivered += [process for process in held if process.starttime in asked]
            starttimes.difference_update(asked)
            if not starttimes:
                del self._lost[holder]

    async def _give_all_back(self) -> None:
        waiting, self._undelivered = self._undelivered, []
        try:
            while waiting:
                await self._give_back(waiting[-1])
                waiting.pop()
        finally:
            self._undelivered += waiting

    async def _give_back(self, process: Process) -> None:
        try:
            await hand_back(self._commit, self._announcer, process, now=self._clock.now())
        except errors.Unavailable:
            raise
        except Exception:  # likewise
            self._note_bug(process.processid)
            self._undelivered.append(process)
            return
        log.info(
            "an assignment that was not delivered went back",
            extra=fields("handed_back", processid=process.processid, attempt=process.attempt),
        )

    def _note_bug(self, what: str) -> None:
        """Once for each: it is tried twice a second."""
        if what not in self._bugs:
            self._bugs.add(what)
            log.exception("an assignment that was not delivered could not go back", extra=fields("bug", what=what))


async def hand_back(
    commit: Commit, announcer: Announcer, process: Process, *, now: int, how: str = "handed_back"
) -> Process:
    """Send this attempt back to the queue, if it still runs. Returns the process as it is then."""
    move = HandBack(
        colonyid=process.colonyid,
        processid=process.processid,
        now=now,
        executorid=process.assigneeid,
        attempt=process.attempt,
        how=how,
    )
    try:
        changed = await commit.do(move, settled=announcing(announcer))
    except errors.NotFound:
        return process
    return changed.after
