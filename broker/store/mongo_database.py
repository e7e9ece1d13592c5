"""The collections as the other files of this store see them, and transactions over them.

What they need of the driver is written down here as protocols, so that the driver itself is
imported in `mongo.py` alone. Writes wait for a journaled majority. Reads come in two kinds:
a step reads what the primary has now and writes on condition, so that it need not wait for
what others have under way; whatever is only shown is read as a majority has it.
"""

from __future__ import annotations

import asyncio
import contextlib
import contextvars
import random
import sys
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any, Protocol, TypeAlias, TypeVar

import pymongo
from bson.codec_options import CodecOptions, TypeDecoder, TypeRegistry
from bson.int64 import Int64
from pymongo import ReadPreference
from pymongo.errors import PyMongoError
from pymongo.read_concern import ReadConcern
from pymongo.write_concern import WriteConcern

from colonies.wire import errors

from .mongo_going import Going
from .mongo_memory import Memory

T = TypeVar("T")
Document: TypeAlias = dict[str, Any]


class _PlainInt(TypeDecoder):
    """The driver's 64-bit integers are a type of its own, for which the wire has no form."""

    bson_type = Int64

    def transform_bson(self, value: Int64) -> int:
        return int(value)


PLAIN: CodecOptions[Document] = CodecOptions(type_registry=TypeRegistry([_PlainInt()]))
DURABLE = WriteConcern(w="majority", j=True)
NOW = ReadConcern("local")
SETTLED = ReadConcern("majority")
SNAPSHOT = ReadConcern("snapshot")

# A transaction meets at most those that touch the same latestkey; each time one of them is through.
MAX_TRANSACTION_TRIES = 50
LET_GO_SECONDS = 1


class Documents(Protocol):
    """What was found, as it comes."""

    def to_list(self, length: int | None) -> Awaitable[list[Document]]: ...
    def close(self) -> Awaitable[None]: ...
    def __aiter__(self) -> AsyncIterator[Document]: ...


class Collection(Protocol):
    """The driver's own names and parameters."""

    def find(self, *args: Any, **kwargs: Any) -> Documents: ...
    def aggregate(self, *args: Any, **kwargs: Any) -> Documents: ...
    def find_one(self, *args: Any, **kwargs: Any) -> Awaitable[Any]: ...
    def find_one_and_update(self, *args: Any, **kwargs: Any) -> Awaitable[Any]: ...
    def find_one_and_delete(self, *args: Any, **kwargs: Any) -> Awaitable[Any]: ...
    def count_documents(self, *args: Any, **kwargs: Any) -> Awaitable[int]: ...
    def insert_one(self, *args: Any, **kwargs: Any) -> Awaitable[Any]: ...
    def insert_many(self, *args: Any, **kwargs: Any) -> Awaitable[Any]: ...
    def update_one(self, *args: Any, **kwargs: Any) -> Awaitable[Any]: ...
    def update_many(self, *args: Any, **kwargs: Any) -> Awaitable[Any]: ...
    def delete_one(self, *args: Any, **kwargs: Any) -> Awaitable[Any]: ...
    def replace_one(self, *args: Any, **kwargs: Any) -> Awaitable[Any]: ...
    def delete_many(self, *args: Any, **kwargs: Any) -> Awaitable[Any]: ...
    def bulk_write(self, *args: Any, **kwargs: Any) -> Awaitable[Any]: ...
    def create_indexes(self, *args: Any, **kwargs: Any) -> Awaitable[Any]: ...
    def index_information(self, *args: Any, **kwargs: Any) -> Awaitable[Any]: ...
    def drop_index(self, *args: Any, **kwargs: Any) -> Awaitable[Any]: ...


class Client(Protocol):
    def start_session(self) -> Awaitable[Any]: ...
    def get_database(self, *args: Any, **kwargs: Any) -> Any: ...


class Collections:
    """The collections of one database, all read with one concern."""

    def __init__(self, client: Client, name: str, read: ReadConcern) -> None:
        found = client.get_database(
            name,
            codec_options=PLAIN,
            read_preference=ReadPreference.PRIMARY,
            read_concern=read,
            write_concern=DURABLE,
        )
        self.make: Callable[[str], Awaitable[Any]] = found.create_collection
        self.processes: Collection = found["processes"]
        self.logs: Collection = found["logs"]
        self.latestkeys: Collection = found["latestkeys"]
        self.counts: Collection = found["counts"]
        self.finished: Collection = found["finished"]
        self.failures: Collection = found["failures"]
        self.members: Collection = found["members"]
        self.functions: Collection = found["functions"]
        self.schema: Collection = found["schema"]
        self.nodes: Collection = found["nodes"]
        self.command: Callable[..., Awaitable[Any]] = found.command


class Database:
    """now: for steps, which write on condition. settled: for what is only shown.

    node      the name of this broker in the database.
    claiming  held while this broker looks for what to claim.
    reserved  ids that it is about to claim: its own batches, at least, do not reach for the same process.
    living    names of the brokers on this database, as this one heard of them last.
    going     colonies that are removed.
    memory    what this broker wrote last of processes that run (`Stored`).
    """

    def __init__(self, client: Client, name: str, *, node: str) -> None:
        self.node = node
        self.now = Collections(client, name, NOW)
        self.settled = Collections(client, name, SETTLED)
        self.claiming = asyncio.Lock()
        self.reserved: set[str] = set()
        self.living: frozenset[str] = frozenset({node})
        self.going = Going()
        self.memory: Memory[Any] = Memory()
        self.start_session = client.start_session

    async def in_transaction(self, work: Callable[[Any], Awaitable[T]]) -> T:
        """Do the work, given a session, all or nothing; do it again whenever it met another transaction."""
        async with await self.start_session() as session:
            for tries in range(MAX_TRANSACTION_TRIES):
                try:
                    async with session.start_transaction(read_concern=SNAPSHOT, write_concern=DURABLE):
                        return await work(session)
                except PyMongoError as error:
                    if error.timeout:
                        await self._let_go(session)
                    if error.timeout or not error.has_error_label("TransientTransactionError"):
                        raise
                await asyncio.sleep(random.uniform(0, 0.002 * min(tries + 1, 10)))
        raise crowded()

    async def _let_go(self, session: Any) -> None:
        """End a transaction for which there was no time left to end it: it would hold what it touched for a minute."""

        async def kill() -> None:
            with contextlib.suppress(PyMongoError), pymongo.timeout(LET_GO_SECONDS):
                await self.now.command("killSessions", [session.session_id])

        # In a context of its own, because the driver takes the time that is left from the context.
        await asyncio.get_running_loop().create_task(kill(), context=contextvars.Context())

    async def settle(self) -> None:
        """Return when everything that the primary has now is durable on a majority, whoever wrote it."""
        # MongoDB lets a write that changes nothing wait for all that was written before it.
        await self.now.schema.update_one({"_id": "schema"}, {"$min": {"version": sys.maxsize}})

    async def touch(self) -> None:
        """Make one durable write."""
        await self.now.schema.update_one({"_id": "schema"}, {"$inc": {"touched": 1}})


def silent_for(seconds: int, than: str, *, since: str = "beat") -> Document:
    """What has been silent for less ($lt) or more ($gt) than so many seconds, by MongoDB's clock."""
    return {"$expr": {than: [{"$subtract": ["$$NOW", f"${since}"]}, seconds * 1000]}}


def crowded() -> errors.Unavailable:
    """Others were faster every time, for as long as is worth trying."""
    return errors.Unavailable("too many brokers change the same process at once; try again")
