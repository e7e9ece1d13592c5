"""What the writer of a SQLite file remembers from one batch to the next, so that it need not ask.

Only this broker writes to the file, so what it wrote last is what is there. It is a hint all
the same: what is not remembered is read. At its worst moment, after a batch that was rolled
back or of whose end nothing is known, all of it is dropped. Nothing in it grows with what
lies in the file.
"""

from __future__ import annotations

from collections.abc import Iterable

from colonies.wire.model import State

from .sqlite_rows import Stored

MAX_PROCESSES = 4096  # of those that wait, and as many of those that run
MAX_BYTES = 16 * 1024 * 1024  # for each of the two, in the bytes of their rows; as objects they are several times that
MAX_LANES = 16_384
MAX_COLONIES = 4096  # that were removed: whoever was in one is known to be a stranger long before so many more are


# A member of an enum is looked up by a function call each time.
_WAITING, _RUNNING = State.WAITING, State.RUNNING


class Kept:
    def __init__(self) -> None:
        self._waiting = _Shelf()
        self._running = _Shelf()
        self._empty: dict[str, int] = {}
        self._removed: dict[str, None] = {}

    def find(self, processid: str) -> Stored | None:
        """What is stored under this id, if that is remembered."""
        return self._running.stored.get(processid) or self._waiting.stored.get(processid)

    def note(self, stored: Stored) -> None:
        """Remember what is stored now. What is final is as good as never asked for again."""
        processid, state = stored.process.processid, stored.process.state
        self.forget(processid)
        if state == _WAITING:
            # What came first is taken first: what has its room is soon taken, and would be no sooner for giving it up.
            self._waiting.put(processid, stored, in_place_of_others=False)
        elif state == _RUNNING:
            self._running.put(processid, stored, in_place_of_others=True)

    def forget(self, processid: str) -> None:
        for shelf in (self._waiting, self._running):
            if processid in shelf.stored:
                shelf.remove(processid)

    def clear(self) -> None:
        """Forget it all, but not which colonies may be gone: that is only ever a reason to ask."""
        self._waiting, self._running = _Shelf(), _Shelf()
        self._empty.clear()

    # — lanes —

    def is_empty(self, lane: str, now: int) -> bool:
        """Whether nothing waits in this lane whose wait goes on at `now` (ms); False also when that is not known."""
        since = self._empty.get(lane)
        return since is not None and since <= now

    def note_empty(self, lane: str, now: int) -> None:
        if lane not in self._empty and len(self._empty) >= MAX_LANES:
            del self._empty[next(iter(self._empty))]
        self._empty[lane] = now

    def note_entered(self, lanes: Iterable[str]) -> None:
        for lane in lanes:
            self._empty.pop(lane, None)

    # — colonies —

    def may_be_removed(self, colonyid: str) -> bool:
        """Whether somebody may still come in the name of a colony that is gone."""
        return colonyid in self._removed

    def note_removed(self, colonyid: str) -> None:
        """Also while it is only tried: nobody may know how that ended."""
        if len(self._removed) >= MAX_COLONIES:
            del self._removed[next(iter(self._removed))]
        self._removed[colonyid] = None

    def note_there(self, colonyid: str) -> None:
        self._removed.pop(colonyid, None)

    def __len__(self) -> int:
        """How much is remembered: processes and lanes."""
        return len(self._waiting.stored) + len(self._running.stored) + len(self._empty)


class _Shelf:
    """Some processes, the longest there first, in a room of so many and so many bytes."""

    def __init__(self) -> None:
        self.stored: dict[str, Stored] = {}
        self.bytes = 0

    def put(self, processid: str, stored: Stored, *, in_place_of_others: bool) -> None:
        if stored.size > MAX_BYTES // 64:
            return  # a few of these would push out all the others
        while len(self.stored) >= MAX_PROCESSES or self.bytes + stored.size > MAX_BYTES:
            if not in_place_of_others:
                return
            self.remove(next(iter(self.stored)))
        self.stored[processid] = stored
        self.bytes += stored.size

    def remove(self, processid: str) -> None:
        self.bytes -= self.stored.pop(processid).size
