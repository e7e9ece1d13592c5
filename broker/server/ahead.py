"""Frames that came while too many requests of their connection were unanswered.

They are read nevertheless, so that what follows them is seen too: a close, or the end of the
socket. As many as `max_bytes` hold; whoever reads must stop where it is full, and may go on
once half of it is begun.
"""

from __future__ import annotations

from collections import deque

FRAME_BYTES = 64  # what keeping a frame takes beside what is in it


class Ahead:
    __slots__ = ("_bytes", "_frames", "_max_bytes")

    def __init__(self, *, max_bytes: int) -> None:
        self._max_bytes = max_bytes
        self._frames: deque[bytes] = deque()
        self._bytes = 0

    def __len__(self) -> int:
        return len(self._frames)

    @property
    def is_full(self) -> bool:
        return self._bytes >= self._max_bytes

    @property
    def has_room(self) -> bool:
        """Whether so much is begun that reading on is worth it."""
        return self._bytes <= self._max_bytes // 2

    def add(self, frame: bytes) -> None:
        self._frames.append(frame)
        self._bytes += len(frame) + FRAME_BYTES

    def take(self) -> bytes:
        """The oldest."""
        frame = self._frames.popleft()
        self._bytes -= len(frame) + FRAME_BYTES
        return frame
