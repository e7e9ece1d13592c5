"""Requests on their way into frames, within what a broker takes."""

from __future__ import annotations

from msgspec import Struct

from .wire.frames import MAX_BATCH, MAX_FRAME_BYTES, MAX_INFLIGHT
from .wire.identity import Signer

# Key, signature and the headers around them and around a batch.
AROUND_A_BODY_BYTES = 128


class Limits(Struct, frozen=True):
    """What a broker takes: bytes of a frame, requests of a batch, unanswered requests of a connection."""

    frame: int = MAX_FRAME_BYTES
    batch: int = MAX_BATCH
    inflight: int = MAX_INFLIGHT


class Batches:
    """Requests by their ids, on their way into frames; one open frame a key."""

    def __init__(self, limits: Limits) -> None:
        self._limits = limits
        self._full: list[tuple[Signer, dict[int, bytes]]] = []
        self._open: dict[str, tuple[Signer, dict[int, bytes]]] = {}
        self._sizes: dict[str, int] = {}

    def add(self, signer: Signer, request_id: int, request: bytes) -> bool:
        """Put a request in. False when no frame is large enough for it."""
        room = self._limits.frame - AROUND_A_BODY_BYTES
        if len(request) > room:
            return False
        if signer.id in self._open:
            _, requests = self._open[signer.id]
            if len(requests) >= self._limits.batch or self._sizes[signer.id] + len(request) > room:
                self._full.append(self._open.pop(signer.id))
                self._sizes[signer.id] = 0
        self._open.setdefault(signer.id, (signer, {}))[1][request_id] = request
        self._sizes[signer.id] = self._sizes.get(signer.id, 0) + len(request)
        return True

    def full(self) -> list[tuple[Signer, dict[int, bytes]]]:
        return [*self._full, *self._open.values()]
