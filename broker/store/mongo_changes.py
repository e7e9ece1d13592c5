"""The feed of the bus: a change stream over the database, read with the commands of the driver.

What this broker wrote itself, and what nobody here cares for, is left out by MongoDB. Batches
come as a whole, one call each. The place is a resume token; a stream for other channels must
not begin with the token of an event that it may not show, and begins at that event's time.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from typing import Any, NamedTuple

from bson.int64 import Int64
from pymongo.errors import OperationFailure, PyMongoError

from broker.channels.bus import BrokenOff, PlaceLost
from broker.logs import fields
from colonies.wire import errors

from .mongo_database import Database, Document
from .mongo_documents import stored_of
from .mongo_told import change_of
from .others import MemberChanged, Told

log = logging.getLogger(__name__)

Follow = Callable[[], AbstractContextManager[Database]]

AWAIT_MS = 400
# A broker that is alone reads so often, and at once: waiting, MongoDB would look at each of its own writes apart.
ALONE_SECONDS = 0.2
ALONE_MS = 1
BATCH = 1000
LARGE_BYTES = 4 << 20  # MongoDB ends a batch at 16 MiB
# How MongoDB says that its oplog does not reach back to a place, or that a place is none of it.
_LOST = frozenset({136, 222, 260, 280, 286})


class Place(NamedTuple):
    """token: of the last event, or beyond it. event, time: token and cluster time of the last event that was read."""

    token: Document
    event: Document | None = None
    time: Any = None


class MongoFeed:
    """is_alone: no other broker lives, as far as this one heard; until it knows, others may."""

    def __init__(self, follow: Follow, node: str) -> None:
        self.is_alone = False
        self.follow = follow
        self._node = node

    async def open(self, channels: frozenset[str], place: Place | None) -> MongoStream:
        with _told_apart(), self.follow() as database:
            session = await database.start_session()
            try:
                command = {
                    "aggregate": 1,
                    "pipeline": _pipeline(channels, place, node=self._node),
                    "cursor": {"batchSize": BATCH},
                }
                answer = await database.now.command(command, session=session)
            except BaseException:
                await session.end_session()
                raise
        return MongoStream(self, session, answer["cursor"], place)


class MongoStream:
    def __init__(self, feed: MongoFeed, session: Any, cursor: Mapping[str, Any], place: Place | None) -> None:
        self._feed = feed
        self._session = session
        self._cursor: int = cursor["id"]
        self._first: Mapping[str, Any] | None = cursor if cursor["firstBatch"] else None
        self._asked: asyncio.Task[Mapping[str, Any]] | None = None
        self.place = place or Place(cursor["postBatchResumeToken"])
        self.has_more = False

    async def read(self) -> Sequence[Told]:
        first, self._first = self._first, None
        if first is not None:
            return self._take(first, "firstBatch")
        if self._feed.is_alone and not self.has_more:
            await asyncio.sleep(ALONE_SECONDS)
        # A call cannot be taken back: whoever is cancelled leaves its answer to `close`.
        self._asked = asyncio.get_running_loop().create_task(self._more())
        self._asked.add_done_callback(_have_looked_at)
        answer = await asyncio.shield(self._asked)
        self._asked = None
        return self._take(answer, "nextBatch")

    async def _more(self) -> Mapping[str, Any]:
        command = {
            "getMore": self._cursor,
            "collection": "$cmd.aggregate",
            "maxTimeMS": ALONE_MS if self._feed.is_alone else AWAIT_MS,
            "batchSize": BATCH,
        }
        with _told_apart(), self._feed.follow() as database:
            answer = await database.now.command(command, session=self._session)
        cursor: Mapping[str, Any] = answer["cursor"]
        if not cursor["id"]:  # the database was dropped, or the stream ended in another way
            raise PlaceLost("MongoDB ended the change stream")
        return cursor

    def _take(self, cursor: Mapping[str, Any], name: str) -> list[Told]:
        before = self.place
        self.has_more = _is_full(cursor[name])
        events = [event for event in cursor[name] if not _is_before(event["_id"], before.event)]
        self.place = Place(cursor["postBatchResumeToken"], before.event, before.time)
        if events:
            self.place = self.place._replace(event=events[-1]["_id"], time=events[-1]["clusterTime"])
        return [told for event in events if (told := _read(event)) is not None]

    async def close(self) -> None:
        """The cursor lies with MongoDB, which forgets it by itself where it cannot be told to."""
        with contextlib.suppress(errors.Unavailable, PyMongoError), self._feed.follow() as database:
            kill = {"killCursors": "$cmd.aggregate", "cursors": [self._cursor]}
            await database.now.command(kill)
        if self._asked:
            await asyncio.wait([self._asked])
        with contextlib.suppress(PyMongoError):
            await self._session.end_session()


def _have_looked_at(asked: asyncio.Task[Any]) -> None:
    """What went wrong with a call whose answer nobody waits for any more is nobody's concern."""
    if not asked.cancelled():
        asked.exception()


