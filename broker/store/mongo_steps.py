"""Conditional steps on processes in MongoDB: one read and one write for all of a batch.

The moves on one process are applied to it one after the other, in memory, and written
together, if it is still what was read; whoever lost that race is read and applied again.
What this broker wrote last it remembers and need not read, as long as all the moves are
done by that: a refusal, or that there was nothing to do, is said of what was read alone.
A process with a latestkey that would go back to the queue is a matter of two documents,
and so of a transaction.
"""

from __future__ import annotations

import contextlib
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, NamedTuple, TypeAlias

from colonies.wire import errors
from colonies.wire.model import Process, State

from . import rules
from .mongo_answers import Answers, Asked
from .mongo_database import Database, Document, crowded
from .mongo_documents import UNTOLD, Stored, Update, stored_of
from .mongo_logs import line_of
from .mongo_submits import latestkey_id
from .mongo_there import of_colonies_there
from .mongo_writes import write
from .moves import AddLog, Change, Changed, Outcome

Step: TypeAlias = Change | AddLog
Steps: TypeAlias = list[Asked[Step]]

# Each time one of those who want the same process is through.
MAX_TRIES = 100


class Folded(NamedTuple):
    """What a process becomes by several moves, and what each of them is answered."""

    update: Update
    answers: list[tuple[Asked[Step], Outcome[Any]]]
    lines: list[Document]


class _NewestUnknown(Exception):
    """The answer hangs on whether a newer process with its latestkey was submitted."""


async def step(database: Database, asked: Sequence[Asked[Step]], answers: Answers) -> None:
    with database.going.storing():  # lines of logs come after the step, and would outlive what is removed in between
        await _step(database, await of_colonies_there(database, asked, answers), answers)


async def _step(database: Database, asked: Sequence[Asked[Step]], answers: Answers) -> None:
    left: dict[str, Steps] = {}
    for one in asked:
        left.setdefault(one.move.processid, []).append(one)
    for _ in range(MAX_TRIES):
        left = await _try(database, left, answers)
        if not left:
            return
    answers.fail(asked, crowded())


async def _try(database: Database, steps: Mapping[str, Steps], answers: Answers) -> dict[str, Steps]:
    """Do what can be done at once, and return what lost a race."""
    folded = list(_of_memory(database, steps))
    known = {one.update.after.processid for one in folded}
    alone = []
    wanted = [processid for processid in steps if processid not in known]
    stored = await _read(database, wanted)
    for processid in wanted:
        ones = steps[processid]
        if processid not in stored:
            answers.fail(ones, rules.not_found(processid))
            continue
        try:
            folded.append(fold(stored[processid], ones, newest=None))
        except _NewestUnknown:
            alone.append(stored[processid].process)
    won = await write(database, [one.update for one in folded if _is_to_write(one)])
    done = [one for one in folded if not _is_to_write(one) or one.update.after.processid in won]
    await _finish(database, done, answers)
    for process in alone:
        await _step_with_latestkey(database, process, steps[process.processid], answers)
    return {
        one.update.after.processid: steps[one.update.after.processid]
        for one in folded
        if _is_to_write(one) and one.update.after.processid not in won
    }


def _of_memory(database: Database, steps: Mapping[str, Steps]) -> Iterator[Folded]:
    """Those that can be applied to what this broker wrote last, and are all done by that."""
    for processid, ones in steps.items():
        if stored := database.memory.take(processid):
            with contextlib.suppress(_NewestUnknown):
                folded = fold(stored, ones, newest=None)
                if all(_is_done(outcome) for _, outcome in folded.answers):
                    yield folded


def _is_done(outcome: Outcome[Any]) -> bool:
    """Whether something changed, so that it is true only if the write is made."""
    if isinstance(outcome, Changed):
        return outcome.before is not outcome.after
    return not isinstance(outcome, errors.ColoniesError)


async def _read(database: Database, processids: Sequence[str]) -> dict[str, Stored]:
    if not processids:
        return {}
    found = await database.now.processes.find({"_id": {"$in": list(processids)}}, UNTOLD).to_list(None)
    return {document["_id"]: stored_of(document) for document in found}


async def _step_with_latestkey(database: Database, process: Process, steps: Steps, answers: Answers) -> None:
    async def work(session: Any) -> Folded | None:
        document = await database.now.processes.find_one({"_id": process.processid}, session=session)
        if document is None:
            return None
        # Written and not only read: a submit with this key, at the same time, must conflict with it.
        key = await database.now.latestkeys.find_one_and_update(
            {"_id": latestkey_id(process)}, {"$inc": {"asked": 1}}, session=session
        )
        newest = key["processid"] if key else process.processid
        folded = fold(stored_of(document), steps, newest=newest)
        await write(database, [folded.update], session=session)
        return folded

    folded = await database.in_transaction(work)
    if folded is None:
        answers.fail(steps, rules.not_found(process.processid))
    else:
        await _finish(database, [folded], answers)


async def _finish(database: Database, folded: Sequence[Folded], answers: Answers) -> None:
    """Write the lines of logs, whose place was taken with the step, and answer."""
    if lines := [line for one in folded for line in one.lines]:
        await database.now.logs.insert_many(lines, ordered=False)
    for one in folded:
        for asked, outcome in one.answers:
            answers.answer(asked, outcome)


def _is_to_write(folded: Folded) -> bool:
    """Whether anything was done or found to be done; refusals alone are only said."""
    return any(not isinstance(outcome, errors.ColoniesError) for _, outcome in folded.answers)


# — pure —


def fold(stored: Stored, steps: Steps, *, newest: str | None) -> Folded:
    """Apply the moves one after the other.

    newest  id of the newest process with its latestkey. Where it matters and is None, _NewestUnknown is raised.
    """
    process, logs = stored.process, stored.logs
    said: list[tuple[Asked[Step], Outcome[Any]]] = []
    lines: list[Document] = []
    for asked in steps:
        move = asked.move
        try:
            if move.colonyid != process.colonyid:
                raise rules.not_found(move.processid)
            if isinstance(move, AddLog):
                lines.append(line_of(process, move, seq=logs + 1))
                logs += 1
                said.append((asked, logs))
            else:
                before, process = process, _changed(process, move, newest)
                said.append((asked, Changed(before, process)))
        except errors.ColoniesError as refusal:
            said.append((asked, refusal))
    return Folded(Update(stored, process, logs), said, lines)


def _changed(process: Process, move: Change, newest: str | None) -> Process:
    after = move.change(process)
    is_requeued = process.state == State.RUNNING and after.state == State.WAITING
    if not (is_requeued and process.spec.latestkey):
        return after
    if newest is None:
        raise _NewestUnknown
    return after if newest == process.processid else rules.superseded(after, by=newest, now=move.now)
