"""The shared store: a MongoDB replica set, on which several brokers may work at once.

Moves are done kind by kind, beside each other, the frequent ones in rounds (`mongo_rounds.py`);
every call ends within a limit, as `mongo_link.py` has it. Figures beside the processes are
kept by `mongo_keeper.py`: a moment later, and not always exactly.
"""

from __future__ import annotations

import asyncio
import logging
import secrets
from collections.abc import Collection, Sequence
from contextlib import AbstractContextManager
from typing import Any

from pymongo.errors import PyMongoError

from broker.logs import fields
from colonies.wire import errors
from colonies.wire.figures import FailureGroup
from colonies.wire.model import Colony, Executor, Function, Log, Page, Process, User
from colonies.wire.params import ProcessFilter

from . import mongo_figures, mongo_functions, mongo_logs, mongo_members, mongo_reads, moves
from .base import Due, Finished, LaneCount, Membership
from .mongo_answers import Answers, Asked
from .mongo_database import Database
from .mongo_errors import is_out_of_reach, unavailable
from .mongo_keeper import Keeper
from .mongo_kinds import FREQUENT, Kind, kind_of
from .mongo_link import LONG_SECONDS, Link
from .mongo_migrations import bring_on, prepare
from .mongo_others import MongoOthers, roll_call
from .mongo_rounds import Rounds
from .moves import Move, Outcome
from .others import Others

log = logging.getLogger(__name__)

OPEN_SECONDS = 60  # whoever opens a large database for the first time makes its indexes
MIGRATION_SECONDS = 600  # whoever is interrupted goes on where it was
CALL_SECONDS = 5
PING_SECONDS = 1.9


