"""The shared store: a MongoDB replica set, on which several brokers may work at once.

All writes wait for a journaled majority, and every call ends within a limit. Whatever the
driver raises for a server that is away, slow, stepping down or in the minority leaves here
as Unavailable; the driver finds the next primary by itself. The only file that imports motor.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any, TypeAlias

import pymongo
from motor.motor_asyncio import AsyncIOMotorClient
from pymongo.errors import PyMongoError

from broker.logs import fields
from colonies.wire import errors
from colonies.wire.messages import ProcessFilter
from colonies.wire.model import Colony, Executor, Function, Log, Page, Process, User

from . import mongo_claims, mongo_logs, mongo_members, mongo_reads, mongo_removals, mongo_steps, mongo_submits, moves
from .base import Due, LaneCount, Membership
from .mongo_address import parts_of
from .mongo_answers import Answers, Asked
from .mongo_database import Database
from .mongo_errors import is_out_of_reach, refuse_standalone, unavailable
from .mongo_indexes import prepare
from .moves import Move, Outcome

log = logging.getLogger(__name__)

Kind: TypeAlias = Callable[[Database, Sequence[Asked[Any]], Answers], Awaitable[None]]

OPEN_SECONDS = 60  # whoever opens a large database for the first time makes its indexes
CALL_SECONDS = 5
LONG_SECONDS = 20  # a search for text, or the removal of a colony, walks over everything
PING_SECONDS = 1.9
FIND_PRIMARY_SECONDS = 2  # how long a call waits for a primary where none is known


class MongoStore:
    name = "mongodb"
    shared = True
    concurrent_batches = 4

    def __init__(self, address: str) -> None:
        """`mongodb://…` or `mongodb+srv://…`, with the database as its path. ValueError for anything else."""
        self._address = address
        self._place, self._database_name = parts_of(address)
        self._client: AsyncIOMotorClient[dict[str, Any]] | None = None
        self._database: Database | None = None
        self._calls = 0
        self._idle = asyncio.Event()  # set while no call is on its way
        self._idle.set()

    async def open(self) -> None:
        """As `Store.open`. Unavailable also for a server that is no replica set: some moves need a transaction."""
        try:
            with self._within(FIND_PRIMARY_SECONDS):
                self._client = _connect(self._address)
                refuse_standalone(await self._client.admin.command("hello"), self._place)
            with self._within(OPEN_SECONDS):
                database = Database(self._client, self._database_name)
                await prepare(database.now, self._place)
        except BaseException:
            await self.close()
            raise
        self._database = database

    async def close(self) -> None:
        self._database = None  # from here on, whoever comes is told that it is closed
        await self._idle.wait()
        client, self._client = self._client, None
        if client:
            client.close()

    async def ping(self) -> None:
        """Make one durable write."""
        try:
            async with asyncio.timeout(PING_SECONDS):
                with self._reach(PING_SECONDS) as database:
                    await database.touch()
        except TimeoutError:
            raise errors.Unavailable(f"MongoDB at {self._place} took no write for {PING_SECONDS:g} s") from None

    @contextmanager
    def _reach(self, seconds: float) -> Iterator[Database]:
        """The database, for one call."""
        if self._database is None or self._client is None:
            raise errors.Unavailable("the store is closed: the broker is stopping")
        known: Any = self._client.topology_description  # a property, whatever the stubs say
        if not known.has_writable_server():
            seconds = min(seconds, FIND_PRIMARY_SECONDS)
        self._calls += 1
        self._idle.clear()
        try:
            with self._within(seconds):
                yield self._database
        finally:
            self._calls -= 1
            if not self._calls:
                self._idle.set()

    @contextmanager
    def _within(self, seconds: float) -> Iterator[None]:
        """All that is done inside ends in so many seconds, the driver's own repeats included."""
        try:
            with pymongo.timeout(seconds):
                yield
        except PyMongoError as error:
            if not is_out_of_reach(error):
                raise
            raise unavailable(error, self._place) from error

    # — moves —

    async def apply(self, batch: Sequence[Move[Any]]) -> list[Outcome[Any]]:
        """As `Store.apply`. When only some kinds of moves could not be done, those are answered Unavailable."""
        answers = Answers(batch)
        kinds: dict[Kind, list[Asked[Any]]] = {}
        for number, move in enumerate(batch):
            kinds.setdefault(_kind(move), []).append(Asked(number, move))
        is_long = any(isinstance(move, moves.RemoveColony) for move in batch)
        with self._reach(LONG_SECONDS if is_long else CALL_SECONDS) as database:
            async with asyncio.TaskGroup() as tasks:
                for do, asked in kinds.items():
                    tasks.create_task(self._do(do, database, asked, answers))
        return answers.all()

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
            return unavailable(error, self._place)
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
            return await mongo_members.executors(database.settled, colonyid)

    async def users(self, colonyid: str) -> list[User]:
        with self._reach(CALL_SECONDS) as database:
            return await mongo_members.users(database.settled, colonyid)

    async def functions(self, colonyid: str) -> list[Function]:
        with self._reach(CALL_SECONDS) as database:
            return await mongo_members.functions(database.settled, colonyid)

    # — processes: what is shown is read as a majority has it, what is acted upon as the primary has it —

    async def process(self, colonyid: str, processid: str) -> Process | None:
        with self._reach(CALL_SECONDS) as database:
            return await mongo_reads.process(database.settled.processes, colonyid, processid)

    async def peek(self, lanes: Sequence[str], now: int) -> Process | None:
        with self._reach(CALL_SECONDS) as database:
            return await mongo_reads.peek(database.now.processes, lanes, now)

    async def page(self, colonyid: str, wanted: ProcessFilter, *, newest: bool, limit: int, cursor: str) -> Page:
        with self._reach(LONG_SECONDS) as database:
            return await mongo_reads.page(
                database.settled.processes, colonyid, wanted, newest=newest, limit=limit, cursor=cursor
            )

    async def logs(self, processid: str, *, since: int, limit: int) -> list[Log]:
        with self._reach(CALL_SECONDS) as database:
            return await mongo_logs.logs(database.settled.logs, processid, since=since, limit=limit)

    async def due(self, now: int, limit: int) -> list[Due]:
        with self._reach(CALL_SECONDS) as database:
            return await mongo_reads.due(database.now.processes, now, limit)

    async def next_due(self) -> int | None:
        with self._reach(CALL_SECONDS) as database:
            return await mongo_reads.next_due(database.now.processes)

    async def held(self, colonyid: str, executorid: str) -> list[Process]:
        with self._reach(CALL_SECONDS) as database:
            return await mongo_reads.held(database.now.processes, colonyid, executorid)

    async def running(self, colonyid: str) -> dict[str, int]:
        with self._reach(CALL_SECONDS) as database:
            return await mongo_reads.running(database.settled.processes, colonyid)

    async def counts(self, colonyid: str) -> list[LaneCount]:
        with self._reach(LONG_SECONDS) as database:
            return await mongo_reads.counts(database.settled.processes, colonyid)

    async def ahead(self, process: Process) -> int:
        with self._reach(CALL_SECONDS) as database:
            return await mongo_reads.ahead(database.settled.processes, process)


def _kind(move: Move[Any]) -> Kind:
    match move:
        case moves.Submit():
            return mongo_submits.submit_latest if move.process.spec.latestkey else mongo_submits.submit
        case moves.Claim():
            return mongo_claims.claim
        case moves.Change() | moves.AddLog():
            return mongo_steps.step
        case moves.Remove():
            return mongo_removals.remove
        case moves.Seen():
            return mongo_members.see
    return mongo_members.move_members


def _connect(address: str) -> AsyncIOMotorClient[dict[str, Any]]:
    """A client with what must hold whatever the address says: durable writes, and no call without an end."""
    return AsyncIOMotorClient(
        address,
        io_loop=asyncio.get_running_loop(),
        appname="colonies-broker",
        w="majority",
        journal=True,
        readPreference="primary",
        retryWrites=True,
        retryReads=True,
        serverSelectionTimeoutMS=FIND_PRIMARY_SECONDS * 1000,
        connectTimeoutMS=FIND_PRIMARY_SECONDS * 1000,
        socketTimeoutMS=LONG_SECONDS * 1000,
    )
