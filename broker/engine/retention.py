"""Let go of what ended longer ago than the operator keeps it: processes with their logs and what is counted of them.

Every broker may do it, for a removal is conditional and doing it twice is harmless; a colony
is done by the broker whose turn it is, and what that one leaves others do a while later. A
page is removed as an operator's removal is, in batches with the moves of everybody else, and
after each the duty rests a multiple of the time that it took, so that however much is too
old, most of the store's time is left to others. At its worst moment, just switched on over
years of processes, it takes hours and nobody waits for it.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import math
from collections.abc import AsyncIterator, Callable, Sequence

from broker.clock import Clock
from broker.logs import fields, short
from broker.store.base import Store
from broker.store.cursors import Cursor
from broker.store.moves import Remove
from colonies.wire import errors
from colonies.wire.model import Process, State
from colonies.wire.params import ProcessFilter

from .commit import Commit
from .roster import Roster

log = logging.getLogger(__name__)

DAY_MS = 86_400_000
PAGE = 64
RESTS = 4  # so many times as long as a page took
BETWEEN_ROUNDS_MS = 60_000
LEAST_BETWEEN_MS = 1000
LEFT_TO_OTHERS_MS = 600_000
FINAL = [state for state in State if state.is_final]
# A listing that begins behind a cursor is not counted, and counting years of processes takes long.
BEGINNING = Cursor(0, 0, "0").text()


class Retention:
    """keep_days: 0 keeps for ever. note: told of each colony in which something went."""

    def __init__(
        self,
        store: Store,
        commit: Commit,
        clock: Clock,
        roster: Roster,
        *,
        keep_days: float,
        note: Callable[[str], None],
    ) -> None:
        self._store = store
        self._commit = commit
        self._clock = clock
        self._roster = roster
        self._keep_ms = math.ceil(keep_days * DAY_MS)
        self._between_ms = min(BETWEEN_ROUNDS_MS, max(LEAST_BETWEEN_MS, self._keep_ms))
        self._note = note

    async def run(self) -> None:
        """Go round until cancelled. A store that is away is met again in the next round."""
        never = asyncio.Event()
        if not self._keep_ms:
            await never.wait()
        while True:
            begun = self._clock.now()
            with contextlib.suppress(errors.Unavailable):  # whoever asks the store for anything is told
                await self.go_round()
            await self._clock.wait(never, begun + self._between_ms)

    async def go_round(self) -> None:
        """Remove everything that is too old now, and is this broker's to remove."""
        for colony in await self._store.colonies():
            until = self._clock.now() - self._keep_ms
            if not self._roster.is_first(f"retention/{colony.colonyid}"):
                until -= LEFT_TO_OTHERS_MS
            removed = 0
            for state in FINAL:
                async for page in self._pages(colony.colonyid, state, until):
                    removed += await self._remove(page, until)
            if removed:
                self._note(colony.colonyid)
                log.info(
                    "old processes were removed",
                    extra=fields("old_removed", colonyid=short(colony.colonyid), processes=removed),
                )

    async def _pages(self, colonyid: str, state: State, until: int) -> AsyncIterator[Sequence[Process]]:
        """What was submitted by then, page by page: nothing ends before it is submitted."""
        wanted = ProcessFilter(state=state, before=until + 1)
        cursor = BEGINNING
        loop = asyncio.get_running_loop()
        while cursor:
            begun = loop.time()
            page = await self._store.page(colonyid, wanted, newest=False, limit=PAGE, cursor=cursor)
            cursor = page.cursor
            yield page.processes
            if cursor:
                await asyncio.sleep(RESTS * (loop.time() - begun))

    async def _remove(self, page: Sequence[Process], until: int) -> int:
        """How many of them were removed here. All are offered at once, so that they share a commit."""
        old = [process for process in page if process.endtime <= until]
        done = await asyncio.gather(*(self._remove_one(process, until) for process in old), return_exceptions=True)
        for outcome in done:
            if isinstance(outcome, BaseException):
                raise outcome
        return sum(outcome is True for outcome in done)

    async def _remove_one(self, process: Process, until: int) -> bool:
        try:
            await self._commit.do(Remove(colonyid=process.colonyid, processid=process.processid, ended_by=until))
        except (errors.NotFound, errors.WrongState):  # another broker was faster; or its id was submitted again
            return False
        return True
