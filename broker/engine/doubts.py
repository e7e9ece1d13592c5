"""Processes whose step may have been done without an answer, so that nobody here was told of it.

A broker leaves its own writes out of what it reads of others. So when whoever asked asks
again, and it turns out that the step had been done, it is told then.
"""

from __future__ import annotations

# Beyond it those are forgotten that have been in doubt for longest: their subscribers have been told to look.
MAX_REMEMBERED = 10_000


class Doubts:
    def __init__(self) -> None:
        self._processids: dict[str, None] = {}

    def note(self, processid: str) -> None:
        """The store went away while this was on its way."""
        self._processids[processid] = None
        if len(self._processids) > MAX_REMEMBERED:
            del self._processids[next(iter(self._processids))]

    def settle(self, processid: str) -> bool:
        """What became of it is known now. Returns whether that had been in doubt."""
        if processid not in self._processids:
            return False
        del self._processids[processid]
        return True
