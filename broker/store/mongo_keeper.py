"""Keeps the figures of a MongoDB right while brokers move processes.

What the moves of this broker changed is gathered in memory and written every
`FLUSH_SECONDS`, so that no move waits for it and a busy moment costs a handful of writes.

The weakness of it: a broker that is killed takes with it what it had not written, and a
write whose outcome nobody knows is not repeated. Figures may then be off by that much, until
a recount finds the number at rest: one is made when a broker opens the store, soon after any
such doubt, and every ten minutes by one of the brokers. Processes themselves are never in doubt.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import time
from collections.abc import Awaitable, Callable, Collection, Sequence
from contextlib import AbstractContextManager
from typing import Any

from pymongo.errors import DuplicateKeyError

from broker.logs import fields
from colonies.wire import errors
from colonies.wire.model import Process

from . import mongo_figures
from .base import KEPT_FINISHED_MS
from .figures import Figures
from .mongo_database import Database
from .mongo_recount import recount
from .mongo_removals import finish_removals, look_again, remove_strays
from .moves import Change, ColonyRemoved, Move, Outcome, Submit

log = logging.getLogger(__name__)

FLUSH_SECONDS = 0.2
WRITE_SECONDS = 5
RECOUNT_SECONDS = 600
COUNTING_SECONDS = 300
PAUSE_SECONDS = 30  # between two recounts: a store in trouble has better to do


class Keeper:
    """recounted: set once the recount that an opening makes has been tried."""

    def __init__(self, database: Database, within: Callable[[float], AbstractContextManager[None]]) -> None:
        self._database = database
        self._within = within
        self._figures = Figures()
        self._is_writing = False
        self._is_closing = False
        self._noted, self._hurry, self._doubted = asyncio.Event(), asyncio.Event(), asyncio.Event()
        self._waiting: list[asyncio.Future[None]] = []
        self._pruned: dict[str, int] = {}
        self._removed: set[str] = set()
        self._running: asyncio.Task[None] | None = None
        self.recounted = asyncio.Event()

    def start(self) -> None:
        self._running = asyncio.get_running_loop().create_task(self._run(), name="figures of the store")

    async def stop(self) -> None:
        """Write what is gathered, and end."""
        self._is_closing = True
        self._hurry.set()
        self._noted.set()
        if self._running:
            await self._running

    # — what the store tells and asks —

    def note(self, batch: Sequence[Move[Any]], outcomes: Sequence[Outcome[Any]], *, gone: Collection[str] = ()) -> None:
        """Gather what these moves changed. gone: colonies that were removed since the batch was begun."""
        for move, outcome in zip(batch, outcomes, strict=True):
            if not gone or _colony_of(move, outcome) not in gone:
                self._figures.note(move, outcome)
            if isinstance(outcome, errors.Unavailable | errors.Internal):
                self.doubt()  # it may have happened
            elif isinstance(outcome, ColonyRemoved):
                colonyid = outcome.colony.colonyid
                self._pruned.pop(colonyid, None)
                self._removed.add(colonyid)
                self.doubt()  # a broker that stood still may write late what it had gathered of it
        self._forget_going()
        if self._figures:
            self._noted.set()

    def _forget_going(self) -> None:
        """What is removed has no figures, and must not have them again when it is added anew."""
        for colonyid in self._database.going.colonies():
            self._figures.forget(colonyid)

    def doubt(self) -> None:
        """Have it counted again soon: something may have happened that was not noted."""
        self._doubted.set()

    async def settle(self) -> None:
        """Return when all that was noted before is written, or given up."""
        if self._figures or self._is_writing:
            written: asyncio.Future[None] = asyncio.get_running_loop().create_future()
            self._waiting.append(written)
            self._hurry.set()
            self._noted.set()
            await written

    # — its task —

    async def _run(self) -> None:
        async with asyncio.TaskGroup() as tasks:
            duties = [tasks.create_task(self._recount_without_end()), tasks.create_task(self._finish_without_end())]
            while not self._is_closing or self._figures or self._waiting:
                await self._noted.wait()
                await _either(self._hurry, FLUSH_SECONDS)
                await self._flush()
            for duty in duties:
                duty.cancel()

    async def _flush(self) -> None:
        self._noted.clear()
        self._hurry.clear()
        self._forget_going()
        figures, self._figures = self._figures, Figures()
        waiting, self._waiting = self._waiting, []
        self._is_writing = True
        try:
            if figures:
                with self._database.going.storing():
                    await self._attempt(self._write(figures), WRITE_SECONDS)
        finally:
            self._is_writing = False
            for written in waiting:
                if not written.done():  # whoever waited may have gone
                    written.set_result(None)

    async def _write(self, figures: Figures) -> None:
        await mongo_figures.write(self._database.now, figures)
        for key in figures.finished:
            if key.time > self._pruned.get(key.colonyid, 0):
                self._pruned[key.colonyid] = key.time
                await mongo_figures.prune(self._database.now, key.colonyid, key.time - KEPT_FINISHED_MS)

    async def _recount_without_end(self) -> None:
        await self._attempt(remove_strays(self._database.now), COUNTING_SECONDS)
        await self._attempt(self._recount(), COUNTING_SECONDS)
        self.recounted.set()
        while True:
            await asyncio.sleep(PAUSE_SECONDS)
            await _either(self._doubted, RECOUNT_SECONDS)
            in_turn = self._recount() if self._doubted.is_set() else self._recount_in_turn()
            self._doubted.clear()
            await self._attempt(in_turn, COUNTING_SECONDS)

    async def _recount_in_turn(self) -> None:
        """Recount unless one of the brokers has done it lately."""
        now = round(time.time() * 1000)
        lately = {"_id": "recount", "time": {"$lte": now - RECOUNT_SECONDS * 1000}}
        with contextlib.suppress(DuplicateKeyError):  # what is there is younger
            await self._database.now.schema.update_one(lately, {"$set": {"time": now}}, upsert=True)
            await self._recount()

    async def _recount(self) -> None:
        removed, self._removed = self._removed, set()
        for colonyid in removed:
            await look_again(self._database.now, colonyid)
        await recount(self._database)

    async def _finish_without_end(self) -> None:
        """End the removals that brokers left which were killed in the middle."""
        left = self._database.going.left
        while True:
            await left.wait()
            left.clear()
            await self._attempt(finish_removals(self._database), COUNTING_SECONDS)

    async def _attempt(self, work: Awaitable[None], seconds: float) -> None:
        """Do it, or leave it to a recount."""
        try:
            with self._within(seconds):
                await work
        except errors.Unavailable as error:
            log.debug("figures could not be kept: %s", error)  # the moves that fail beside it are logged
            self.doubt()
        except Exception:
            log.exception("keeping figures met a bug", extra=fields("bug", duty="figures"))
            self.doubt()


def _colony_of(move: Move[Any], outcome: Outcome[Any]) -> str:
    """Of which colony figures are changed by this."""
    if isinstance(move, Submit):
        return move.process.colonyid
    if isinstance(outcome, Process):  # claimed or removed
        return outcome.colonyid
    return move.colonyid if isinstance(move, Change) else ""


async def _either(event: asyncio.Event, seconds: float) -> None:
    """Wait for the event, or for so long."""
    with contextlib.suppress(TimeoutError):
        async with asyncio.timeout(seconds):
            await event.wait()
