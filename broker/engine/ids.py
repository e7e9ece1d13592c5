"""Ids of new processes: when, and 80 random bits, as 32 hex characters.

They rise with time, so that what is new lies together in the store: with ids that are random
throughout, each insert writes another page of the index.
"""

from __future__ import annotations

import secrets

RANDOM_BYTES = 10
DRAWN_AT_ONCE = 256  # asking the system lets another thread of this process go first, which costs more than the id


class Ids:
    def __init__(self) -> None:
        self._drawn: list[str] = []

    def next(self, now: int) -> str:
        """An id that nobody else has. now: ms."""
        if not self._drawn:
            drawn = secrets.token_hex(RANDOM_BYTES * DRAWN_AT_ONCE)
            self._drawn = [drawn[start : start + 2 * RANDOM_BYTES] for start in range(0, len(drawn), 2 * RANDOM_BYTES)]
        return f"{now:012x}{self._drawn.pop()}"
