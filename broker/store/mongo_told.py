"""What a step on a process tells other brokers: a part of its document, which change streams carry.

An update that changes a process's state, attempt or log also writes `told`, whole, so that
the change itself says whom it concerns: it is filtered in MongoDB by `told.channels`, and
needs no look at the document where nobody listens. What is read later may have gone on;
`told` then says what it was.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from msgspec.structs import replace

from colonies.wire.model import Process, State

from . import rules
from .mongo_database import Document
from .others import ProcessChanged, channel_of, channel_of_colony

_KEPT = ("assigneeid", "retries", "starttime", "endtime", "waitdeadline", "execdeadline")


def told_of(process: Process, *, by: str, is_moved: bool = True, line: int = 0) -> Document:
    """by: the broker that writes it. line: number of the last line that was added to the log, 0: none was."""
    conditions = process.spec.conditions
    return {
        "by": by,
        "channels": [
            channel_of_colony(process.colonyid),
            channel_of(process.colonyid, conditions.executortype),
        ],
        "type": conditions.executortype,
        "named": bool(conditions.executorids),
        "state": int(process.state),
        "attempt": process.attempt,
        "due": rules.due(process),
        "line": line,
        "moved": is_moved,
        **{name: getattr(process, name) for name in _KEPT},
    }


def change_of(processid: str, told: Mapping[str, Any], *, process: Process | None, time: Any) -> ProcessChanged:
    """process: the document that was inserted, if it was."""
    return ProcessChanged(
        processid=processid,
        colonyid=told["channels"][0],
        executortype=told["type"],
        is_named=told["named"],
        state=State(told["state"]),
        attempt=told["attempt"],
        assigneeid=told["assigneeid"],
        due=told["due"],
        line=told["line"],
        is_moved=told["moved"],
        is_new=process is not None,
        process=process,
        time=round(time.timestamp() * 1000) if isinstance(time, datetime) else 0,
        told=told,
    )


def as_it_was(now: Process, told: Mapping[str, Any]) -> Process:
    """The process after the step that told this, of the process as it is now. Attributes are those of now."""
    state, attempt = State(told["state"]), told["attempt"]
    if (now.state, now.attempt) == (state, attempt):
        return now
    # It has gone on, so this state was not a final one: nothing had come out of it yet.
    history = [line for line in now.history if line.attempt <= attempt]
    if state == State.RUNNING and history and history[-1].attempt == attempt:
        history[-1] = replace(history[-1], end=0, ended="")
    kept = {name: told[name] for name in _KEPT}
    return replace(now, state=state, attempt=attempt, history=history, out=[], errors=[], **kept)
