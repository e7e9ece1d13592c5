"""A past for a colony, put into a store as if it had happened: what was successful, failed, waits and runs.

A process goes in as it ended, by the same move that stores any other, so that the figures that a store keeps with its
moves are right. Nothing here needs a broker, and none may run on the store meanwhile.
"""

from __future__ import annotations

import random
import secrets
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import islice
from typing import Any

from broker.store.base import Store
from broker.store.lanes import place
from broker.store.moves import Move, Submit
from colonies.wire.errors import ColoniesError
from colonies.wire.model import Attempt, Conditions, Process, ProcessSpec, State

BATCH = 2000


@dataclass(frozen=True, kw_only=True)
class Ended:
    """One process that ended. submitted, took, waited: ms. error: why it failed; empty: it was successful."""

    spec: ProcessSpec
    submitted: int
    waited: int
    took: int
    executorid: str
    error: str = ""


def spec_of(colonyid: str, executortype: str, func: str, args: list[object], *, label: str = "") -> ProcessSpec:
    conditions = Conditions(executortype=executortype, colonyid=colonyid)
    return ProcessSpec(conditions=conditions, func=func, args=args, label=label)


def ended(colonyid: str, submitterid: str, past: Ended) -> Submit:
    start = past.submitted + past.waited
    end = start + past.took
    state = State.FAILED if past.error else State.SUCCESSFUL
    history = [Attempt(attempt=1, executorid=past.executorid, start=start, end=end, ended=state.name.lower())]
    process = Process(
        processid=secrets.token_hex(16),
        colonyid=colonyid,
        submitterid=submitterid,
        spec=past.spec,
        state=state,
        assigneeid=past.executorid,
        attempt=1,
        submissiontime=past.submitted,
        starttime=start,
        endtime=end,
        errors=[past.error] if past.error else [],
        out=[] if past.error else [len(past.spec.args)],
        history=history,
    )
    return _submit(process)


def running(colonyid: str, submitterid: str, spec: ProcessSpec, history: list[Attempt], *, submitted: int) -> Submit:
    """history: its attempts, the last of which is under way."""
    last = history[-1]
    process = Process(
        processid=secrets.token_hex(16),
        colonyid=colonyid,
        submitterid=submitterid,
        spec=spec,
        state=State.RUNNING,
        assigneeid=last.executorid,
        attempt=last.attempt,
        submissiontime=submitted,
        starttime=last.start,
        execdeadline=last.start + int(spec.maxexectime * 1000) if spec.maxexectime > 0 else 0,
        history=history,
    )
    return _submit(process)


def waiting(colonyid: str, submitterid: str, spec: ProcessSpec, *, submitted: int) -> Submit:
    process = Process(
        processid=secrets.token_hex(16),
        colonyid=colonyid,
        submitterid=submitterid,
        spec=spec,
        submissiontime=submitted,
    )
    return _submit(process)


def _submit(process: Process) -> Submit:
    # Of many in one millisecond each has a place of its own.
    microseconds = process.submissiontime * 1000 + random.randrange(1000)
    return Submit(process=process, place=place(microseconds, process.spec.priority))


async def put(store: Store, moves: Iterable[Move[Any]]) -> int:
    """Store them, in batches: none may need another of them. Returns how many there were."""
    stream: Iterator[Move[Any]] = iter(moves)
    number = 0
    while batch := list(islice(stream, BATCH)):
        for outcome in await store.apply(batch):
            if isinstance(outcome, ColoniesError):
                raise outcome
        number += len(batch)
    return number
