"""What each client asked, was told, and when: written as it happens, read again as one history.

Each client process appends to a file of its own, one line an event, and what was written before it was killed is kept.
Times are of the machine's monotonic clock, which all its processes share.
"""

from __future__ import annotations

import os
import time
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any, Literal, Self

import msgspec

from colonies.wire.model import Process

What = Literal[
    # asked, and told about the ask of the same number
    "submit", "submitted", "assign", "assigned", "close", "closed", "cancel", "cancelled", "watch", "refused",
    # a subscription was made, told something, and was lost
    "listening", "heard", "deaf",
    # everything was asked for, each process that there was, and the end of it
    "look", "seen", "looked",
    # something was broken on purpose, and works again; clients were killed
    "fault", "healed", "gone",
    # what a clock on the wall said
    "clock",
]  # fmt: skip


class Try(msgspec.Struct, frozen=True, array_like=True):
    """One attempt as a process's own history has it; ms since the epoch."""

    attempt: int
    executorid: str
    start: int
    end: int
    ended: str


class Event(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """who       the client as `crew:name`, or what was broken; of what is gone, the crew.
    ask       number of the request or subscription, of this client.
    state     of the process as it was told; of a subscription, the state that it is about; of a close, the one asked for.
    executorid  of a process that was told, who holds it; of a client, whose key it asked with; of a submit, whom it names.
    out       a word that no other close says.
    error     the code of a refusal.
    event     the word that came with what was heard.
    broker    the one that a client is always at, or that was broken; empty: any, or the database.
    retries   of a submit: how often the process may go back, -1 without end.
    tries     of what was seen: the attempts.
    wall      ms since the epoch; of what was seen, when it was submitted.
    """

    at: float
    who: str
    what: What
    ask: int = 0
    processid: str = ""
    state: int = 0
    attempt: int = 0
    executorid: str = ""
    out: str = ""
    error: str = ""
    event: str = ""
    broker: str = ""
    retries: int = -1
    tries: tuple[Try, ...] = ()
    wall: int = 0


def facts(process: Process) -> dict[str, Any]:
    """What of a process is told, as fields of an event."""
    return {
        "processid": process.processid,
        "state": int(process.state),
        "attempt": process.attempt,
        "executorid": process.assigneeid,
        "out": str(process.out[0]) if process.out else "",
    }


def whole(process: Process) -> dict[str, Any]:
    """The same and how it came to it."""
    tries = tuple(Try(one.attempt, one.executorid, one.start, one.end, one.ended) for one in process.history)
    return {**facts(process), "tries": tries, "wall": process.submissiontime}


class Recorder:
    """Writes events to a file. What it has returned from survives the process."""

    def __init__(self, path: Path) -> None:
        self._handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
        self._last_ask = 0
        self.note("", "clock", wall=time.time_ns() // 1_000_000)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        os.close(self._handle)

    def note(self, who: str, what: What, **fields: Any) -> None:
        event = Event(at=time.monotonic(), who=who, what=what, **fields)
        os.write(self._handle, msgspec.json.encode(event) + b"\n")

    def asked(self, who: str, what: What, **fields: Any) -> int:
        """Note what is asked. Returns its number, under which the answer is noted."""
        ask = self.number()
        self.note(who, what, ask=ask, **fields)
        return ask

    def number(self) -> int:
        """The next number."""
        self._last_ask += 1
        return self._last_ask


def read(paths: Iterable[Path]) -> list[Event]:
    """All events of these files by their time. A line that was cut off by a kill was never written."""
    events = [event for path in paths for event in _lines(path)]
    return sorted(events, key=lambda event: event.at)


def _lines(path: Path) -> Sequence[Event]:
    *lines, _cut_off = path.read_bytes().split(b"\n")
    return [msgspec.json.decode(line, type=Event) for line in lines]
