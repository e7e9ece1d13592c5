"""What is said on a connection, without the connection: no socket, no clock, no event loop.

Requests are asked, frames are taken to be sent, frames that came are handed in. Requests of
one turn and one key leave as one signed frame; never more are unanswered than the broker
allows. When a connection is lost, what may be repeated is said again on the next one, and
what may not fails, for it may or may not have happened.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from typing import Any

from .wire import errors
from .wire.frames import (
    MAX_BATCH,
    MAX_FRAME_BYTES,
    MAX_INFLIGHT,
    Notification,
    decode_messages,
    encode_envelope,
    encode_request,
    join,
    signed_bytes,
)
from .wire.identity import Signer
from .wire.messages import METHODS

# Key, signature and the headers of an envelope.
ENVELOPE_BYTES = 128


class ConnectionLost(errors.Unavailable):
    """The connection was lost before the answer came: the request may or may not have happened."""


class Asked:
    """A request on its way. `settle` is called once, with its result or its error."""

    __slots__ = ("is_forgotten", "method", "params", "settle", "signer", "was_sent")

    def __init__(
        self, method: str, params: dict[str, Any], signer: Signer, settle: Callable[[Any, Exception | None], None]
    ) -> None:
        self.method = method
        self.params = params
        self.signer = signer
        self.settle = settle
        self.was_sent = False
        self.is_forgotten = False


class Dialogue:
    def __init__(self, *, notify: Callable[[Notification], None]) -> None:
        self._notify = notify
        self._asked: deque[Asked] = deque()
        self._unanswered: dict[int, Asked] = {}
        self._challenge = b""
        self._last_id = 0
        self._is_open = False
        self._max_inflight = MAX_INFLIGHT
        self._max_batch = MAX_BATCH
        self._max_frame = MAX_FRAME_BYTES

    @property
    def is_idle(self) -> bool:
        """Whether nothing is asked and nothing unanswered."""
        return not self._asked and not self._unanswered

    def ask(self, asked: Asked) -> None:
        self._asked.append(asked)

    def ask_first(self, asked: Asked) -> None:
        """Ask this before what is waiting: a subscription is made again before work goes on."""
        self._asked.appendleft(asked)

    def forget(self, asked: Asked) -> None:
        """Nobody waits for the answer any more. What was not sent yet is not sent at all."""
        asked.is_forgotten = True
        if not asked.was_sent and asked in self._asked:
            self._asked.remove(asked)

    # — the connection —

    def opened(self, hello: dict[str, Any]) -> None:
        """A broker said hello: ids begin anew and what waits may be said."""
        limits = hello.get("limits", {})
        self._challenge = bytes(hello["challenge"])
        self._max_inflight = int(limits.get("inflight", MAX_INFLIGHT))
        self._max_batch = int(limits.get("batch", MAX_BATCH))
        self._max_frame = int(limits.get("frame", MAX_FRAME_BYTES))
        self._last_id = 0
        self._is_open = True

    def draining(self) -> None:
        """This broker answers what it has and takes nothing more: the rest waits for the next connection."""
        self._is_open = False

    def lost(self) -> None:
        """The connection is gone. Say again what may be repeated, in its order, and fail the rest."""
        self._is_open = False
        unanswered, self._unanswered = list(self._unanswered.values()), {}
        for asked in reversed(unanswered):
            if asked.is_forgotten:
                continue
            if METHODS[asked.method].repeat_safe:
                asked.was_sent = False
                self._asked.appendleft(asked)
            else:
                message = f"the connection was lost before {asked.method} was answered; it may or may not have happened"
                asked.settle(None, ConnectionLost(message))

    def fail_all(self, error: errors.ColoniesError) -> None:
        """There will be no connection: everything that was asked fails with this."""
        self._is_open = False
        everything = [*self._unanswered.values(), *self._asked]
        self._unanswered, self._asked = {}, deque()
        for asked in everything:
            asked.settle(None, error)

    # — frames —

    def frames(self) -> list[bytes]:
        """The signed frames that may be sent now. What they hold counts as sent."""
        frames = []
        while self._is_open and self._asked and len(self._unanswered) < self._max_inflight:
            if frame := self._next_frame():
                frames.append(frame)
        return frames

    def _next_frame(self) -> bytes | None:
        """One frame of what stands first in line and shares its key."""
        signer = self._asked[0].signer
        requests: list[bytes] = []
        size = ENVELOPE_BYTES
        room = min(self._max_batch, self._max_inflight - len(self._unanswered))
        while self._asked and self._asked[0].signer is signer and len(requests) < room:
            asked = self._asked[0]
            try:
                request = encode_request(self._last_id + 1, asked.method, asked.params)
            except (TypeError, ValueError) as error:
                self._asked.popleft()
                asked.settle(None, errors.BadRequest("params", "what MessagePack has a form for", str(error)))
                continue
            if size + len(request) > self._max_frame:
                if requests:
                    break
                self._asked.popleft()
                asked.settle(
                    None, errors.TooLarge(f"{asked.method} has {len(request)} bytes; a frame holds {self._max_frame}")
                )
                continue
            self._asked.popleft()
            self._last_id += 1
            asked.was_sent = True
            self._unanswered[self._last_id] = asked
            requests.append(request)
            size += len(request)
        if not requests:
            return None
        body = join(requests)
        return encode_envelope(bytes.fromhex(signer.id), signer.sign(signed_bytes(self._challenge, body)), body)

    def received(self, frame: bytes) -> None:
        """Take a frame of the broker: answers settle what was asked, notifications are passed on."""
        for message in decode_messages(frame):
            if isinstance(message, Notification):
                if message.name == "draining":
                    self.draining()
                self._notify(message)
            else:
                self._answer(message.id, message.error, message.result)

    def _answer(self, request_id: int, error: dict[str, Any] | None, result: Any) -> None:
        asked = self._unanswered.pop(request_id, None)
        if asked is None:
            return
        if error is not None and error.get("code") == "draining" and METHODS[asked.method].repeat_safe:
            # Not a refusal of the request but of this broker: the next one is asked.
            self.draining()
            asked.was_sent = False
            if not asked.is_forgotten:
                self._asked.appendleft(asked)
            return
        if asked.is_forgotten and asked.method == "process.assign" and error is None:
            self._hand_back(asked, result)
        asked.settle(result, errors.from_map(error) if error is not None else None)

    def _hand_back(self, asked: Asked, process: dict[str, Any]) -> None:
        """Whoever wanted a process is gone; it must not stay with nobody."""
        params = {"processid": process["processid"], "attempt": process["attempt"]}
        self._asked.append(Asked("process.hand_back", params, asked.signer, lambda _result, _error: None))
