"""The one table of errors and close codes.

Every refusal that crosses the wire is one class here, whoever raises it and in whichever
language it is caught. A class gives the code and whether the same request may succeed
later, unchanged; its text says what happened, to what, and what to do now.
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import IntEnum
from typing import Any, ClassVar


class ColoniesError(Exception):
    """A request was refused. Catch this to catch every refusal of a broker.

    code   the word that stands for the reason on the wire.
    retry  whether the same request may succeed later, unchanged.
    data   fields that a program can act on; empty for most codes.
    """

    code: ClassVar[str] = "internal"
    retry: ClassVar[bool] = False

    def __init__(self, message: str, **data: Any) -> None:
        super().__init__(message)
        self.message = message
        self.data: dict[str, Any] = data

    def to_map(self) -> dict[str, Any]:
        return {"code": self.code, "message": self.message, "retry": self.retry, "data": self.data}


class Internal(ColoniesError):
    """A bug in the broker. The message names the log line and nothing else."""

    code, retry = "internal", True


class Unavailable(ColoniesError):
    """The store, or a majority of it, cannot be reached; or no broker answers."""

    code, retry = "unavailable", True


class Draining(ColoniesError):
    """This broker is stopping: go to another."""

    code, retry = "draining", True


class Overloaded(ColoniesError):
    """A limit of the server is reached: rate, waiting assigns, connections of one identity."""

    code, retry = "overloaded", True


class BadRequest(ColoniesError):
    """Unknown method, unknown or missing field, wrong type or range."""

    code = "bad_request"

    def __init__(self, field: str, expected: str, got: str, *, hint: str = "") -> None:
        where = f"field `{field}`: " if field else ""
        super().__init__(f"{where}expected {expected}, got {got}{hint}", field=field, expected=expected, got=got)
        self.field, self.expected, self.got = field, expected, got


class TooLarge(ColoniesError):
    """A field or a frame is over its limit."""

    code = "too_large"


class BadSignature(ColoniesError):
    """The signature does not hold for this key, challenge and body. The connection is closed."""

    code = "bad_signature"


class Replayed(ColoniesError):
    """A request id did not rise. The connection is closed."""

    code = "replayed"


class UnknownIdentity(ColoniesError):
    """Nobody here knows this key: it has not been added, or was removed."""

    code = "unknown_identity"


class NotApproved(ColoniesError):
    """The executor is known but not approved yet, or rejected."""

    code = "not_approved"


class Forbidden(ColoniesError):
    """The caller is known, and may not do this."""

    code = "forbidden"


class NotFound(ColoniesError):
    """Nothing of that name or id is in the caller's colony."""

    code = "not_found"


class Exists(ColoniesError):
    """Something else already has that id or name."""

    code = "exists"


class WrongState(ColoniesError):
    """The process is in a state in which this cannot be done. `data` has `state` and `since` (ms)."""

    code = "wrong_state"


class NotAssignedToYou(ColoniesError):
    """The process runs elsewhere, or in another attempt, or waits again. `data` has `attempt`."""

    code = "not_assigned_to_you"


class DeadlinePassed(ColoniesError):
    """The close came after the process's time was up. `data` has `deadline` (ms)."""

    code = "deadline_passed"


class NothingToAssign(ColoniesError):
    """The time ran out and nothing came. No fault: ask again."""

    code, retry = "nothing_to_assign", True


TABLE: Mapping[str, type[ColoniesError]] = {
    kind.code: kind
    for kind in (
        Internal,
        Unavailable,
        Draining,
        Overloaded,
        BadRequest,
        TooLarge,
        BadSignature,
        Replayed,
        UnknownIdentity,
        NotApproved,
        Forbidden,
        NotFound,
        Exists,
        WrongState,
        NotAssignedToYou,
        DeadlinePassed,
        NothingToAssign,
    )
}


def from_map(error: Mapping[str, Any]) -> ColoniesError:
    """Make the error of a response. A code from a newer broker becomes a plain ColoniesError that keeps it."""
    code, message = str(error.get("code", "internal")), str(error.get("message", ""))
    data = error.get("data")
    data = dict(data) if isinstance(data, Mapping) else {}
    kind = TABLE.get(code)
    if kind is None:
        kind = type("UnknownError", (ColoniesError,), {"code": code, "retry": bool(error.get("retry"))})
    made = kind.__new__(kind)
    ColoniesError.__init__(made, message)
    made.data = data  # and not by name: what a server calls its fields is its own affair
    if isinstance(made, BadRequest):
        made.field, made.expected, made.got = (str(data.get(name, "")) for name in ("field", "expected", "got"))
    return made


class BadFrame(Exception):
    """Bytes that are not a frame of this protocol: too deep, not MessagePack, or the wrong shape.

    request_id  the id of the request, where one could be read and therefore be answered.
    """

    def __init__(self, message: str, *, request_id: int | None = None) -> None:
        super().__init__(message)
        self.request_id = request_id


class CloseCode(IntEnum):
    """Why the broker closed the socket. Below 4500: come back, with full-jitter backoff."""

    DRAINING = 4000
    SLOW = 4001
    IDLE = 4002
    OVERLOADED = 4003
    BAD_FRAME = 4500
    BAD_SIGNATURE = 4501
    REPLAYED = 4502
    TOO_LARGE = 4503
    NO_HELLO_ANSWERED = 4504
    REFUSED = 4505


def may_come_back(close_code: int) -> bool:
    """Whether a client should connect again after the socket was closed with this code."""
    return not 4500 <= close_code <= 4999
