"""The first thing that a broker says."""

from __future__ import annotations

from msgspec import Struct

from .batches import Limits
from .errors import TurnedAway
from .wire import errors
from .wire.errors import BadFrame
from .wire.frames import CHALLENGE_BYTES, PROTOCOL, Notification, Response
from .wire.validation import decode


class Hello(Struct, frozen=True):
    protocol: int
    challenge: bytes
    limits: Limits = Limits()


def hello_of(message: Response | Notification) -> Hello:
    """The hello. Raises BadFrame when it is none, TurnedAway when it is of another protocol."""
    if not isinstance(message, Notification) or message.name != "hello":
        raise BadFrame("a broker says hello first")
    if message.params.get("protocol") != PROTOCOL:
        raise TurnedAway(f"the broker speaks protocol {message.params.get('protocol')}, this client {PROTOCOL}")
    try:
        hello = decode(message.params, Hello)
    except errors.BadRequest as error:
        raise BadFrame(f"a hello that is none: {error}") from error
    if len(hello.challenge) != CHALLENGE_BYTES or min(hello.limits.batch, hello.limits.inflight) < 1:
        raise BadFrame("a hello without a challenge, or that allows nothing")
    return hello
