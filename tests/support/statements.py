"""What SQLite was asked, as SQLite tells it: by whichever way a statement came to it."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from pathlib import Path

import pytest

from broker.store import sqlite

# A new slot of what finished sets a trigger off, and SQLite tells of the same statement again for each step of that.
_SETS_OFF = "INSERT INTO finished "


def watch_connections(patch: pytest.MonkeyPatch, note: Callable[[str], None]) -> None:
    """Have `note` told the first word of each statement, on any connection that a store makes from here on."""

    def watched(connect: Callable[[Path], sqlite3.Connection]) -> Callable[[Path], sqlite3.Connection]:
        def connect_watched(path: Path) -> sqlite3.Connection:
            connection = connect(path)
            connection.set_trace_callback(_Ear(note).hear)
            return connection

        return connect_watched

    for name in ("connect_to_write", "connect_to_read"):
        patch.setattr(sqlite, name, watched(getattr(sqlite, name)))


class _Ear:
    def __init__(self, note: Callable[[str], None]) -> None:
        self._note = note
        self._last = ""

    def hear(self, statement: str) -> None:
        if not (statement == self._last and statement.startswith(_SETS_OFF)):
            self._note(statement.split(None, 1)[0])
        self._last = statement
