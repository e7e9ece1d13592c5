"""What is said on a connection, without the connection: no socket, no clock, no event loop.

Requests are asked; frames to send are taken; frames that came are handed in. What was asked
in one turn with one key leaves as one signed frame, and never more is unanswered than the
broker allows. When a connection is lost, what may be repeated is said again on the next one,
and what may not fails, for it may or may not have happened. A process or subscription whose
asker has gone is given back rather than left with nobody.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterator
from typing import Any

from .asked import Asked, Standing
from .batches import Batches, Limits
from .errors import ConnectionLost
from .hello import hello_of
from .standings import TOLD, Standings
from .wire import errors
from .wire.errors import BadFrame
from .wire.frames import (
    Notification,
    Response,
    decode_messages,
    encode_envelope,
    join,
    signed_bytes,
)
from .wire.identity import Signer

LOST = "connection lost"


class Dialogue:
    def __init__(
        self, *, again: Callable[[Asked], None], cancelled: Callable[[str, int], None] = lambda _id, _attempt: None
    ) -> None:
        """again: called with what a broker cannot do now; ask it again in a while. cancelled: (processid, attempt)."""
        self._again = again
        self._cancelled = cancelled
        self._waiting: deque[Asked] = deque()
        self._unanswered: dict[int, Asked] = {}
        self._standing = Standings()
        self._resting: set[Asked] = set()  # a broker could not do it just now
        self._last_id = 0  # rises over all keys and connections, and so for each of them
        self._challenge: bytes | None = None
        self._limits = Limits()
        self.is_draining = False  # the broker answers what it has, and takes nothing more
        self.reconnect_seconds = 0.0  # how long a draining broker asks to be left alone

    @property
    def is_open(self) -> bool:
        return self._challenge is not None

    @property
    def is_idle(self) -> bool:
        """Whether there is nothing to say and nothing to hear."""
        return not (self._waiting or self._unanswered or self._standing or self._resting)

    @property
    def may_leave(self) -> bool:
        """Whether a broker that drains has answered everything that it will answer."""
        return self.is_draining and not self._unanswered

    @property
    def has_last_words(self) -> bool:
        return any(asked.is_last_word for asked in (*self._waiting, *self._unanswered.values(), *self._resting))

    # — asking —

    def ask(self, asked: Asked) -> None:
        self._resting.discard(asked)
        if not asked.is_forgotten:
            self._waiting.append(asked)

    def forget(self, asked: Asked) -> None:
        """Nobody waits for the answer any more. What was not said yet is not said; what comes of it is given back."""
        asked.is_forgotten = True
        self._resting.discard(asked)
        if asked in self._waiting:
            self._waiting.remove(asked)
        if isinstance(asked, Standing) and (number := self._standing.remove(asked)) is not None:
            self.undo(asked, {"subscription": number})

    def undo(self, asked: Asked, result: Any) -> None:
        """Give back what was answered to somebody who has gone."""
        if asked.method == "process.assign":
            params = {"processid": result["processid"], "attempt": result["attempt"]}
            self.ask(Asked("process.hand_back", params, asked.signer, is_last_word=True))
        elif isinstance(asked, Standing):
            self.ask(Asked("subscription.cancel", {"subscription": result["subscription"]}, asked.signer))

    # — what is sent —

    def frames(self, *, now: float) -> list[bytes]:
        """The signed frames that may be sent now; what is in them counts as said."""
        if self._challenge is None or self.is_draining:
            return []
        batches = Batches(self._limits)
        for asked in self._sendable(now):
            request = asked.encode(self._last_id + 1, now=now)
            if not batches.add(asked.signer, self._last_id + 1, request):
                limit = self._limits.frame
                asked.settle(None, errors.TooLarge(f"{asked.method} has {len(request)} bytes, a frame holds {limit}"))
                continue
            self._last_id += 1
            self._unanswered[self._last_id] = asked
        signed = (self._signed(signer, requests) for signer, requests in batches.full())
        return [frame for frame in signed if frame]

    def _sendable(self, now: float) -> Iterator[Asked]:
        """Take out of the line what may be said now. Long waits leave room for what is answered at once."""
        inflight = self._limits.inflight
        waits = sum(asked.waits for asked in self._unanswered.values())
        left: deque[Asked] = deque()
        while self._waiting and len(self._unanswered) < inflight:
            asked = self._waiting.popleft()
            if isinstance(asked, Standing) and asked.is_over(now):
                asked.ended("timeout")
            elif asked.waits and waits >= max(1, inflight - inflight // 8 - 1):
                left.append(asked)
            else:
                waits += asked.waits
                yield asked
        self._waiting.extendleft(reversed(left))

    def _signed(self, signer: Signer, requests: dict[int, bytes]) -> bytes | None:
        """The frame; None when the signer, which may be a device, cannot sign."""
        assert self._challenge is not None
        body = join(list(requests.values()))
        try:
            signature = signer.sign(signed_bytes(self._challenge, body))
        except Exception as error:
            for request_id in requests:
                told = f"the key {signer.id[:8]}… could not sign: {error}"
                self._unanswered.pop(request_id).settle(None, errors.BadSignature(told))
            return None
        return encode_envelope(bytes.fromhex(signer.id), signature, body)

    # — what comes —

    def take(self, frame: bytes) -> None:
        """Take a frame of the broker. Raises BadFrame for what is none; TurnedAway when it speaks another protocol."""
        for message in decode_messages(frame):
            try:
                self._take_message(message)
            except (KeyError, TypeError) as error:
                raise BadFrame(f"a message without what belongs into it: {error!r}") from error

    def _take_message(self, message: Response | Notification) -> None:
        if self._challenge is None:
            self._open(message)
        elif isinstance(message, Response):
            self._take_answer(message)
        else:
            self._take_notification(message)

    def _open(self, message: Response | Notification) -> None:
        hello = hello_of(message)
        self._challenge = hello.challenge
        self._limits = hello.limits

    def _take_answer(self, response: Response) -> None:
        asked = self._unanswered.pop(response.id, None)
        if asked is None:
            return
        error = errors.from_map(response.error) if response.error is not None else None
        self.is_draining = self.is_draining or isinstance(error, errors.Draining)
        if isinstance(error, errors.Draining) and (asked.may_repeat or not asked.has_begun):
            # A refusal of this broker and not of the request: nothing was done, or a repeat is safe. Ask the next one.
            self._keep(asked)
        elif error is not None and error.retry and (asked.is_last_word or asked.stands_again):
            self._resting.add(asked)
            self._again(asked)
        elif asked.is_forgotten:
            if error is None:
                self.undo(asked, response.result)
        else:
            self._settle(asked, response.result, error)

    def _settle(self, asked: Asked, result: Any, error: errors.ColoniesError | None) -> None:
        if isinstance(asked, Standing) and error is None:
            self._standing.add(asked, result["subscription"])
        asked.settle(result, error)

    def _take_notification(self, notification: Notification) -> None:
        params = notification.params
        match notification.name:
            case name if name in TOLD:
                self._standing.push(name, params)
            case "ended":
                self._standing.end(params["subscription"], params["reason"])
            case "progress":
                self._take_progress(params["id"], params["done"], params["matched"])
            case "cancelled":
                self._cancelled(params["processid"], params["attempt"])
            case "draining":
                self.is_draining = True
                self.reconnect_seconds = params.get("reconnect", 0) / 1000

    def _take_progress(self, request_id: int, done: int, matched: int) -> None:
        if asked := self._unanswered.get(request_id):
            asked.has_begun = True
            if not asked.is_forgotten:
                asked.progress(done, matched)

    # — when it ends —

    def lost(self) -> None:
        """The connection is gone. What may be repeated waits for the next one, subscriptions first; the rest fails."""
        self._challenge, self.is_draining = None, False
        standing = self._standing.take_all()
        unanswered, self._unanswered = list(self._unanswered.values()), {}
        # The number of a subscription means another one on the next connection.
        self._waiting = deque(asked for asked in self._waiting if asked.method != "subscription.cancel")
        for asked in reversed(unanswered):
            if asked.may_repeat:
                self._keep(asked)
            elif not asked.is_forgotten:
                told = f"the connection was lost before {asked.method} was answered; it may or may not have happened"
                asked.settle(None, ConnectionLost(told))
        for asked in reversed(standing):
            if asked.lasts:
                self._waiting.appendleft(asked)
            else:
                asked.ended(LOST)

    def _keep(self, asked: Asked) -> None:
        """Say it again, before everything else, unless nobody waits for it."""
        if not asked.is_forgotten:
            self._waiting.appendleft(asked)

    def fail_all(self, error: errors.ColoniesError) -> None:
        """Everything that was asked fails with this. What still comes of it is given back; last words stay."""
        asked_for = [*self._standing.take_all(), *self._unanswered.values(), *self._waiting, *self._resting]
        self._waiting = deque(asked for asked in self._waiting if asked.is_last_word)
        for asked in asked_for:
            if not (asked.is_forgotten or asked.is_last_word):
                asked.is_forgotten = True
                asked.settle(None, error)
