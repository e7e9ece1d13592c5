"""Which colonies go or went lately, as this broker knows, and what it may still have on its way for them.

A submit does not ask whether its colony is there: that would be a command more for every
batch. Instead a colony is marked before anything in it is removed, every broker hears of the
mark with its next beat and looks before it stores anything more for that colony, and says so
once whatever it had begun before has ended. Only then what lies in the colony is removed.

What is remembered here is never more than a reason to look. At its worst moment, a broker that
stands still for so long that others take it for dead, something is stored late all the same;
half a minute after a removal its broker looks once more (`mongo_keeper.py`).
"""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Iterator, Mapping
from contextlib import contextmanager

MAX_LATELY = 4096


class Going:
    """notes: how many removals were noted so far. left: set when one was found that its broker does not seem to end."""

    def __init__(self) -> None:
        self._heard: dict[str, str] = {}  # colonyid: the mark of its removal
        self._own: Counter[str] = Counter()
        self._lately: dict[str, int] = {}  # which note it was
        self._noted: dict[str, int] = {}
        self.notes = 0
        self._storing: set[object] = set()
        self._before: dict[str, set[object]] = {}  # what was on its way when the removal was noted
        self._ended = asyncio.Event()
        self.left = asyncio.Event()

    # — whoever stores something for colonies —

    @contextmanager
    def storing(self) -> Iterator[None]:
        """Around the look at `doubt` and what is stored after it."""
        token = object()
        self._storing.add(token)
        try:
            yield
        finally:
            self._storing.discard(token)
            for before in self._before.values():
                before.discard(token)
            self._ended.set()

    @property
    def has_doubts(self) -> bool:
        """Whether any colony is to be looked for before something is stored for it."""
        return bool(self._lately)

    def doubt(self, colonyid: str) -> int | None:
        """Why to look whether the colony is there before anything is stored for it; None: no need to."""
        return self._lately.get(colonyid)

    def note_there(self, colonyid: str, doubt: int) -> None:
        """It was there, added anew, when it was looked for because of this doubt. There may be another one by now."""
        if self._lately.get(colonyid) != doubt:
            return
        del self._lately[colonyid]
        self._heard.pop(colonyid, None)
        if not self._own[colonyid]:
            self._before.pop(colonyid, None)

    def noted_since(self, notes: int) -> set[str]:
        """The colonies of which a removal was noted since there were so many notes."""
        if notes == self.notes:
            return set()
        return {colonyid for colonyid, note in self._noted.items() if note > notes}

    def colonies(self) -> set[str]:
        """Those that go now, as far as is known here."""
        return {*self._heard, *self._own} if self._heard or self._own else set()

    # — whoever removes one —

    @contextmanager
    def removing(self, colonyid: str) -> Iterator[None]:
        """Around a removal that this broker makes."""
        self._own[colonyid] += 1
        try:
            yield
        finally:
            self._own[colonyid] -= 1
            if not self._own[colonyid]:
                del self._own[colonyid]
                if colonyid not in self._heard:
                    self._before.pop(colonyid, None)

    async def drained(self, colonyid: str) -> None:
        """Note that it is marked, and return when all that was begun here before that has ended."""
        self._note(colonyid)
        while self._before.get(colonyid):
            self._ended.clear()
            await self._ended.wait()

    # — the beat —

    def hear(self, marks: Mapping[str, str]) -> None:
        """All removals that are under way: the mark of each, by its colonyid."""
        for colonyid in self._heard.keys() - marks.keys():
            if not self._own[colonyid]:
                self._before.pop(colonyid, None)
        for colonyid, mark in marks.items():
            if self._heard.get(colonyid) != mark:
                self._note(colonyid)
        self._heard = dict(marks)

    def heard(self) -> list[str]:
        """The marks of those for which nothing is on its way here that was begun without knowing of it."""
        return [mark for colonyid, mark in self._heard.items() if not self._before.get(colonyid)]

    def _note(self, colonyid: str) -> None:
        self.notes += 1
        for kept in (self._lately, self._noted):
            kept.pop(colonyid, None)
            if len(kept) >= MAX_LATELY:
                del kept[next(iter(kept))]
            kept[colonyid] = self.notes
        self._before[colonyid] = set(self._storing)
