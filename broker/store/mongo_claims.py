"""Claims in MongoDB: one look into all lanes that a batch asks for, one conditional write.

Of several brokers that look at the same moment each sees the same processes first, and one of
them gets each. The others look again, further, and each takes only what is its own by a hash
of the process and the brokers that live, so that those that lost do not meet a second time.
"""

from __future__ import annotations

import asyncio
import random
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any, NamedTuple, TypeAlias

from colonies.wire.model import Process

from . import rules
from .lanes import lanes_of, submitted_us
from .mongo_answers import Answers, Asked
from .mongo_database import Collection, Database, Document, crowded
from .mongo_documents import UNTOLD, Stored, Update, is_of_type, stored_of
from .mongo_indexes import CLAIM, CLAIM_LATEST
from .mongo_writes import write
from .moves import Claim
from .others import order_of

# MongoDB merges up to 200 lanes by their order without sorting; a claim has one of a type and two of an executor.
CHUNK = 64
# Each time a claim loses, another one has won.
MAX_TRIES = 100
# After a lost race so many times as many processes as claims are looked at, for each broker that lives; a few hundred.
SPREAD = 3
MAX_LOOKED_AT = 256


# Which of the processes that are left, each told by its place in what was found.
Choose: TypeAlias = Callable[[Sequence[int]], int]


class _Pair(NamedTuple):
    asked: Asked[Claim]
    stored: Stored
    after: Process


async def claim(database: Database, asked: Sequence[Asked[Claim]], answers: Answers) -> None:
    for latest in (False, True):
        wanted = [one for one in asked if one.move.latest is latest]
        for start in range(0, len(wanted), CHUNK):
            await _claim(database, wanted[start : start + CHUNK], answers, latest=latest)


async def _claim(database: Database, asked: Sequence[Asked[Claim]], answers: Answers, *, latest: bool) -> None:
    has_lost = False
    for _ in range(MAX_TRIES):
        wanted = answers.unanswered(asked)
        if not wanted:
            return
        async with database.claiming:
            pairs, is_all = await _look(database, wanted, latest=latest, has_lost=has_lost)
            ids = {pair.after.processid for pair in pairs}
            database.reserved |= ids
        try:
            won = await write(database, [Update(pair.stored, pair.after, pair.stored.logs) for pair in pairs])
        finally:
            database.reserved -= ids
        for pair in pairs:
            if pair.after.processid in won:
                answers.answer(pair.asked, pair.after)
        has_lost = len(won) < len(pairs)
        if is_all:
            _answer_nothing(wanted, pairs, answers)
    answers.fail(asked, crowded())


async def _look(
    database: Database, wanted: Sequence[Asked[Claim]], *, latest: bool, has_lost: bool
) -> tuple[list[_Pair], bool]:
    """Who could get what, and whether that was all that waits for them."""
    busy = set(database.reserved)  # before the look, which may still show what is written meanwhile
    limit = len(wanted) + len(busy)
    if has_lost:
        # Beyond what others may be taking from the head in this moment, and as far again as each finds some of its own.
        limit += min(CHUNK + len(wanted) * SPREAD * len(database.living), MAX_LOOKED_AT)
    found = await first_in(database.now.processes, _lanes(wanted), now=_now(wanted), latest=latest, limit=limit)
    free = [stored for stored in found.first if stored.process.processid not in busy]
    choose = _of_own(free, database) if has_lost else _first
    return list(_pair(wanted, free, choose)), found.is_all


def _answer_nothing(wanted: Sequence[Asked[Claim]], pairs: Sequence[_Pair], answers: Answers) -> None:
    """All that waits was looked at: whoever found nothing in it gets nothing."""
    paired = {pair.asked.number for pair in pairs}
    for one in wanted:
        if one.number not in paired:
            answers.answer(one, None)


def _lanes(wanted: Iterable[Asked[Claim]]) -> list[str]:
    return list(dict.fromkeys(lane for one in wanted for lane in one.move.lanes))


def _now(wanted: Iterable[Asked[Claim]]) -> int:
    return max(one.move.now for one in wanted)


class Found(NamedTuple):
    """What stands first in some lanes, in that order, and whether nothing stands behind it."""

    first: list[Stored]
    is_all: bool


async def first_in(processes: Collection, lanes: Sequence[str], *, now: int, latest: bool, limit: int) -> Found:
    """The processes that stand first in these lanes together, or were submitted latest; about `limit` of them."""
    looks = [
        processes.find(waiting_in(field, some, now), UNTOLD, limit=limit, **order(field, latest=latest)).to_list(None)
        for field, some in _by_field(lanes)
    ]
    found = [[stored_of(document) for document in documents] for documents in await asyncio.gather(*looks)]
    is_all = all(len(part) < limit for part in found)
    first = sorted((stored for part in found for stored in part), key=_latest_first if latest else _by_place)
    # Of each kind of lane the first `limit` are known, and so of both together; what follows may have gaps.
    return Found(first if is_all else first[:limit], is_all)


def _by_field(lanes: Sequence[str]) -> Iterator[tuple[str, list[str]]]:
    for field, is_type in (("lane", True), ("named", False)):
        if some := [lane for lane in lanes if is_of_type(lane) is is_type]:
            yield field, some


def _by_place(stored: Stored) -> tuple[int, str]:
    return stored.place, stored.process.processid


def _latest_first(stored: Stored) -> int:
    return -submitted_us(stored.process, stored.place)


def waiting_in(field: str, lanes: Sequence[str], now: int) -> Document:
    return {"state": 0, field: {"$in": list(lanes)}, "waitdeadline": {"$not": {"$gt": 0, "$lte": now}}}


def order(field: str, *, latest: bool) -> dict[str, Any]:
    if latest:
        return {"sort": [("submitted", -1)], "hint": CLAIM_LATEST[field]}
    return {"sort": [("place", 1), ("_id", 1)], "hint": CLAIM[field]}


def _pair(wanted: Sequence[Asked[Claim]], found: Sequence[Stored], choose: Choose) -> Iterator[_Pair]:
    """Give each claim one process in its lanes that no claim before it got; by `_first`, the first.

    Whatever was not looked at stands behind all that was found, so the first is the first of all.
    """
    by_lane: dict[str, list[int]] = {}
    for index, stored in enumerate(found):
        for lane in lanes_of(stored.process.colonyid, stored.process.spec.conditions):
            by_lane.setdefault(lane, []).append(index)
    taken: set[int] = set()
    for one in wanted:
        mine = sorted({index for lane in one.move.lanes for index in by_lane.get(lane, ())} - taken)
        if mine:
            index = choose(mine)
            taken.add(index)
            stored = found[index]
            after = rules.claimed(
                stored.process, executorid=one.move.executorid, now=one.move.now, claimid=one.move.claimid
            )
            yield _Pair(one, stored, after)


def _first(free: Sequence[int]) -> int:
    return free[0]


def _of_own(found: Sequence[Stored], database: Database) -> Choose:
    """Brokers that know the same others have each processes of its own here, so that those that lost do not meet again.

    The last one of them: at the head are those who look for the first time.
    """
    own = {
        index
        for index, stored in enumerate(found)
        if _owner(stored.process.processid, database.living) == database.node
    }

    def choose(free: Sequence[int]) -> int:
        mine = [index for index in free if index in own]
        return mine[-1] if mine else random.choice(free)

    return choose


def _owner(processid: str, living: Iterable[str]) -> str:
    return max(living, key=lambda node: order_of(processid, node))
