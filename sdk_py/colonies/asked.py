"""What is asked of a broker: one request, or a subscription that is asked for again on every connection."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Mapping
from typing import Any

from .wire import errors
from .wire.errors import BadFrame
from .wire.frames import MAX_DEPTH, REQUEST, join, pack, unpack
from .wire.identity import Signer
from .wire.messages import METHODS

Settle = Callable[[Any, errors.ColoniesError | None], None]
Progress = Callable[[int, int], object]

# The header of an array of four, and its first item.
_HEAD = join([b""] * 4) + pack(REQUEST)
# A batch and a request are two levels around what is given.
MAX_PARAMS_DEPTH = MAX_DEPTH - 2
# They are answered when everything that matches is done, which may take minutes.
MATCHING = ("process.retry_matching", "process.cancel_matching", "process.remove_matching")


def new_claimid() -> str:
    """A name for an assign, by which it can be repeated: what its first answer gave, and nobody heard, goes back."""
    return secrets.token_hex(8)


def ignore(_result: Any, _error: errors.ColoniesError | None) -> None:
    """For what is asked without anybody waiting for the answer."""


def unheard(_done: int, _matched: int) -> None:
    """For what is asked without anybody asking how far it is."""


class Asked:
    """One request. `settle` is called once, with the result or with the error, unless it is forgotten.

    progress      called with (done, matched) any number of times before.
    is_forgotten  nobody waits for its answer any more.
    has_begun     the broker has begun with it.
    is_last_word  it tidies up behind somebody who has gone, and is said even while the client closes.
    """

    def __init__(
        self,
        method: str,
        params: Mapping[str, Any],
        signer: Signer,
        *,
        settle: Settle = ignore,
        progress: Progress = unheard,
        is_last_word: bool = False,
    ) -> None:
        """Raises BadRequest for what cannot be sent, before a broker would close the connection over it."""
        self.method = method
        self.params = dict(params)
        self.signer = signer
        self.settle = settle
        self.progress = progress
        self.is_forgotten = False
        self.has_begun = False
        self.is_last_word = is_last_word
        self._packed = _packed(self.params)
        self._until: float | None = None  # the end of a wait that was begun

    @property
    def may_repeat(self) -> bool:
        """Whether to say it again on the next connection. There, a subscription's number would mean another one."""
        return METHODS[self.method].repeat_safe and self.method != "subscription.cancel"

    @property
    def waits(self) -> bool:
        """Whether the broker may keep it unanswered for long."""
        return (self.method == "process.assign" and bool(self.params.get("timeout"))) or self.method in MATCHING

    @property
    def stands_again(self) -> bool:
        """Whether passing trouble of a broker does not end it."""
        return False

    def encode(self, request_id: int, *, now: float) -> bytes:
        """The request as it is sent at `now`, a time of the caller's steady clock."""
        return _HEAD + pack(request_id) + pack(self.method) + self._packed_at(now)

    def _packed_at(self, now: float) -> bytes:
        if self.method != "process.assign":
            return self._packed
        if self._until is None:
            self._until = now + self.params.get("timeout", 0)
            return self._packed
        # A wait that begins again lasts as long as is left of it; what the first answer may have given goes back.
        again = {"repeated": True} if "claimid" in self.params else {}
        return pack({**self.params, "timeout": max(0.0, self._until - now), **again})


class Standing(Asked):
    """A subscription. `settle` is called with each answer: the first one, and one for each reconnect.

    push    called with each thing that the broker tells it, undecoded.
    ended   called once with the reason, when it is over.
    until   when it ends, on the caller's steady clock; None: never.
    lasts   whether it is asked for again on the next connection.
    """

    def __init__(
        self,
        method: str,
        params: Mapping[str, Any],
        signer: Signer,
        *,
        push: Callable[[Any], None],
        ended: Callable[[str], None],
        until: float | None = None,
        lasts: bool = True,
        settle: Settle = ignore,
    ) -> None:
        super().__init__(method, params, signer, settle=settle)
        self.push = push
        self.ended = ended
        self.until = until
        self.lasts = lasts
        self.number: int | None = None  # by which the broker knows it on this connection
        self.was_made = False  # once it was, no passing trouble of a broker ends it

    @property
    def stands_again(self) -> bool:
        return self.was_made and self.lasts and not self.is_forgotten

    def is_over(self, now: float) -> bool:
        return self.until is not None and self.until <= now

    def _packed_at(self, now: float) -> bytes:
        # After a reconnect only the time that is left; no time at all would mean without end.
        return self._packed if self.until is None else pack({**self.params, "timeout": max(0.001, self.until - now)})


def _packed(params: dict[str, Any]) -> bytes:
    """Pack, and read it back as a broker would: there, what cannot be read costs the whole connection."""
    try:
        packed = pack(params)
        unpack(packed, max_depth=MAX_PARAMS_DEPTH)
    except (TypeError, ValueError, RecursionError, BadFrame) as error:
        raise errors.BadRequest("", "what MessagePack has a form for", str(error)) from error
    return packed
