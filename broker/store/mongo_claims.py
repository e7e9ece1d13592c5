"""Claims in MongoDB: one look into all lanes that a batch asks for, one conditional write.

Of several brokers that look at the same moment each sees the same processes first; one of
them gets each, and the others look again and take one at random among the first, so that
they do not meet a second time.
"""

from __future__ import annotations

import random
from collections.abc import Iterable, Iterator, Sequence
from typing import Any, NamedTuple

from colonies.wire.model import Process

from . import rules
from .lanes import lanes_of
from .mongo_answers import Answers, Asked
from .mongo_database import Collection, Database, Document, crowded
from .mongo_documents import Stored, Update, stored_of, write
from .mongo_indexes import CLAIM, CLAIM_LATEST
from .moves import Claim

# MongoDB merges up to 200 lanes by their order without sorting; a claim has three.
CHUNK = 64
# Each time a claim loses, another one has won.
MAX_TRIES = 100
SPREAD = 4  # how many times as many processes as claims are looked at after a lost race


class _Pair(NamedTuple):
    asked: Asked[Claim]
    stored: Stored
    after: Process


async def claim(database: Database, asked: Sequence[Asked[Claim]], answers: Answers) -> None:
    for latest in (False, True):
        wanted = [one for one in asked if one.move.latest is latest]
        for start in range(0, len(wanted), CHUNK):
            await _claim(database.now.processes, wanted[start : start + CHUNK], answers, latest=latest)


async def _claim(processes: Collection, asked: Sequence[Asked[Claim]], answers: Answers, *, latest: bool) -> None:
    has_lost = False
    for _ in range(MAX_TRIES):
        wanted = answers.unanswered(asked)
        if not wanted:
            return
        limit = len(wanted) * (SPREAD if has_lost else 1)
        found = await first_in(processes, _lanes(wanted), now=_now(wanted), latest=latest, limit=limit)
        pairs = list(_pair(wanted, found, at_random=has_lost))
        won = await write(processes, [Update(pair.stored, pair.after, pair.stored.logs) for pair in pairs])
        for pair in pairs:
            if pair.after.processid in won:
                answers.answer(pair.asked, pair.after)
        has_lost = len(won) < len(pairs)
        if len(found) < limit:
            _answer_nothing(wanted, pairs, answers)
    answers.fail(asked, crowded())


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


async def first_in(processes: Collection, lanes: Sequence[str], *, now: int, latest: bool, limit: int) -> list[Stored]:
    """The processes that stand first in these lanes together, or were submitted latest, in that order."""
    cursor = processes.find(waiting_in(lanes, now), limit=limit, **order(latest=latest))
    found: list[Document] = await cursor.to_list(None)
    return [stored_of(document) for document in found]


def waiting_in(lanes: Sequence[str], now: int) -> Document:
    return {"state": 0, "lanes": {"$in": list(lanes)}, "waitdeadline": {"$not": {"$gt": 0, "$lte": now}}}


def order(*, latest: bool) -> dict[str, Any]:
    if latest:
        return {"sort": [("submitted", -1)], "hint": CLAIM_LATEST}
    return {"sort": [("place", 1), ("_id", 1)], "hint": CLAIM}


def _pair(wanted: Sequence[Asked[Claim]], found: Sequence[Stored], *, at_random: bool) -> Iterator[_Pair]:
    """Give each claim the first process in its lanes that no claim before it got.

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
            index = random.choice(mine) if at_random else mine[0]
            taken.add(index)
            stored = found[index]
            after = rules.claimed(stored.process, executorid=one.move.executorid, now=one.move.now)
            yield _Pair(one, stored, after)
