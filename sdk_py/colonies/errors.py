"""Everything that a client may raise: the refusals of a broker, and what happens on the way to one."""

from __future__ import annotations

from .wire.errors import (
    TABLE,
    BadFrame,
    BadRequest,
    BadSignature,
    CloseCode,
    ColoniesError,
    DeadlinePassed,
    Draining,
    Exists,
    Forbidden,
    Internal,
    NotApproved,
    NotAssignedToYou,
    NotFound,
    NothingToAssign,
    Overloaded,
    Replayed,
    TooLarge,
    Unavailable,
    UnknownIdentity,
    WrongState,
    from_map,
    may_come_back,
)

__all__ = [
    "TABLE",
    "BadFrame",
    "BadRequest",
    "BadSignature",
    "CloseCode",
    "Closed",
    "ColoniesError",
    "ConnectionLost",
    "DeadlinePassed",
    "Draining",
    "Exists",
    "Forbidden",
    "Internal",
    "NoAnswer",
    "NotApproved",
    "NotAssignedToYou",
    "NotFound",
    "NothingToAssign",
    "Overloaded",
    "Replayed",
    "SubscriptionEnded",
    "TooLarge",
    "TurnedAway",
    "Unavailable",
    "UnknownIdentity",
    "Unreachable",
    "WrongState",
    "from_map",
    "may_come_back",
]


class Unreachable(Unavailable):
    """No broker answers at any of the addresses. Nothing was asked of anybody."""


class NoAnswer(Unavailable):
    """The answer did not come in time. What was asked may or may not have happened."""


class ConnectionLost(Unavailable):
    """The connection was lost before the answer came. What was asked may or may not have happened."""


class TurnedAway(ColoniesError):
    """The broker closed the connection and does not want this client back. `data` has `close_code`."""

    code = "turned_away"


class Closed(ColoniesError):
    """The client was closed; whatever it was asked came too late."""

    code = "closed"


class SubscriptionEnded(ColoniesError):
    """A subscription is over; subscribe again to hear more. reason: timeout, cancelled, or connection lost."""

    code, retry = "subscription_ended", True

    def __init__(self, reason: str) -> None:
        super().__init__(f"the subscription ended ({reason}); subscribe again to hear more", reason=reason)
        self.reason = reason
