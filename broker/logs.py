"""The names of the events that are logged, and how a line looks.

One line a decision, none a frame. A line is a constant sentence and fields; no secrets, no
bodies, ids shortened.
"""

from __future__ import annotations

import logging
import sys
import time
from typing import Any, Literal

Event = Literal[
    "started",
    "draining",
    "stopped",
    "child_died",
    "child_killed",
    "replaced",
    "slow_consumer",
    "refused_connection",
    "bad_frame",
    "bug",
    "store_unavailable",
    "store_back",
    "changes_lost",
    "index_made_anew",
    "overrun",
    "wait_ended",
    "old_removed",
    "handed_back",
    "process_action",
    "member_action",
    "owner",
]

_STANDARD = set(vars(logging.makeLogRecord({}))) | {"message", "asctime", "event", "taskName", "color_message"}


def fields(event: Event, **values: Any) -> dict[str, Any]:
    """The `extra` of a log call."""
    clash = values.keys() & _STANDARD
    if clash:
        raise KeyError(f"the standard library uses the field {clash} itself")
    return {"event": event, **values}


def short(identity: str) -> str:
    return identity[:8]


class _Line(logging.Formatter):
    """`2026-01-01T10:00:00.123Z warning slow consumer closed event=slow_consumer seconds=4.1`"""

    default_msec_format = "%s.%03dZ"
    converter = staticmethod(time.gmtime)

    def __init__(self, **always: str) -> None:
        super().__init__("%(asctime)s %(levelname)s %(message)s", "%Y-%m-%dT%H:%M:%S")
        self._always = always

    def formatMessage(self, record: logging.LogRecord) -> str:  # noqa: N802 (the standard library's name)
        record.levelname = record.levelname.lower()
        line = super().formatMessage(record)
        extra = {key: value for key, value in vars(record).items() if key not in _STANDARD}
        event = getattr(record, "event", "")
        shown = ([("event", event)] if event else []) + list({**self._always, **extra}.items())
        return line + "".join(f" {key}={_shown(value)}" for key, value in shown)


def _shown(value: Any) -> str:
    text = str(value)
    return repr(text) if not text or any(letter.isspace() or not letter.isprintable() for letter in text) else text


def to_stderr(level: str, **always: str) -> None:
    """Log everything of this program to standard error. level: debug, info, warning or error. always: on each line."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(_Line(**always))
    logging.basicConfig(level=level.upper(), handlers=[handler], force=True)
    # The door's own chatter: a line for every connection and request is not a decision.
    logging.getLogger("uvicorn").setLevel(logging.WARNING)
