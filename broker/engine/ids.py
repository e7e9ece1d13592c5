"""Ids of new processes: 128 random bits from the system, as 32 hex characters."""

from __future__ import annotations

import secrets

ID_BYTES = 16
DRAWN_AT_ONCE = 256  # asking the system lets another thread of this process go first, which costs more than the id


class Ids:
    def __init__(self) -> None:
        self._drawn: list[str] = []

    def next(self) -> str:
        if not self._drawn:
            drawn = secrets.token_hex(ID_BYTES * DRAWN_AT_ONCE)
            self._drawn = [drawn[start : start + 2 * ID_BYTES] for start in range(0, len(drawn), 2 * ID_BYTES)]
        return self._drawn.pop()
