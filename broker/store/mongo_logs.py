"""Lines of logs in MongoDB. Their number is kept in the process, so that a step takes the next place."""

from __future__ import annotations

from colonies.wire import errors
from colonies.wire.model import MAX_LOG_LINES, Log, Process

from . import rules
from .mongo_database import Collection, Document
from .moves import AddLog

# Beyond it MongoDB has no integers; no time that can be meant comes near.
_LAST_TIME = 1 << 52


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


def log_of(processid: str) -> Document:
    """The lines of one process: the character after the slash is 0, and no processid has a slash."""
    return {"_id": {"$gt": f"{processid}/", "$lt": f"{processid}0"}}


async def logs(lines: Collection, processid: str, *, since: int, limit: int) -> list[Log]:
    earliest = max(-_LAST_TIME, min(since, _LAST_TIME))
    cursor = lines.find({**log_of(processid), "time": {"$gte": earliest}}, sort=[("_id", 1)], limit=limit)
    return [
        Log(
            processid=processid,
            seq=int(line["_id"].rsplit("/", 1)[1]),
            time=line["time"],
            attempt=line["attempt"],
            executorid=line["executorid"],
            message=line["message"],
        )
        for line in await cursor.to_list(None)
    ]
