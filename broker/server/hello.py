"""The first frame of a connection: what a client has to know to speak here."""

from __future__ import annotations

from broker.settings import Settings
from broker.version import VERSION
from colonies.wire.frames import PROTOCOL, encode_notification


def hello(settings: Settings, *, challenge: bytes, now: int) -> bytes:
    """challenge: what this connection's signatures cover. now: ms."""
    limits = {
        "frame": settings.max_frame_bytes,
        "inflight": settings.max_inflight,
        "batch": settings.max_batch,
        "idle": int(settings.ping_seconds * 2),
    }
    greeting = {
        "protocol": PROTOCOL,
        "challenge": challenge,
        "server": {"name": settings.name, "version": VERSION},
        "time": now,
        "limits": limits,
    }
    return encode_notification("hello", greeting)
