"""The other side of a dialogue: it opens every frame as a broker would, and answers as the test says."""

from __future__ import annotations

from typing import Any

from colonies import errors
from colonies.asked import Asked
from colonies.dialogue import Dialogue
from colonies.wire.frames import (
    Request,
    decode_envelope,
    decode_requests,
    encode_notification,
    encode_response,
    signed_bytes,
)
from colonies.wire.identity import Identity, verify

ANN, BOB = Identity("01" * 32), Identity("02" * 32)
PROCESS = {"processid": "p" * 32, "attempt": 3}


class Heard:
    """What became of a request."""

    def __init__(self) -> None:
        self.results: list[Any] = []
        self.errors: list[errors.ColoniesError] = []

    def __call__(self, result: Any, error: errors.ColoniesError | None) -> None:
        if error is None:
            self.results.append(result)
        else:
            self.errors.append(error)

    @property
    def times(self) -> int:
        return len(self.results) + len(self.errors)


class Talk:
    """A dialogue, and the other side of it: every frame is opened as a broker would, or the test fails."""

    def __init__(self, **limits: int) -> None:
        self.limits = {"frame": 1 << 20, "batch": 256, "inflight": 64, **limits}
        self.later: list[Asked] = []
        self.cancelled: list[tuple[str, int]] = []
        self.dialogue = Dialogue(again=self.later.append, cancelled=lambda *what: self.cancelled.append(what))
        self.challenge = b""
        self.connections = 0
        self.last_ids: dict[bytes, int] = {}
        self.unanswered: dict[int, tuple[str, Request]] = {}

    def open(self) -> None:
        self.connections += 1
        self.challenge = bytes([self.connections % 256]) * 32
        self.last_ids, self.unanswered = {}, {}
        hello = {"protocol": 1, "challenge": self.challenge, "limits": {**self.limits, "idle": 40}}
        self.dialogue.take(encode_notification("hello", hello))

    def lose(self) -> None:
        self.challenge = b""
        self.dialogue.lost()

    def ask(self, method: str, key: Identity = ANN, /, **params: Any) -> tuple[Asked, Heard]:
        heard = Heard()
        asked = Asked(method, params, key, settle=heard)
        self.dialogue.ask(asked)
        return asked, heard

    def hear(self, *, now: float = 0) -> list[list[Request]]:
        """Every frame that is sent now, as its requests."""
        frames = []
        for frame in self.dialogue.frames(now=now):
            assert len(frame) <= self.limits["frame"]
            key, signature, body = decode_envelope(frame)
            assert verify(key, signature, signed_bytes(self.challenge, body))
            requests = decode_requests(body, max_batch=self.limits["batch"])
            for request in requests:
                assert request.id > self.last_ids.get(key, 0)
                self.last_ids[key] = request.id
                self.unanswered[request.id] = (key.hex(), request)
            frames.append(requests)
        assert len(self.unanswered) <= self.limits["inflight"]
        return frames

    def answer(self, request: Request, result: Any = None, *, error: errors.ColoniesError | None = None) -> None:
        del self.unanswered[request.id]
        self.dialogue.take(encode_response(request.id, error.to_map() if error else None, result))

    def notify(self, name: str, **params: Any) -> None:
        self.dialogue.take(encode_notification(name, params))