@contextlib.contextmanager
def _told_apart() -> Iterator[None]:
    """Say whether the place is lost, or the feed cannot be read now."""
    try:
        yield
    except errors.Unavailable as error:
        cause = error.__cause__
        if isinstance(cause, OperationFailure) and cause.code in _LOST:
            raise PlaceLost(str(cause)) from error
        raise BrokenOff(error.message) from error
    except OperationFailure as error:
        if error.code in _LOST:
            raise PlaceLost(str(error)) from error
        raise BrokenOff(str(error)) from error


def _is_full(events: Sequence[Mapping[str, Any]]) -> bool:
    """Whether MongoDB may have ended the batch although there was more: it is as long, or as large, as they become."""
    specs = sum(len(event["fullDocument"].get("spec", b"")) for event in events if event.get("fullDocument"))
    return len(events) >= BATCH or specs > LARGE_BYTES


def _is_before(token: Document, last: Document | None) -> bool:
    """Whether this event was read already. The texts of tokens are in the order of what happened."""
    return last is not None and bool(token["_data"] <= last["_data"])


# — what is asked —


def _pipeline(channels: frozenset[str], place: Place | None, *, node: str) -> list[Document]:
    return [
        {"$changeStream": _start(place)},
        {"$match": {"$or": [*_of_members(), *_of_processes(sorted(channels), node)]}},
        {
            "$project": {
                "coll": "$ns.coll",
                "operationType": 1,
                "clusterTime": 1,
                "wallTime": 1,
                "documentKey._id": 1,
                "fullDocument": 1,
                "told": "$updateDescription.updatedFields.told",
            }
        },
    ]


def _start(place: Place | None) -> Document:
    if place is None:
        return {}
    if place.event == place.token:
        return {"startAtOperationTime": place.time}
    return {"startAfter": place.token}


def _of_members() -> list[Document]:
    """Who is a member, and as what. When members were seen last, and where, is no change of them."""
    fields = [{f"updateDescription.updatedFields.{name}": {"$exists": True}} for name in ("state", "kind")]
    return [
        {"ns.coll": "members", "operationType": {"$in": ["insert", "replace", "delete"]}},
        {"ns.coll": "members", "$or": fields},
    ]


def _of_processes(channels: list[str], node: str) -> list[Document]:
    if not channels:
        return []
    return [
        {
            "ns.coll": "processes",
            "operationType": operation,
            f"{told}.channels": {"$in": channels},
            f"{told}.by": {"$ne": node},
        }
        for operation, told in (("insert", "fullDocument.told"), ("update", "updateDescription.updatedFields.told"))
    ]


# — what is read —


def _read(event: Mapping[str, Any]) -> Told | None:
    """One event that this program cannot read must not hold up those behind it."""
    try:
        return _told(_plain(event))
    except Exception:
        log.exception("a change of another broker could not be read", extra=fields("bug"))
        return None


def _plain(value: Any) -> Any:
    """The driver decodes the answers of commands with its own 64-bit integers, for which the wire has no form."""
    if isinstance(value, Int64):
        return int(value)
    if isinstance(value, dict):
        return {name: _plain(field) for name, field in value.items()}
    return [_plain(each) for each in value] if isinstance(value, list) else value


def _alone(told: Any) -> Any:
    """Every other update has it in a list (see `mongo_writes`)."""
    return told[0] if isinstance(told, list) else told


def _told(event: Mapping[str, Any]) -> Told:
    identity: str = event["documentKey"]["_id"]
    if event["coll"] == "members":
        return MemberChanged(identity)
    document = event.get("fullDocument")
    told = _alone(document["told"] if document else event["told"])
    process = stored_of(document).process if document else None
    return change_of(identity, told, process=process, time=event.get("wallTime"))
