"""What stood in the way of a connection, in words that say what to do."""

from __future__ import annotations

import socket
import ssl
from collections.abc import Sequence

from .errors import TurnedAway, Unreachable
from .wire.errors import BadFrame, CloseCode

_TURNED_AWAY = {
    CloseCode.BAD_FRAME: "it could not read what this client sent; use the client's version for this broker",
    CloseCode.BAD_SIGNATURE: "a signature did not hold; is the signer the one of its id?",
    CloseCode.REPLAYED: "a request came twice",
    CloseCode.TOO_LARGE: "a frame was larger than it takes",
    CloseCode.NO_HELLO_ANSWERED: "nothing signed came in time",
    CloseCode.REFUSED: "it does not let this client in",
}

_WORDS: dict[type[BaseException], str] = {
    ConnectionRefusedError: "connection refused",
    TimeoutError: "no answer in time",
    socket.gaierror: "nobody knows a host of this name",
    BadFrame: "what answers there is no broker",
    EOFError: "it hung up",
}

# What a balancer or another proxy says by itself: bad gateway, service unavailable, gateway timeout.
_NOBODY_BEHIND = (502, 503, 504)


def in_words(error: BaseException) -> str:
    """One trouble of connecting, short."""
    from websockets.exceptions import InvalidHandshake, InvalidStatus  # here, since an import need not wait for it

    if isinstance(error, InvalidStatus):
        status = error.response.status_code
        if status in _NOBODY_BEHIND:
            return f"a balancer answers there, and no broker behind it is ready (HTTP {status})"
        return f"what answers there is no broker (HTTP {status})"
    if isinstance(error, InvalidHandshake):
        return "what answers there is no broker"
    if isinstance(error, ssl.SSLError):
        return f"no trust in its certificate ({error.reason or error})"
    for kind, words in _WORDS.items():
        if isinstance(error, kind):
            return words
    return str(error)[:200] or type(error).__name__


def unreachable(addresses: Sequence[str], trouble: str) -> Unreachable:
    where = " or ".join(addresses)
    why = f": {trouble}" if trouble else ""
    return Unreachable(
        f"no broker answers at {where}{why}; is it running? start one with `colonies dev` or `colonies server start`"
    )


def turned_away(close_code: int, reason: str) -> TurnedAway:
    known = _TURNED_AWAY.get(close_code)  # type: ignore[call-overload]
    said = f" ({reason})" if reason else ""
    return TurnedAway(
        f"the broker closed the connection for good: {known or f'close code {close_code}'}{said}", close_code=close_code
    )
