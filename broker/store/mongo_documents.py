"""Processes as documents of the MongoDB store, and back.

What a move may change is a field of its own, and only what changed is written. The spec
never changes and is one MessagePack value; so are `out` and `attributes`, for their values
are arbitrary: MongoDB has no integers beyond 2^63 and is particular about keys.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from bson import ObjectId
from msgspec.msgpack import Decoder, Encoder

from colonies.wire.model import Attempt, Process, State

from . import rules
from .lanes import lanes_of, submitted_us
from .mongo_database import Document
from .mongo_told import told_of
from .packed import attributes_of, spec_of
from .text import cause_of, searchable

_values = Decoder(list[Any])
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


# What nobody needs who reads a process to act upon it.
UNTOLD = {"text": 0, "told": 0}


class Stored(NamedTuple):
    """rev: how often it was written. logs: how many lines its log has. size: about how many bytes its values take.
    step: what wrote it last; None: not known."""

    process: Process
    rev: int
    place: int
    logs: int
    step: ObjectId | None
    size: int


class Update(NamedTuple):
    """What became of a process. Unchanged, it is only waited for: what was read must be durable before it is said."""

    before: Stored
    after: Process
    logs: int


class Change(NamedTuple):
    """An update as what it does to the document.

    gone  fields that go.
    told  what it tells other brokers; None: nothing.
    size  about how many bytes it takes.
    """

    before: Stored
    after: Stored
    fields: Document
    gone: frozenset[str]
    told: Document | None
    size: int


def document_of(process: Process, place: int, *, step: ObjectId, by: str) -> Document:
    """by: the broker that stores it."""
    spec = process.spec
    document = {
        "_id": process.processid,
        "rev": 0,
        "step": step,
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
    size = len(document["spec"]) + len(document["attributes"])
    return Stored(
        process_of(document), document["rev"], document["place"], document["logs"], document.get("step"), size
    )


def process_of(document: Mapping[str, Any]) -> Process:
    return Process(
        processid=document["_id"],
        colonyid=document["colonyid"],
        submitterid=document["submitterid"],
        spec=spec_of(document["spec"]),
        state=State(document["state"]),
        submissiontime=document["submissiontime"],
        retryof=document["retryof"],
        out=_values.decode(document["out"]),
        attributes=attributes_of(document["attributes"]),
        history=[Attempt(**attempt) for attempt in document["history"]],
        **{name: document[name] for name in _PLAIN},
    )


def size_of(document: Mapping[str, Any]) -> int:
    """About how many bytes the process takes on the wire."""
    values = sum(len(document[name]) for name in ("spec", "out", "attributes"))
    return values + sum(len(error.encode()) for error in document["errors"]) + 160 * len(document["history"]) + 640


def _mutable(process: Process) -> Document:
    """What a move may change."""
    fields = {name: getattr(process, name) for name in _PLAIN}
    fields["state"] = int(process.state)
    fields["out"] = _pack(process.out)
    fields["attributes"] = _pack(process.attributes)
    fields["history"] = _history(process)
    return fields | _passing(process)


def _history(process: Process) -> list[Document]:
    return [
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


def _passing(process: Process) -> Document:
    """Fields that are there only while they mean something: indexes hold no others."""
    fields: Document = {}
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


def change_of(update: Update, *, step: ObjectId, by: str) -> Change | None:
    """What an update does to the document, and what it tells other brokers; None when it changes nothing."""
    stored, after, logs = update
    before = stored.process
    old, new = _passing(before), _passing(after)
    fields = {**_plain(before, after), **{name: value for name, value in new.items() if old.get(name) != value}}
    if "errors" in fields:
        fields["text"] = searchable(after)
    if logs != stored.logs:
        fields["logs"] = logs
    if not fields and old.keys() == new.keys():
        return None
    is_moved = (before.state, before.attempt) != (after.state, after.attempt)
    told = None
    if is_moved or logs != stored.logs:
        told = told_of(after, by=by, is_moved=is_moved, line=logs if logs != stored.logs else 0)
    fields |= {"rev": stored.rev + 1, "step": step}
    size = stored.size + len(fields.get("attributes", b""))
    became = Stored(after, stored.rev + 1, stored.place, logs, step, size)
    return Change(stored, became, fields, frozenset(old.keys() - new.keys()), told, _size_of_fields(fields))


def _plain(before: Process, after: Process) -> Document:
    """Of the fields that are always there, those that changed."""
    fields = {name: value for name in _PLAIN if getattr(before, name) != (value := getattr(after, name))}
    if before.state != after.state:
        fields["state"] = int(after.state)
    if before.history is not after.history:
        fields["history"] = _history(after)
    for name in ("out", "attributes"):
        old, new = getattr(before, name), getattr(after, name)
        # By what is stored: 1 and True are equal, and are not the same.
        if old is not new and _pack(old) != (packed := _pack(new)):
            fields[name] = packed
    return fields


def _size_of_fields(fields: Document) -> int:
    values = len(fields.get("out", b"")) + len(fields.get("attributes", b""))
    return values + sum(2 * len(error.encode()) for error in fields.get("errors", ())) + 8192
