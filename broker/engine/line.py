"""Who stands in which lane, who of them is idle, and whether anything came since somebody looked.

Every step costs the same however many stand there and whatever waits in the store. A lane is
here exactly as long as somebody stands in it.
"""

from __future__ import annotations

from collections.abc import Iterable

from .place import Place, Stage


class _Lane:
    """arrivals: how often something came for which nobody was idle."""

    __slots__ = ("arrivals", "idle", "standing")

    def __init__(self) -> None:
        self.standing = 0
        self.idle: dict[Place, None] = {}
        self.arrivals = 0


class Line:
    def __init__(self) -> None:
        self._lanes: dict[str, _Lane] = {}

    def join(self, place: Place) -> None:
        for name in place.lanes:
            lane = self._lanes.get(name)
            if lane is None:
                lane = self._lanes[name] = _Lane()
            lane.standing += 1

    def leave(self, place: Place) -> None:
        for name in place.lanes:
            lane = self._lanes[name]
            lane.idle.pop(place, None)
            lane.standing -= 1
            if not lane.standing:
                del self._lanes[name]

    def rest(self, place: Place) -> None:
        """It looked, found nothing and waits: at the end of those who do."""
        place.stage = Stage.IDLE
        for name in place.lanes:
            self._lanes[name].idle[place] = None

    def rouse(self, place: Place, stage: Stage) -> None:
        """It is idle no more."""
        place.stage = stage
        for name in place.lanes:
            if lane := self._lanes.get(name):  # none: it has left
                lane.idle.pop(place, None)

    def first_idle(self, lanes: Iterable[str]) -> Place | None:
        """Whoever has been idle for longest in the first of these lanes in which anybody is."""
        for name in lanes:
            lane = self._lanes.get(name)
            if lane is not None and lane.idle:
                return next(iter(lane.idle))
        return None

    def note_arrival(self, lanes: Iterable[str]) -> None:
        """Something came for which nobody was idle: whoever is looking now may have looked too early to see it."""
        for name in lanes:
            if lane := self._lanes.get(name):
                lane.arrivals += 1

    def arrivals(self, place: Place) -> int:
        """Another number than before, if something came in its lanes since."""
        return sum(self._lanes[name].arrivals for name in place.lanes)

    def lanes(self) -> list[str]:
        return list(self._lanes)
