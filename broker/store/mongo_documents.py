"""Processes as documents of the MongoDB store, and back.

What a move may change is a field of its own and only what changed is written, on the
condition that `rev` is still what was read. The spec never changes and is one MessagePack
value; so are `out` and `attributes`, for their values are arbitrary: MongoDB has no
integers beyond 2^63 and is particular about keys.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from bson import ObjectId
from msgspec.msgpack import Decoder, Encoder
from pymongo import UpdateOne

from colonies.wire.model import Attempt, Attribute, Process, ProcessSpec, State

from . import rules
from .lanes import lanes_of, submitted_us
from .mongo_database import Database, Document
from .mongo_told import told_of
from .text import cause_of, searchable

_spec = Decoder(ProcessSpec)
_values = Decoder(list[Any])
_attributes = Decoder(list[Attribute])
_pack = Encoder().encode

_PLAIN = (
    "assigneeid",
    "attempt",
    "retries",
    "starttime",
    "endtime",
    "waitdeadline",
    "execdeadline",
    "errors",
)


class Stored(NamedTuple):
    """rev: how often it was written. logs: how many lines its log has."""

    process: Process
    rev: int
    place: int
    logs: int


class Update(NamedTuple):
    """What became of a process. Unchanged, it is only waited for: what was read must be durable before it is said."""

    before: Stored
    after: Process
    logs: int


def document_of(process: Process, place: int, *, by: str) -> Document:
    """by: the broker that stores it."""
    spec = process.spec
    document = {
        "_id": process.processid,
        "rev": 0,
        "logs": 0,
        "colonyid": process.colonyid,
        "submitterid": process.submitterid,
        "type": spec.conditions.executortype,
        "func": spec.func,
        "label": spec.label,
        "place": place,
        "submitted": submitted_us(process, place),
        "submissiontime": process.submissiontime,
        "retryof": process.retryof,
        "spec": _pack(spec),
        "text": searchable(process),
        "told": told_of(process, by=by),
        **_mutable(process),
    }
    if spec.latestkey:
        document["latestkey"] = spec.latestkey
    return document


def stored_of(document: Mapping[str, Any]) -> Stored:
    return Stored(process_of(document), document["rev"], document["place"], document["logs"])


def process_of(document: Mapping[str, Any]) -> Process:
    return Process(
        processid=document["_id"],
        colonyid=document["colonyid"],
        submitterid=document["submitterid"],
        spec=_spec.decode(document["spec"]),
        state=State(document["state"]),
        submissiontime=document["submissiontime"],
        retryof=document["retryof"],
        out=_values.decode(document["out"]),
        attributes=_attributes.decode(document["attributes"]),
        history=[Attempt(**attempt) for attempt in document["history"]],
        **{name: document[name] for name in _PLAIN},
    )


def size_of(document: Mapping[str, Any]) -> int:
    """About how many bytes the process takes on the wire."""
    values = sum(len(document[name]) for name in ("spec", "out", "attributes"))
    return values + sum(len(error.encode()) for error in document["errors"]) + 160 * len(document["history"]) + 640


def _mutable(process: Process) -> Document:
    """What a move may change. Some fields are there only while they mean something: indexes hold no others."""
    fields = {name: getattr(process, name) for name in _PLAIN}
    fields["state"] = int(process.state)
    fields["out"] = _pack(process.out)
    fields["attributes"] = _pack(process.attributes)
    fields["history"] = [
        {
            "attempt": attempt.attempt,
            "executorid": attempt.executorid,
            "start": attempt.start,
            "end": attempt.end,
            "ended": attempt.ended,
            **({"claimid": attempt.claimid} if attempt.claimid else {}),
        }
        for attempt in process.history
    ]
    if due := rules.due(process):
        fields["due"] = due
    if process.state == State.FAILED:
        fields["cause"] = cause_of(process.errors)
    if process.state == State.WAITING:
        fields |= standing_in(lanes_of(process.colonyid, process.spec.conditions))
    return fields


def standing_in(lanes: Sequence[str]) -> Document:
    """The field for the lanes of one process: `lane` for that of a type, `named` for those of executors.

    Apart, because the lanes of most executors are empty: looked for in one index with those of types, each look
    would end at the head of a busy lane, among all that was just taken from there.
    """
    return {"lane": lanes[0]} if is_of_type(lanes[0]) else {"named": list(lanes)}


def is_of_type(lane: str) -> bool:
    return lane.partition("/")[2].startswith("type:")


def _changed(update: Update, *, by: str) -> Document:
    """The update of the fields that changed, and what it tells other brokers; empty when none did."""
    before, after, logs = update
    old, new = _mutable(before.process), _mutable(after)
    fields = {name: value for name, value in new.items() if name not in old or old[name] != value}
    if "errors" in fields:
        fields["text"] = searchable(after)
    if logs != before.logs:
        fields["logs"] = logs
    if not fields:
        return {}
    is_moved = (before.process.state, before.process.attempt) != (after.state, after.attempt)
    if is_moved or logs != before.logs:
        fields["told"] = told_of(after, by=by, is_moved=is_moved, line=logs if logs != before.logs else 0)
    gone = dict.fromkeys(old.keys() - new.keys(), "")
    return {"$set": fields, "$unset": gone} if gone else {"$set": fields}


async def write(database: Database, updates: Sequence[Update], *, session: Any = None) -> set[str]:
    """Write each update if its process is still as it was read. Returns the ids of those that were.

    An update that changes nothing counts among them: it makes the write wait until what was read is durable.
    """
    processes, step = database.now.processes, ObjectId()
    operations, changed = [], set()
    for update in updates:
        key = {"_id": update.after.processid, "rev": update.before.rev}
        if change := _changed(update, by=database.node):
            change["$set"] |= {"rev": update.before.rev + 1, "step": step}
            changed.add(update.after.processid)
        operations.append(UpdateOne(key, change or {"$set": {"rev": update.before.rev}}))
    if not operations:
        return set()
    result = await processes.bulk_write(operations, ordered=False, session=session)
    ids = {update.after.processid for update in updates}
    if result.matched_count == len(operations) or session:
        return ids
    won = await processes.find({"_id": {"$in": list(changed)}, "step": step}, {"_id": 1}).to_list(None)
    return ids - changed | {document["_id"] for document in won}
