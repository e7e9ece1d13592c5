"""What an operator may set, with defaults that work. Read once, at the door; nothing below reads the environment."""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """Limits are per broker unless a name says otherwise."""

    name: str = "colonies-broker"
    owner: str = ""  # id of the server owner: the one identity that may add and remove colonies
    allowed_origins: frozenset[str] = field(default_factory=frozenset)  # beside the broker's own
    max_frame_bytes: int = 1 << 20
    max_inflight: int = 256  # unanswered requests of one connection; at this many the broker begins no more of it
    max_batch: int = 256  # requests under one signature
    hello_seconds: float = 10.0  # a connection that asked nothing, or signed nothing valid, by then is closed
    ping_seconds: float = 20.0  # between pings; a peer that does not answer one in this time is gone
    outbox_frames: int = 8192  # more than this waiting for one socket: close it as slow
    outbox_bytes: int = 8 << 20  # likewise
    max_waiting_assigns: int = 10_000  # more are answered `overloaded`
    max_connections_per_identity: int = 256  # more are answered `overloaded`
    max_keys: int = 4096  # that sign on one connection; one more is answered `overloaded`, and closes it
    max_subscriptions: int = 1024  # of one connection; more are answered `overloaded`
    wake_grace_seconds: float = 1.0  # how long a woken member of a queue group has before the next one is woken
    look_seconds: float = 5.0  # how stale what another broker changed may be where it is not heard
    authority_seconds: float = 1.0  # how long roles are kept where another broker's changes are not heard
    drain_seconds: float = 10.0  # how long a stopping broker waits for work to be answered and outboxes to empty
    retain_days: float = 0.0  # how long a process is kept after it ended; 0: for ever. The same at every broker
