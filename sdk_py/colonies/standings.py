"""The subscriptions that stand on this connection, by the numbers that the broker gave them.

What a broker pushes under a number that nobody has here is passed over: it was on its way
when the subscription was let go. Knows neither who reads nor how fast.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from .asked import Standing

# The notifications that subscriptions hear, and what each tells. A KeyError: it lacks what belongs into it.
TOLD: Mapping[str, Callable[[Mapping[str, Any]], Any]] = {
    "process": lambda params: (params["event"], params["process"]),
    "stats": lambda params: params["stats"],
    "activity": lambda params: (params["events"], params["missed"]),
    "log": lambda params: (params["processid"], params["seq"]),
}
HEARS: Mapping[str, str] = {
    "subscribe": "process",
    "watch": "process",
    "stats.subscribe": "stats",
    "activity.subscribe": "activity",
    "log.subscribe": "log",
}


class Standings:
    def __init__(self) -> None:
        self._by_number: dict[int, Standing] = {}

    def __len__(self) -> int:
        return len(self._by_number)

    def add(self, standing: Standing, number: int) -> None:
        """The broker has made it."""
        standing.number = number
        standing.was_made = True
        self._by_number[number] = standing

    def remove(self, standing: Standing) -> int | None:
        """Return its number, which means nothing from now on; None when it stood for nothing."""
        number, standing.number = standing.number, None
        if number is not None:
            self._by_number.pop(number, None)
        return number

    def take_all(self) -> list[Standing]:
        """All of them, which stand no more."""
        taken, self._by_number = list(self._by_number.values()), {}
        for standing in taken:
            standing.number = None
        return taken

    def push(self, name: str, params: Mapping[str, Any]) -> None:
        """Hand on what was pushed. Raises KeyError when it lacks what belongs into it."""
        told = TOLD[name](params)
        standing = self._by_number.get(params["subscription"])
        if standing and HEARS[standing.method] == name:
            standing.push(told)

    def end(self, number: int, reason: str) -> None:
        """Those that a broker ends for its own sake are asked for again on the next connection."""
        standing = self._by_number.get(number)
        if standing and not (standing.lasts and reason in ("draining", "slow")):
            self.remove(standing)
            standing.ended(reason)
