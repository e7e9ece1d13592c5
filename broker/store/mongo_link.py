"""The way to a MongoDB: its clients, how long a call may take, and how the driver's troubles are said.

All writes wait for a journaled majority, and every call ends within a limit. The change
stream has a client of its own: its calls wait at MongoDB for what comes, which the driver's
limit of a call would prolong to that limit, and they shall not stand in line behind others.
Whatever the driver raises for a server that is away, slow, stepping down or in the minority
leaves here as Unavailable; the driver finds the next primary by itself. The only file that
imports motor.
"""

from __future__ import annotations

import asyncio
import logging
import os
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager
from typing import Any, TypeAlias, TypeVar

# Every call of the driver takes one of its threads, and by itself it has five a core: on one core a single slow
# listing after the other would hold up all claims. Read once, at the import.
os.environ.setdefault("MOTOR_MAX_WORKERS", "16")

import pymongo
from motor.motor_asyncio import AsyncIOMotorClient
from pymongo.errors import OperationFailure, PyMongoError, ServerSelectionTimeoutError

from broker.logs import fields
from colonies.wire import errors

from .mongo_address import parts_of
from .mongo_database import Database
from .mongo_errors import is_out_of_reach, refuse_standalone, unavailable

FIND_PRIMARY_SECONDS = 2  # how long a call waits for a primary where none is known
ELECTION_SECONDS = 30  # how long a broker that starts waits for one; by default a primary is missed for ten
PAUSE_SECONDS = 0.2
FOLLOW_SECONDS = 5  # a call of the change stream that is not answered by then never will be
LONG_SECONDS = 20  # a search for text, or the removal of a colony, walks over everything
LONG_AT_ONCE = 4  # of the threads above, so that short calls always find one
TURN_SECONDS = 5  # how long a long call waits for its turn

log = logging.getLogger(__name__)

# Not allowed, not known, and two documents where one may be: no primary will see that in another way.
_WHOEVER_LEADS = frozenset({13, 18, 11000})

T = TypeVar("T")
_Client: TypeAlias = AsyncIOMotorClient[dict[str, Any]]


class Link:
    def __init__(self, address: str, node: str) -> None:
        """`mongodb://…` or `mongodb+srv://…`, with the database as its path. ValueError for anything else.

        node  the name of this broker in the database.
        """
        self._node = node
        self._address = address
        self.place, self._database_name = parts_of(address)
        self._client: _Client | None = None
        self._follower: _Client | None = None
        self._followed: Database | None = None
        self._database: Database | None = None
        self._long = asyncio.Semaphore(LONG_AT_ONCE)
        self._calls = 0
        self._idle = asyncio.Event()  # set while no call is on its way
        self._idle.set()

    async def connect(self) -> Database:
        """Connect; calls are let in by `admit`. Unavailable also for a server that is no replica set."""
        with self._said():
            self._client = _connect(self._address)
            self._follower = _connect(self._address, socket_seconds=FOLLOW_SECONDS)
        with self.within(FIND_PRIMARY_SECONDS):
            refuse_standalone(await self._client.admin.command("hello"), self.place)
        self._followed = Database(self._follower, self._database_name, node=self._node)
        return Database(self._client, self._database_name, node=self._node)

    async def through_election(self, work: Callable[[], Awaitable[T]]) -> T:
        """Do it, again as long as members answer and elect a primary. Servers that do not answer are not waited for."""
        until = asyncio.get_running_loop().time() + ELECTION_SECONDS
        while True:
            try:
                return await work()
            except errors.Unavailable as error:
                if not self._may_elect(error.__cause__) or asyncio.get_running_loop().time() > until:
                    raise
                log.warning("waiting for a primary", extra=fields("store_unavailable", reason=error.message))
                self.disconnect()
                await asyncio.sleep(PAUSE_SECONDS)

    def _may_elect(self, cause: BaseException | None) -> bool:
        """Whether members of a replica set answer, and another primary may do what this one refuses."""
        if (
            self._client is None
            or cause is None
            or (isinstance(cause, OperationFailure) and cause.code in _WHOEVER_LEADS)
        ):
            return False
        known: Any = self._client.topology_description  # a property, whatever the stubs say
        answers = not isinstance(cause, ServerSelectionTimeoutError) or any(
            server.is_server_type_known for server in known.server_descriptions().values()
        )
        return answers and known.topology_type_name.startswith("ReplicaSet")

    def admit(self, database: Database) -> None:
        self._database = database

    async def refuse(self) -> None:
        """From here on tell whoever comes that it is closed, and return when the last call has ended."""
        self._database = None
        await self._idle.wait()

    def disconnect(self) -> None:
        for client in (self._client, self._follower):
            if client:
                client.close()
        self._client = self._follower = None

    @contextmanager
    def reach(self, seconds: float) -> Iterator[Database]:
        """The database, for one call."""
        with self._counted() as database, self.within(seconds):
            yield database

    @asynccontextmanager
    async def reach_long(self) -> AsyncIterator[Database]:
        """The database, for one call that may take long, in its turn among those."""
        try:
            async with asyncio.timeout(TURN_SECONDS):
                await self._long.acquire()
        except TimeoutError:
            raise errors.Unavailable(
                f"{LONG_AT_ONCE} listings before this one are not through after {TURN_SECONDS} s; ask for less"
            ) from None
        try:
            with self.reach(LONG_SECONDS) as database:
                yield database
        finally:
            self._long.release()

    @contextmanager
    def follow(self) -> Iterator[Database]:
        """The database, for one call of the change stream."""
        with self._counted(), self._said():
            assert self._followed
            yield self._followed

    @contextmanager
    def _counted(self) -> Iterator[Database]:
        if self._database is None:
            raise errors.Unavailable("the store is closed: the broker is stopping")
        self._calls += 1
        self._idle.clear()
        try:
            yield self._database
        finally:
            self._calls -= 1
            if not self._calls:
                self._idle.set()

    @contextmanager
    def within(self, seconds: float) -> Iterator[None]:
        """All that is done inside ends in so many seconds, the driver's own repeats included."""
        with self._said(), pymongo.timeout(self._limit(seconds)):
            yield

    @contextmanager
    def _said(self) -> Iterator[None]:
        try:
            yield
        except PyMongoError as error:
            if not is_out_of_reach(error):
                raise
            raise unavailable(error, self.place) from error

    def _limit(self, seconds: float) -> float:
        if self._client is None:
            return seconds
        known: Any = self._client.topology_description  # a property, whatever the stubs say
        return seconds if known.has_writable_server() else min(seconds, FIND_PRIMARY_SECONDS)


def _connect(address: str, *, socket_seconds: float = LONG_SECONDS) -> _Client:
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
        socketTimeoutMS=round(socket_seconds * 1000),
    )
