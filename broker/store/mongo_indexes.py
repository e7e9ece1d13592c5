"""The indexes of the MongoDB store, each with the query that it serves.

Queries on processes name their index (`hint`), so that none is ever planned onto another
one by what happens to lie there.
"""

from __future__ import annotations

from pymongo import ASCENDING, DESCENDING, IndexModel

from .mongo_database import Document

CLAIM = {"lane": "claim", "named": "claim_named"}
CLAIM_LATEST = {"lane": "claim_latest", "named": "claim_latest_named"}
LISTED, LISTED_STATE, LISTED_TYPE = "listed", "listed_state", "listed_type"
LISTED_CAUSE, LISTED_GROUP, LISTED_ASSIGNEE, GROUPED = "listed_cause", "listed_group", "listed_assignee", "grouped"
COUNTED, ENDED = "counted", "ended"
GROUPS, FAILED_LAST, FAILED_TYPE = "groups", "failed_last", "failed_type"
NAMED = "named"
DUE, HELD, LATESTKEY = "due", "held", "latestkey"

_WAITING: dict[str, Document] = {field: {"state": 0, field: {"$exists": True}} for field in ("lane", "named")}

_FAILED: Document = {"state": 3, "cause": {"$gt": ""}}


def _index(name: str, *keys: str, where: Document | None = None, unique: bool = False) -> IndexModel:
    """keys: names of fields, with a minus before one that descends."""
    parts = [(key.removeprefix("-"), DESCENDING if key.startswith("-") else ASCENDING) for key in keys]
    partial = {"partialFilterExpression": where} if where else {}
    return IndexModel(parts, name=name, unique=unique, **partial)


PROCESSES = [
    # a claim, a peek, and what stands before a process: the first of a few lanes that may still wait
    _index(CLAIM["lane"], "state", "lane", "place", "_id", "waitdeadline", where=_WAITING["lane"]),
    _index(CLAIM["named"], "state", "named", "place", "_id", "waitdeadline", where=_WAITING["named"]),
    # a claim of the latest
    _index(CLAIM_LATEST["lane"], "state", "lane", "-submitted", "waitdeadline", where=_WAITING["lane"]),
    _index(CLAIM_LATEST["named"], "state", "named", "-submitted", "waitdeadline", where=_WAITING["named"]),
    # listings in the order of submission: of a colony, of one state, of a type; and the counts by state and type
    _index(LISTED, "colonyid", "submitted", "_id"),
    _index(LISTED_STATE, "colonyid", "state", "submitted", "_id"),
    _index(LISTED_TYPE, "colonyid", "state", "type", "submitted", "_id"),
    # listings in the order of submission: of what failed for one cause, of one group of it, of what one executor ran
    _index(LISTED_CAUSE, "colonyid", "cause", "submitted", "_id", where=_FAILED),
    _index(LISTED_GROUP, "colonyid", "cause", "type", "func", "submitted", "_id", where=_FAILED),
    _index(LISTED_ASSIGNEE, "colonyid", "assigneeid", "submitted", "_id", where={"assigneeid": {"$gt": ""}}),
    # which of a group of failures failed last; and how many there are of each
    _index(GROUPED, "state", "colonyid", "cause", "type", "func", "endtime", "_id", where=_FAILED),
    # the sweep: what falls due next
    _index(DUE, "due", where={"due": {"$gt": 0}}),
    # what an executor runs, also listed in the order of submission, and how many each runs
    _index(HELD, "colonyid", "state", "assigneeid", "submitted", "_id", where={"state": 1}),
    # older waiting processes of a latestkey
    _index(LATESTKEY, "colonyid", "latestkey", "state", where={"state": 0, "latestkey": {"$exists": True}}),
]
COUNTS = [
    # all of a colony, or of one state or type in it
    _index(COUNTED, "colonyid", "state", "type"),
]
FINISHED = [
    # what ended lately in a colony, and what is too old
    _index(ENDED, "colonyid", "time"),
]
FAILURES = [
    # how many failed for one cause
    _index(GROUPS, "colonyid", "cause", "type", "func"),
    # groups of a colony, or of one type in it, the one that failed last first
    _index(FAILED_LAST, "colonyid", "-last"),
    _index(FAILED_TYPE, "colonyid", "type", "-last"),
]
MEMBERS = [
    # no two of one kind have the same name in one place; lists by name. A colony's place is the server: ""
    _index(NAMED, "home", "kind", "name", unique=True),
]
FUNCTIONS = [
    # the functions of a colony by name
    _index("listed", "colonyid", "funcname", "executorid"),
]

OF_COLLECTION = {
    "processes": PROCESSES,
    "counts": COUNTS,
    "finished": FINISHED,
    "failures": FAILURES,
    "members": MEMBERS,
    "functions": FUNCTIONS,
}
