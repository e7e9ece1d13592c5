"""When each of many keys last did something, as long as there is room to remember it."""

from __future__ import annotations

# Beyond it those are forgotten who did it longest ago.
MAX_REMEMBERED = 100_000


class Lately:
    def __init__(self) -> None:
        self._times: dict[str, int] = {}

    def note(self, identity: str, time: int) -> None:
        """It does it now (ms)."""
        self._times.pop(identity, None)  # so that the dictionary stays in the order of doing
        self._times[identity] = time
        if len(self._times) > MAX_REMEMBERED:
            del self._times[next(iter(self._times))]

    def last(self, identity: str) -> int:
        """When it last did it (ms); 0: not known."""
        return self._times.get(identity, 0)