class MongoStore:
    name = "mongodb"
    shared = True
    concurrent_batches = 4

    def __init__(self, address: str) -> None:
        """`mongodb://…` or `mongodb+srv://…`, with the database as its path. ValueError for anything else."""
        node = secrets.token_hex(8)
        self._link = Link(address, node)
        self.others: Others = MongoOthers(self._link, node)
        self._rounds = Rounds(self._do_kinds)
        self._keeper: Keeper | None = None

    async def open(self) -> None:
        """As `Store.open`. Unavailable also for a server that is no replica set: some moves need a transaction."""
        try:
            database = await self._link.through_election(self._prepared)
        except BaseException:
            await self.close()
            raise
        self._keeper = Keeper(database, self._link.within)
        self._keeper.start()
        self._link.admit(database)

    async def _prepared(self) -> Database:
        database = await self._link.connect()
        with self._link.within(OPEN_SECONDS):
            is_old = await prepare(database, self._link.place)
        if is_old:
            with self._link.within(MIGRATION_SECONDS):
                await bring_on(database)
        return database

    async def close(self) -> None:
        await self._link.refuse()
        keeper, self._keeper = self._keeper, None
        if keeper:
            await keeper.stop()
        self._link.disconnect()

    async def ping(self) -> None:
        """Make one durable write."""
        try:
            async with asyncio.timeout(PING_SECONDS):
                with self._reach(PING_SECONDS) as database:
                    await database.touch()
        except TimeoutError:
            raise errors.Unavailable(f"MongoDB at {self._link.place} took no write for {PING_SECONDS:g} s") from None

    def _reach(self, seconds: float) -> AbstractContextManager[Database]:
        return self._link.reach(seconds)

    async def _settle_figures(self) -> None:
        """What this broker was told is done is in its figures, too."""
        if self._keeper:
            await self._keeper.settle()

    # — moves —

    async def apply(self, batch: Sequence[Move[Any]]) -> list[Outcome[Any]]:
        """As `Store.apply`. When only some kinds of moves could not be done, those are answered Unavailable."""
        answers = Answers(batch)
        asked = [Asked(number, move) for number, move in enumerate(batch)]
        others = [one for one in asked if kind_of(one.move) not in FREQUENT]
        frequent = [one for one in asked if kind_of(one.move) in FREQUENT] if others else asked
        is_long = any(isinstance(one.move, moves.RemoveColony) for one in others)
        with self._reach(LONG_SECONDS if is_long else CALL_SECONDS) as database:
            notes = database.going.notes
            async with asyncio.TaskGroup() as tasks:
                if frequent:
                    tasks.create_task(self._rounds.join(database, frequent, answers))
                if others:
                    tasks.create_task(self._do_kinds(database, others, answers))
            self._keep_figures(batch, answers, gone=database.going.noted_since(notes))
        return answers.all()

    def _keep_figures(self, batch: Sequence[Move[Any]], answers: Answers, *, gone: Collection[str]) -> None:
        if self._keeper:
            self._keeper.note(batch, answers.each(), gone=gone)

    async def _do_kinds(self, database: Database, asked: Sequence[Asked[Any]], answers: Answers) -> None:
        """Do moves of several kinds, beside each other."""
        kinds: dict[Kind, list[Asked[Any]]] = {}
        for one in asked:
            kinds.setdefault(kind_of(one.move), []).append(one)
        async with asyncio.TaskGroup() as tasks:
            for do, some in kinds.items():
                tasks.create_task(self._do(do, database, some, answers))

    async def _do(self, do: Kind, database: Database, asked: Sequence[Asked[Any]], answers: Answers) -> None:
        """Do the moves of one kind. Whatever goes wrong is an answer to those that have none yet."""
        try:
            await do(database, asked, answers)
        except Exception as error:
            answers.fail(asked, self._refusal(error, asked[0].move))

    def _refusal(self, error: Exception, move: Move[Any]) -> errors.ColoniesError:
        while isinstance(error, ExceptionGroup):
            error = error.exceptions[0]
        if isinstance(error, errors.ColoniesError):
            return error
        if isinstance(error, PyMongoError) and is_out_of_reach(error):
            return unavailable(error, self._link.place)
        log.error("a move met a bug", exc_info=error, extra=fields("bug", move=type(move).__name__))
        return errors.Internal("the store met a bug; see the broker's log")

    # — members —

    async def who(self, identity: str) -> Membership:
        with self._reach(CALL_SECONDS) as database:
            return await mongo_members.who(database.settled, identity)

    async def colonies(self) -> list[Colony]:
        with self._reach(CALL_SECONDS) as database:
            return await mongo_members.colonies(database.settled)

    async def executors(self, colonyid: str) -> list[Executor]:
        with self._reach(CALL_SECONDS) as database:
            brokers = await roll_call(database)
            brokers.pop(self.others.node, None)  # who is connected here this broker knows better
            return await mongo_members.executors(database.settled, colonyid, brokers)

    async def executor_ids(self, colonyid: str, names: Collection[str]) -> dict[str, str]:
        with self._reach(CALL_SECONDS) as database:
            return await mongo_members.executor_ids(database.settled, colonyid, names)

    async def users(self, colonyid: str) -> list[User]:
        with self._reach(CALL_SECONDS) as database:
            return await mongo_members.users(database.settled, colonyid)

    async def functions(self, colonyid: str) -> list[Function]:
        with self._reach(CALL_SECONDS) as database:
            return await mongo_functions.functions(database.settled, colonyid)

    # — processes: what is shown is read as a majority has it, what is acted upon as the primary has it —

    async def process(self, colonyid: str, processid: str) -> Process | None:
        with self._reach(CALL_SECONDS) as database:
            return await mongo_reads.process(database.settled.processes, colonyid, processid)

    async def peek(self, lanes: Sequence[str], now: int) -> Process | None:
        with self._reach(CALL_SECONDS) as database:
            return await mongo_reads.peek(database.now.processes, lanes, now)

    async def page(self, colonyid: str, wanted: ProcessFilter, *, newest: bool, limit: int, cursor: str) -> Page:
        async with self._link.reach_long() as database:
            if not cursor:  # the first page says how many there are
                await self._settle_figures()
            return await mongo_reads.page(database.settled, colonyid, wanted, newest=newest, limit=limit, cursor=cursor)

    async def logs(self, processid: str, *, since: int, after: int = 0, limit: int) -> list[Log]:
        with self._reach(CALL_SECONDS) as database:
            return await mongo_logs.logs(database.settled.logs, processid, since=since, after=after, limit=limit)

    async def upcoming(self, limit: int) -> list[Due]:
        with self._reach(CALL_SECONDS) as database:
            return await mongo_reads.upcoming(database.now.processes, limit)

    async def held(self, colonyid: str, executorid: str) -> list[Process]:
        with self._reach(CALL_SECONDS) as database:
            return await mongo_reads.held(database.now.processes, colonyid, executorid)

    async def running(self, colonyid: str) -> dict[str, int]:
        with self._reach(CALL_SECONDS) as database:
            return await mongo_reads.running(database.settled.processes, colonyid)

    async def ahead(self, process: Process) -> int:
        with self._reach(CALL_SECONDS) as database:
            return await mongo_reads.ahead(database.settled.processes, process)

    # — figures —

    async def counts(self, colonyid: str) -> list[LaneCount]:
        with self._reach(CALL_SECONDS) as database:
            await self._settle_figures()
            return await mongo_figures.counts(database.settled, colonyid)

    async def finished(self, colonyid: str, *, since: int) -> list[Finished]:
        with self._reach(CALL_SECONDS) as database:
            await self._settle_figures()
            return await mongo_figures.finished(database.settled, colonyid, since)

    async def failures(self, colonyid: str, *, executortype: str | None, limit: int) -> list[FailureGroup]:
        with self._reach(CALL_SECONDS) as database:
            await self._settle_figures()
            return await mongo_figures.failures(database.settled, colonyid, executortype=executortype, limit=limit)
