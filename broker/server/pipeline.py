"""The way of a request: frame → envelope → signature → body → authority → handler → reply. No socket in it.

One pipeline serves one connection, because a challenge, and the ids that only rise, belong
to one. Refusals are raised by whoever knows and become replies here, in one place. Anything
else that is raised is a bug: logged whole, and said as `internal` with a reference only.
"""

from __future__ import annotations

import logging
import secrets
from typing import Any, NamedTuple

from broker.engine.connection import Connection
from broker.engine.node import Node
from broker.handlers.registry import Call, Handler
from broker.logs import fields, short
from colonies.wire import errors
from colonies.wire.errors import BadFrame, CloseCode
from colonies.wire.frames import (
    Request,
    decode_envelope,
    decode_requests,
    encode_response,
    signed_bytes,
)
from colonies.wire.identity import verify
from colonies.wire.validation import decode, describe

log = logging.getLogger(__name__)


class FrameRefused(Exception):
    """The connection cannot go on. reply: what to answer first, where there was an id to answer to."""

    def __init__(self, code: CloseCode, reason: str, reply: bytes | None = None) -> None:
        super().__init__(reason)
        self.code, self.reason, self.reply = code, reason, reply


class Signed(NamedTuple):
    """A request and who signed it."""

    identity: str
    request: Request


class Pipeline:
    def __init__(self, node: Node, connection: Connection, handlers: dict[str, Handler], challenge: bytes) -> None:
        self._node = node
        self._connection = connection
        self._handlers = handlers
        self._challenge = challenge
        self._last_ids: dict[str, int] = {}

    def open(self, frame: bytes) -> list[Signed]:
        """Take a frame apart as far as its signature, ids and shapes. Raises FrameRefused."""
        settings = self._node.settings
        if len(frame) > settings.max_frame_bytes:
            raise FrameRefused(CloseCode.TOO_LARGE, f"a frame holds at most {settings.max_frame_bytes} bytes")
        try:
            key, signature, body = decode_envelope(frame)
        except BadFrame as error:
            raise FrameRefused(CloseCode.BAD_FRAME, str(error)) from None
        self._node.telemetry.verifications.add()
        if not verify(key, signature, signed_bytes(self._challenge, body)):
            raise FrameRefused(CloseCode.BAD_SIGNATURE, "the signature does not hold for this key, challenge and body")
        identity = key.hex()
        try:
            requests = decode_requests(body, max_batch=settings.max_batch)
        except BadFrame as error:
            raise FrameRefused(CloseCode.BAD_FRAME, str(error), _reply_to_bad_frame(error)) from None
        for request in requests:
            self._refuse_replay(identity, request.id)
        self._note_arrival(identity, requests[0])
        return [Signed(identity, request) for request in requests]

    def _refuse_replay(self, identity: str, request_id: int) -> None:
        if request_id <= self._last_ids.get(identity, 0):
            error = errors.Replayed(f"request id {request_id} does not rise above the last one of this key here")
            reply = encode_response(request_id, error.to_map(), None)
            raise FrameRefused(CloseCode.REPLAYED, error.message, reply)
        self._last_ids[identity] = request_id

    def _note_arrival(self, identity: str, first: Request) -> None:
        if identity in self._connection.identities:
            return
        try:
            self._node.arrive(identity, self._connection)
        except errors.Overloaded as error:
            reply = encode_response(first.id, error.to_map(), None)
            raise FrameRefused(CloseCode.OVERLOADED, error.message, reply) from None

    async def answer(self, signed: Signed) -> None:
        """Carry one request out and put its reply into the outbox, then what follows the reply."""
        identity, request = signed
        call: Call | None = None
        try:
            call, result = await self._handle(identity, request)
            reply, outcome = encode_response(request.id, None, result), "ok"
        except Exception as error:
            refusal = error if isinstance(error, errors.ColoniesError) else _bug(request)
            reply, outcome = encode_response(request.id, refusal.to_map(), None), refusal.code
        if len(reply) > self._node.settings.max_frame_bytes:
            # Whoever keeps the limit would close the connection over it, and with it all else that it waits for.
            refusal = _too_large_to_say(len(reply), self._node.settings.max_frame_bytes)
            reply, outcome = encode_response(request.id, refusal.to_map(), None), refusal.code
            if call and call.undelivered:
                call.undelivered()
            call = None
        self._count(request, outcome)
        delivered = self._connection.outbox.offer(reply, call.undelivered if call else None)
        if delivered and call and call.follow:
            await self._follow(call, request)

    async def _handle(self, identity: str, request: Request) -> tuple[Call, Any]:
        handler = self._handlers.get(request.method) if isinstance(request.method, str) else None
        if handler is None:
            raise errors.BadRequest("method", "a method of this protocol", describe(request.method))
        # The need comes before the parameters: a stranger learns nothing by asking wrongly.
        named = request.params.get("colonyid") if isinstance(request.params, dict) else None
        colonyid = named if isinstance(named, str) else None
        try:
            caller = await self._node.authority.permit(identity, handler.need, colonyid)
        except errors.NotApproved:
            self._node.presence.saw(identity)
            raise
        if caller.executor is not None:
            self._node.presence.saw(identity)
            self._node.attendance.saw(caller.executor)
        params = decode(request.params, handler.params)
        call = Call(self._node, self._connection, caller, request.id)
        return call, await handler.function(call, params)

    async def _follow(self, call: Call, request: Request) -> None:
        try:
            assert call.follow is not None
            await call.follow()
        except errors.ColoniesError as refusal:
            log.warning("what follows a reply was refused", extra=fields("store_unavailable", reason=refusal.message))
        except Exception:
            _bug(request)

    def _count(self, request: Request, outcome: str) -> None:
        known = isinstance(request.method, str) and request.method in self._handlers
        self._node.telemetry.encodes.add()
        self._node.telemetry.requests.add(request.method if known else "unknown", outcome)


def _reply_to_bad_frame(error: BadFrame) -> bytes | None:
    if error.request_id is None:
        return None
    refusal = errors.BadRequest("", "a request [0, id, method, params]", "something else")
    return encode_response(error.request_id, refusal.to_map(), None)


def _too_large_to_say(size: int, limit: int) -> errors.TooLarge:
    return errors.TooLarge(
        f"the answer has {size} bytes and a frame holds at most {limit}; ask for less at once, or for one of them",
        limit=limit,
    )


def _bug(request: Request) -> errors.Internal:
    reference = secrets.token_hex(4)
    log.exception("a request met a bug", extra=fields("bug", reference=reference, method=short(str(request.method))))
    return errors.Internal(f"the broker met a bug; its log has it under {reference}")
