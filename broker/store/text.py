"""The text of a process in which operators search: its arguments and errors."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from colonies.wire.model import Process

MAX_TEXT = 4096


def searchable(process: Process) -> str:
    """Arguments and errors in lower case, cut at 4,096 characters; errors first, since they are looked for most."""
    spec = process.spec
    parts = [*process.errors, *_scalars(spec.args), *_scalars(spec.kwargs)]
    return "\n".join(parts)[:MAX_TEXT].lower()


def _scalars(value: Any) -> Iterator[str]:
    if isinstance(value, dict):
        value = list(value.values())
    if isinstance(value, list):
        for item in value:
            yield from _scalars(item)
    elif isinstance(value, str):
        yield value[:MAX_TEXT]
    elif isinstance(value, int | float):
        yield str(value)
