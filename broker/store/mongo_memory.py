"""What this broker wrote last, by its key, so that the next step on it need not read it.

Another broker may have written since: whatever comes from here is only good for a write on
the condition that it is still so. Nothing is answered out of it. Bounded in entries and in
bytes; whatever was written first goes first, and is read again when it is wanted.
"""

from __future__ import annotations

from typing import Generic, TypeVar

T = TypeVar("T")

MAX_ENTRIES = 4096
MAX_BYTES = 8 << 20


class Memory(Generic[T]):
    def __init__(self, *, max_entries: int = MAX_ENTRIES, max_bytes: int = MAX_BYTES) -> None:
        self._max_entries = max_entries
        self._max_bytes = max_bytes
        self._kept: dict[str, tuple[T, int]] = {}
        self._bytes = 0

    def __len__(self) -> int:
        return len(self._kept)

    def keep(self, key: str, value: T, *, size: int) -> None:
        """size: about how many bytes of it nobody limits but the wire."""
        self.take(key)
        self._kept[key] = (value, size)
        self._bytes += size
        while self._bytes > self._max_bytes or len(self._kept) > self._max_entries:
            self.take(next(iter(self._kept)))

    def take(self, key: str) -> T | None:
        """What is remembered, and forget it: what becomes of it now is not known before it is written."""
        value, size = self._kept.pop(key, (None, 0))
        self._bytes -= size
        return value
