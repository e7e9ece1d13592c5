"""What a batch makes of the processes that it touches, before any of it is written.

Moves are applied to it in memory, one after the other, and what became of each process is
written once. Nothing in it survives the batch.
"""

from __future__ import annotations

from collections.abc import Iterable

from colonies.wire.model import Process

from . import rules
from .sqlite_kept import Kept
from .sqlite_many import Row, json_text, out_of_one_row
from .sqlite_rows import SELECT_PACKED, Stored, stored_of, unpacked
from .sqlite_transaction import Transaction

_FIND = SELECT_PACKED + "WHERE processid IN (SELECT value FROM json_each(?) AS batch)"
# What these hold is in memory several times for a moment, and a spec may be as large as a frame.
_AT_ONCE = 64


class Entry:
    """One process in a batch.

    stored  what its row holds, None where it is new; `before` is the process of it.
    after   what became of it so far, None where it was removed.
    """

    __slots__ = ("after", "before", "place", "stored")

    def __init__(self, stored: Stored | None, after: Process | None, place: int) -> None:
        self.stored = stored
        self.before = stored.process if stored else None
        self.after = after
        self.place = place


class Draft:
    """newest: the newest process of a (colonyid, latestkey), where the batch brings a newer one. lines: of logs."""

    def __init__(self, transaction: Transaction, kept: Kept) -> None:
        self.transaction = transaction
        self.kept = kept
        self.entries: dict[str, Entry] = {}
        self.newest: dict[tuple[str, str], str] = {}
        self.lines: list[Row] = []

    def find(self, processids: Iterable[str], *, reads: bool = True) -> None:
        """Have those of these processes here that are stored; unless it `reads`, those that are remembered."""
        unknown = []
        for processid in processids:
            if processid in self.entries:
                continue
            stored = self.kept.find(processid)
            if stored:
                self.add(stored)
            else:
                unknown.append(processid)
        if unknown and reads:
            self._read(unknown)

    def _read(self, processids: list[str]) -> None:
        for start in range(0, len(processids), _AT_ONCE):
            asked = json_text(processids[start : start + _AT_ONCE])
            for found in out_of_one_row(self.transaction.db.execute(_FIND, (asked,))):
                self.add(stored_of(unpacked(found)))

    def add(self, stored: Stored) -> None:
        """Have here what was read, unless it is here already."""
        process = stored.process
        if process.processid not in self.entries:
            self.entries[process.processid] = Entry(stored, process, stored.place)

    def waiting(self, processid: str) -> tuple[Entry, Process]:
        """A process that stands in a lane, looked for with `find`."""
        entry = self.entries[processid]
        if entry.after is None:
            raise RuntimeError(f"process {processid} stands in a lane and was removed")
        return entry, entry.after

    def there(self, colonyid: str, processid: str) -> tuple[Entry, Process]:
        """A process that was looked for with `find`, and what it is now; raises NotFound outside the colony."""
        entry = self.entries.get(processid)
        if entry is None or entry.after is None or entry.after.colonyid != colonyid:
            raise rules.not_found(processid)
        return entry, entry.after
