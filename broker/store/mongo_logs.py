"""Lines of logs in MongoDB. Their number is kept in the process, so that a step takes the next place."""

from __future__ import annotations

from colonies.wire import errors
from colonies.wire.model import MAX_LOG_LINES, Log, Process

from . import rules
from .base import PAGE_BYTES
from .mongo_database import Collection, Document
from .moves import AddLog
from .text import size_of_line

# Beyond it MongoDB has no integers; no time that can be meant comes near.
_LAST_TIME = 1 << 52
_BATCH = 64


def line_of(process: Process, move: AddLog, *, seq: int) -> Document:
    """The line as it is stored, or the refusal. Lines of a process stand together, in order of their five digits."""
    rules.refuse_unless_held(process, executorid=move.executorid, attempt=None, now=move.now)
    if seq > MAX_LOG_LINES:
        raise errors.TooLarge(f"the log of process {process.processid} has {seq - 1} lines, no more are taken")
    return {
        "_id": f"{process.processid}/{seq:05}",
        "time": move.now,
        "attempt": process.attempt,
        "executorid": move.executorid,
        "message": move.message,
    }


def log_of(processid: str, *, after: int = 0) -> Document:
    """The lines of one process: the character after the slash is 0, and no processid has a slash."""
    return {"_id": {"$gt": f"{processid}/{after:05}", "$lt": f"{processid}0"}}


async def logs(lines: Collection, processid: str, *, since: int, after: int, limit: int) -> list[Log]:
    earliest = max(-_LAST_TIME, min(since, _LAST_TIME))
    where = {**log_of(processid, after=min(after, MAX_LOG_LINES)), "time": {"$gte": earliest}}
    cursor = lines.find(where, sort=[("_id", 1)], limit=limit, batch_size=min(limit, _BATCH))
    found: list[Log] = []
    size = 0
    async for document in cursor:
        found.append(_line(processid, document))
        size += size_of_line(found[-1])
        if size > PAGE_BYTES:
            await cursor.close()
            break
    return found


def _line(processid: str, document: Document) -> Log:
    return Log(
        processid=processid,
        seq=int(document["_id"].rsplit("/", 1)[1]),
        time=document["time"],
        attempt=document["attempt"],
        executorid=document["executorid"],
        message=document["message"],
    )
