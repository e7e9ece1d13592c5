"""Envelopes and messages as bytes.

A frame from a client is an envelope: key, signature, body. Its body stays bytes until the
signature holds, so that nobody without a key can make a broker decode anything but three
byte strings. Whatever is not exactly of this protocol is a BadFrame. Knows no methods and
no sockets.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any, NamedTuple

import msgpack
import msgspec

from .errors import BadFrame
from .identity import KEY_BYTES, SIGNATURE_BYTES

PROTOCOL = 1
SUBPROTOCOL = "colonies.v1"
DOMAIN = b"colonies.v1\x00"
CHALLENGE_BYTES = 32
MAX_FRAME_BYTES = 1 << 20
MAX_DEPTH = 32
MAX_BATCH = 256
MAX_INFLIGHT = 64
MAX_ID = (1 << 53) - 1

REQUEST, RESPONSE, NOTIFICATION = 0, 1, 2


class Envelope(NamedTuple):
    key: bytes
    signature: bytes
    body: bytes


class Request(NamedTuple):
    id: int
    method: Any
    params: Any


class Response(NamedTuple):
    id: int
    error: dict[str, Any] | None
    result: Any


class Notification(NamedTuple):
    name: str
    params: dict[str, Any]


Message = Response | Notification


# — bytes and values —


def pack(value: Any) -> bytes:
    """Encode one value as MessagePack. TypeError or ValueError names what MessagePack has no form for."""
    try:
        packed: bytes = msgpack.packb(value, use_bin_type=True)
    except OverflowError as error:
        raise ValueError(f"an integer is outside −2^63 … 2^64−1: {error}") from None
    return packed


_encode_nouns = msgspec.msgpack.Encoder().encode


def pack_nouns(value: Any) -> bytes:
    """As `pack`, for what a broker says: nouns become maps without a detour, in a fraction of the time."""
    return _encode_nouns(value)


def unpack(raw: bytes, *, max_depth: int = MAX_DEPTH) -> Any:
    """Decode exactly one MessagePack value; anything else is a BadFrame. Extension types are refused."""
    try:
        if len(raw) > _FEW_BYTES and len(raw.translate(None, _NOT_WIDE)) * len(raw) > _FEW_ELEMENTS:
            _see_whole(raw)
        value = msgpack.unpackb(raw, raw=False, strict_map_key=True, ext_hook=_refuse_extension)
    except BadFrame:
        raise
    except Exception as error:  # msgpack raises half a dozen unrelated classes
        raise BadFrame(f"not MessagePack: {type(error).__name__}") from None
    if _may_be_deeper(raw, max_depth) and _is_deeper(value, max_depth):
        raise BadFrame(f"nested more than {max_depth} levels deep")
    return value


def _see_whole(raw: bytes) -> None:
    """Raise where the value ends before all that its arrays and maps announce.

    Room for what an array announces is made before any of it is looked at, up to a thousand arrays deep: 4 kB that
    announce 4,000 elements on each level took a quarter of a second. What is whole announces less than it has bytes.
    """
    unpacker = msgpack.Unpacker(max_buffer_size=len(raw))
    unpacker.feed(raw)
    unpacker.skip()


def _refuse_extension(code: int, _: bytes) -> Any:
    raise BadFrame(f"MessagePack extension type {code} is not used here")


# Those that may announce more than 15 elements, and how much of them is not worth looking at twice.
_NOT_WIDE = bytes((*range(0xDC), *range(0xE0, 0x100)))
_FEW_BYTES = 256
_FEW_ELEMENTS = 1 << 14

# Bytes that begin an array or a map, and those that begin an extension.
_CONTAINER = bytes((*range(0x80, 0xA0), *range(0xDC, 0xE0)))
_EXTENSION = bytes((*range(0xC7, 0xCA), *range(0xD4, 0xD9)))
_NO_CONTAINER = bytes(set(range(256)) - set(_CONTAINER))
_NO_EXTENSION = bytes(set(range(256)) - set(_EXTENSION))


def _may_be_deeper(raw: bytes, levels: int) -> bool:
    """False where it cannot be nested deeper and has no time in it: each level begins with a byte of its own.

    Nearly every frame is told by this, which costs a tenth of walking through it.
    """
    return len(raw.translate(None, _NO_CONTAINER)) > levels or bool(raw.translate(None, _NO_EXTENSION))


def _is_deeper(value: Any, levels: int) -> bool:
    """Whether arrays and maps are nested deeper, or there is a time in it. Level by level, for calls cost more."""
    level: list[Any] = [[value]]
    while level:
        inner: list[Any] = []
        for container in level:
            for item in container.values() if type(container) is dict else container:
                if type(item) is dict or type(item) is list:
                    inner.append(item)
                elif type(item) is msgpack.Timestamp:
                    return True
        if inner and levels == 0:
            return True
        levels -= 1
        level = inner
    return False


# — the envelope —


def signed_bytes(challenge: bytes, body: bytes) -> bytes:
    """What a signature covers: it holds on one connection only, and never for another protocol."""
    return DOMAIN + challenge + body


def encode_envelope(key: bytes, signature: bytes, body: bytes) -> bytes:
    return pack([key, signature, body])


def decode_envelope(frame: bytes) -> Envelope:
    """Split a frame into key, signature and body, or raise BadFrame. The body is not looked into."""
    try:
        parts = msgpack.unpackb(
            frame, raw=False, max_array_len=3, max_map_len=0, max_str_len=0, max_ext_len=0, ext_hook=_refuse_extension
        )
    except BadFrame:
        raise
    except Exception as error:  # as in unpack
        raise BadFrame(f"not an envelope: {type(error).__name__}") from None
    if not (isinstance(parts, list) and len(parts) == 3 and all(type(part) is bytes for part in parts)):
        raise BadFrame("an envelope is an array of three binaries: key, signature, body")
    key, signature, body = parts
    if len(key) != KEY_BYTES or len(signature) != SIGNATURE_BYTES or not body:
        raise BadFrame("an envelope has a key of 32 bytes, a signature of 64, and a body")
    return Envelope(key, signature, body)


# — messages of a client —


def encode_request(request_id: int, method: str, params: dict[str, Any]) -> bytes:
    return pack([REQUEST, request_id, method, params])


def decode_requests(body: bytes, *, max_batch: int = MAX_BATCH) -> list[Request]:
    """Decode a body: one request, or an array of them. BadFrame carries the id where one could be read."""
    value = unpack(body)
    if not isinstance(value, list) or not value:
        raise BadFrame("a body is a request or a batch of requests")
    items = value if isinstance(value[0], list) else [value]
    if len(items) > max_batch:
        raise BadFrame(f"a batch holds at most {max_batch} requests, got {len(items)}")
    return [_request(item) for item in items]


def _request(item: Any) -> Request:
    request_id = item[1] if isinstance(item, list) and len(item) > 1 else None
    if type(request_id) is not int or not 1 <= request_id <= MAX_ID:
        raise BadFrame("a request is [0, id, method, params] with an id of 1 … 2^53−1")
    if len(item) != 4 or type(item[0]) is not int or item[0] != REQUEST:
        raise BadFrame("a request is [0, id, method, params]", request_id=request_id)
    return Request(request_id, item[2], item[3])


# — messages of a server —


def encode_response(request_id: int, error: dict[str, Any] | None, result: Any) -> bytes:
    """result: maps, lists and scalars, or a noun."""
    return pack_nouns([RESPONSE, request_id, error, result])


def encode_notification(name: str, params: dict[str, Any]) -> bytes:
    return pack([NOTIFICATION, name, params])


def join(messages: Sequence[bytes]) -> bytes:
    """Make one frame of encoded messages: one as it is, several as an array of messages."""
    if len(messages) == 1:
        return messages[0]
    return _array_header(len(messages)) + b"".join(messages)


def _array_header(length: int) -> bytes:
    header: bytes = msgpack.Packer().pack_array_header(length)
    return header


def decode_messages(frame: bytes) -> list[Message]:
    """Decode a frame of the server: one message, or an array of them."""
    # What a client sent at the deepest comes back inside a page of processes, a few levels further down.
    value = unpack(frame, max_depth=MAX_DEPTH + 8)
    if not isinstance(value, list) or not value:
        raise BadFrame("a frame is a message or an array of messages")
    items: Iterable[Any] = value if isinstance(value[0], list) else [value]
    return [_message(item) for item in items]


def _message(item: Any) -> Message:
    kinds = [type(part) for part in item[:2]] if isinstance(item, list) else []
    match item:  # which takes True and 1.0 for 1; `kinds` does not
        case [1, request_id, (dict() | None) as error, result] if kinds == [int, int]:
            return Response(request_id, error, result)
        case [2, str(name), dict(params)] if kinds[0] is int:
            return Notification(name, params)
    raise BadFrame("a message is [1, id, error, result] or [2, name, params]")
