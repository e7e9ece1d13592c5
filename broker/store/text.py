"""The text of a process in which operators search, and the cause by which they tell its failures apart."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

from colonies.wire.model import Log, Process

MAX_TEXT = 4096
MAX_CAUSE = 200
NO_ERROR = "no error given"

_TRACEBACK = "Traceback (most recent call last):"
_OF_A_GROUP = "  | "  # what stands before each line of the traceback of an exception group
# In this order: a UUID before the hexadecimal runs in it, those and ids (eight characters, three of them digits) before
# the digits in them. Between letters of other words nothing begins, so that each text is read once.
_VARIABLE = re.compile(
    r"(?<![0-9A-Za-z])(?:"
    r"[0-9A-Fa-f]{8}(?:-[0-9A-Fa-f]{4}){3}-[0-9A-Fa-f]{12}(?![0-9A-Za-z])"
    r"|0[xX][0-9A-Fa-f]+(?![0-9A-Za-z])"
    r"|[0-9A-Fa-f]{8,}(?![0-9A-Za-z])"
    r"|(?=(?:[A-Za-z]*[0-9]){3})[0-9A-Za-z]{8,}"
    r")|[0-9]+(?:[.,][0-9]+)*"
)


def searchable(process: Process) -> str:
    """Arguments and errors in lower case, cut at 4,096 characters; errors first, since they are looked for most."""
    spec = process.spec
    parts = [*process.errors]
    for value in (spec.args, spec.kwargs):
        if value:
            _add_scalars(value, parts)
    return "\n".join(parts)[:MAX_TEXT].lower()


_NUMBERS = (int, float)


def _add_scalars(value: Any, parts: list[str]) -> None:
    """Add what can be looked for in a value. No generator: this is done for every submit."""
    if isinstance(value, str):
        parts.append(value[:MAX_TEXT])
    elif isinstance(value, _NUMBERS):
        parts.append(str(value))
    elif isinstance(value, dict):
        for item in value.values():
            _add_scalars(item, parts)
    elif isinstance(value, list):
        for item in value:
            _add_scalars(item, parts)


def cause_of(errors: Sequence[str]) -> str:
    """The cause of a failure: its first error without what differs between equal ones. Never empty.

    The first line (of a Python traceback the one that names the exception), with each UUID, id,
    hexadecimal and decimal number as `#`, white space squeezed, at most 200 characters.
    What is stored is found by it again: a change of it is a new version of the schema.
    """
    line = _line(errors[0].strip()) if errors else ""
    # What follows could be as long as a frame, and hardly tells two causes apart.
    constant = _VARIABLE.sub("#", line[: 8 * MAX_CAUSE])
    return " ".join(constant.split())[:MAX_CAUSE].rstrip() or NO_ERROR


def _line(error: str) -> str:
    """The line of an error that says what it is."""
    first, _, rest = error.partition("\n")
    if not first.endswith(_TRACEBACK):
        return first
    return _raised(rest) or first


def _raised(traceback: str) -> str:
    """The line that names the exception: the first that is not indented behind the last header at the margin."""
    found, is_awaited = "", True
    for whole in traceback.splitlines():
        line = whole.removeprefix(_OF_A_GROUP)
        if line == _TRACEBACK:
            is_awaited = True
        elif is_awaited and line.strip() and not line[0].isspace():
            found, is_awaited = line, False
    return found


def size_of_line(line: Log) -> int:
    """About how many bytes a line of a log takes on the wire."""
    return len(line.message.encode()) + 192
