"""Frames: whatever bytes come, they are decoded or a BadFrame; what is encoded is decoded to the same."""

from __future__ import annotations

import contextlib
import math
import tracemalloc
from typing import Any

import msgpack
import pytest
from hypothesis import given
from hypothesis import strategies as st

from colonies.wire import frames
from colonies.wire.errors import BadFrame
from colonies.wire.frames import Notification, Request, Response

# A thread that another test left behind may draw random numbers of its own, which is not these tests' affair.
pytestmark = pytest.mark.filterwarnings("ignore:Do not use the .random. module inside strategies")

SCALARS = (
    st.none() | st.booleans() | st.integers(-(2**63), 2**64 - 1) | st.floats(allow_nan=False) | st.text() | st.binary()
)
VALUES = st.recursive(SCALARS, lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner), max_leaves=20)
PARAMS = st.dictionaries(st.text(), VALUES, max_size=5)
IDS = st.integers(1, frames.MAX_ID)
# Bytes that look like MessagePack go deeper into a decoder than bytes that do not.
PACKED = st.recursive(
    SCALARS | st.builds(msgpack.ExtType, st.integers(0, 127), st.binary(max_size=8)),
    lambda inner: st.lists(inner) | st.dictionaries(st.text() | st.integers(0, 9) | st.binary(), inner),
    max_leaves=20,
).map(msgpack.packb)
DECODERS = pytest.mark.parametrize(
    "decode", [frames.decode_envelope, frames.decode_requests, frames.decode_messages, frames.unpack]
)


def nested(levels: int, kind: type = list) -> Any:
    """A value `levels` levels deep, itself counted."""
    value: Any = kind()
    for _ in range(levels - 1):
        value = [value] if kind is list else {"": value}
    return value


# — any bytes —


@DECODERS
@given(raw=st.binary(max_size=2048))
def test_any_bytes_are_decoded_or_refused_as_a_bad_frame(decode: Any, raw: bytes) -> None:
    with contextlib.suppress(BadFrame):
        decode(raw)


@DECODERS
@given(raw=PACKED, cut=st.integers(0, 40), tail=st.binary(max_size=3), turned=st.integers(0, 400))
def test_damaged_messagepack_is_decoded_or_refused_as_a_bad_frame(
    decode: Any, raw: bytes, cut: int, tail: bytes, turned: int
) -> None:
    damaged = bytearray(raw[: len(raw) - cut] + tail)
    if turned // 8 < len(damaged):
        damaged[turned // 8] ^= 1 << turned % 8
    for frame in (raw, bytes(damaged)):
        with contextlib.suppress(BadFrame):
            decode(frame)


@pytest.mark.parametrize("size", [200, 2_000, 4_000, 64_000, frames.MAX_FRAME_BYTES - 200])
@pytest.mark.parametrize("header", [b"\xdd", b"\xdc", b"\xdf\x00\x00\x00\x01\xa0\xdd"], ids=["32", "16", "in a map"])
def test_what_is_announced_and_does_not_come_takes_no_room(header: bytes, size: int) -> None:
    width = 2 if header == b"\xdc" else 4
    announcing = header + min(size - 10, 2 ** (8 * width) - 1).to_bytes(width, "big")
    raw = (announcing * 1000)[:size].ljust(size, b"\xc0")
    tracemalloc.start()
    try:
        with pytest.raises(BadFrame):
            frames.unpack(raw)
        _, most = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert most < 4 * size + 250_000


@given(value=st.lists(VALUES, max_size=3), times=st.integers(1, 300), tail=st.binary(max_size=1))
def test_what_is_wide_and_whole_is_decoded_and_nothing_may_follow_it(value: Any, times: int, tail: bytes) -> None:
    wide = [{"wide": [value] * times, "220": b"\xdc\xdd\xde\xdf" * 100}] * 20
    raw = frames.pack(wide)
    assert frames.unpack(raw, max_depth=100) == wide
    with pytest.raises(BadFrame) if tail else contextlib.nullcontext():
        frames.unpack(raw + tail, max_depth=100)


@given(PACKED)
def test_a_refusal_says_which_request_only_where_its_id_is_one(raw: bytes) -> None:
    ids: list[int | None] = []
    try:
        ids += [request.id for request in frames.decode_requests(raw)]
    except BadFrame as refused:
        ids.append(refused.request_id)
    assert all(request_id is None or 1 <= request_id <= frames.MAX_ID for request_id in ids)


@DECODERS
@pytest.mark.parametrize(
    "raw", [b"\x91" * (1 << 20), b"\x81\xa0" * (1 << 19), b"\xdd\xff\xff\xff\xff", b"\xc6\xff\xff\xff\xff"]
)
def test_a_frame_that_claims_to_be_endless_is_refused(decode: Any, raw: bytes) -> None:
    with pytest.raises(BadFrame):
        decode(raw)


# — round trips —


@given(VALUES)
def test_a_value_comes_out_as_it_went_in(value: Any) -> None:
    assert frames.unpack(frames.pack(value), max_depth=100) == value


def test_a_float_stays_a_float_and_nan_stays_nan() -> None:
    assert type(frames.unpack(frames.pack(1.0))) is float
    assert math.isnan(frames.unpack(frames.pack(math.nan)))


@pytest.mark.parametrize("number", [2**64, -(2**63) - 1])
def test_an_integer_that_messagepack_has_no_form_for_is_a_value_error(number: int) -> None:
    with pytest.raises(ValueError, match="outside"):
        frames.pack({"number": number})


def test_an_object_that_messagepack_has_no_form_for_is_a_type_error() -> None:
    with pytest.raises(TypeError):
        frames.pack({"a": object()})


@given(st.binary(min_size=32, max_size=32), st.binary(min_size=64, max_size=64), st.binary(min_size=1))
def test_an_envelope_comes_out_as_it_went_in(key: bytes, signature: bytes, body: bytes) -> None:
    assert frames.decode_envelope(frames.encode_envelope(key, signature, body)) == (key, signature, body)


@pytest.mark.parametrize("key_bytes", [0, 31, 32, 33])
@pytest.mark.parametrize("signature_bytes", [0, 63, 64, 65])
@pytest.mark.parametrize("body", [b"", b"\x00", b"body"])
def test_an_envelope_has_exactly_its_lengths(key_bytes: int, signature_bytes: int, body: bytes) -> None:
    frame = frames.encode_envelope(bytes(key_bytes), bytes(signature_bytes), body)
    if (key_bytes, signature_bytes) == (32, 64) and body:
        assert frames.decode_envelope(frame).body == body
    else:
        with pytest.raises(BadFrame):
            frames.decode_envelope(frame)


@given(st.binary(min_size=1))
def test_the_body_of_an_envelope_is_not_looked_into(body: bytes) -> None:
    frame = frames.encode_envelope(bytes(32), bytes(64), body)
    assert frames.decode_envelope(frame).body == body


def test_what_is_signed_says_which_protocol_and_which_connection() -> None:
    assert frames.signed_bytes(b"C" * 32, b"body") == b"colonies.v1\x00" + b"C" * 32 + b"body"


@given(IDS, st.text(), PARAMS)
def test_a_request_comes_out_as_it_went_in(request_id: int, method: str, params: dict[str, Any]) -> None:
    body = frames.encode_request(request_id, method, params)
    assert frames.decode_requests(body) == [Request(request_id, method, params)]


@given(st.lists(IDS, min_size=1, max_size=30))
def test_a_batch_keeps_its_order_and_repeats(ids: list[int]) -> None:
    """Rising is the connection's affair: it knows what came before."""
    body = frames.pack([[0, request_id, "m", {}] for request_id in ids])
    assert [request.id for request in frames.decode_requests(body)] == ids


RESPONSES = st.builds(Response, IDS, st.none() | PARAMS, VALUES)
NOTIFICATIONS = st.builds(Notification, st.text(), PARAMS)


def encoded(message: Response | Notification) -> bytes:
    if isinstance(message, Response):
        return frames.encode_response(message.id, message.error, message.result)
    return frames.encode_notification(message.name, message.params)


@given(st.lists(RESPONSES | NOTIFICATIONS, min_size=1, max_size=20))
def test_joined_messages_come_out_one_by_one_in_their_order(messages: list[Response | Notification]) -> None:
    assert frames.decode_messages(frames.join([encoded(message) for message in messages])) == messages


@pytest.mark.parametrize("number", [1, 2, 15, 16, 65535, 65536])
def test_any_number_of_messages_can_be_joined(number: int) -> None:
    assert len(frames.decode_messages(frames.join([encoded(Response(1, None, 5))] * number))) == number


# — limits —


@pytest.mark.parametrize("kind", [list, dict])
def test_32_levels_are_taken_and_33_are_not(kind: type) -> None:
    assert frames.unpack(frames.pack(nested(32, kind))) == nested(32, kind)
    with pytest.raises(BadFrame, match="more than 32 levels"):
        frames.unpack(frames.pack(nested(33, kind)))


def test_a_scalar_at_the_deepest_level_is_taken() -> None:
    deep: Any = 5
    for _ in range(32):
        deep = [deep]
    assert frames.unpack(frames.pack(deep)) == deep


def test_the_levels_of_a_request_count_from_its_own_array() -> None:
    assert frames.decode_requests(frames.encode_request(1, "m", {"deep": nested(30)}))
    with pytest.raises(BadFrame, match="more than 32 levels"):
        frames.decode_requests(frames.encode_request(1, "m", {"deep": nested(31)}))


def test_a_client_takes_40_levels_as_a_page_of_deep_processes_needs_them() -> None:
    assert frames.decode_messages(frames.encode_response(1, None, nested(39)))
    with pytest.raises(BadFrame, match="more than 40 levels"):
        frames.decode_messages(frames.encode_response(1, None, nested(40)))


def test_a_batch_holds_as_many_requests_as_the_limit_says() -> None:
    body = frames.pack([[0, number, "m", {}] for number in range(1, 4)])
    assert len(frames.decode_requests(body, max_batch=3)) == 3
    with pytest.raises(BadFrame, match="at most 2 requests, got 3"):
        frames.decode_requests(body, max_batch=2)


@pytest.mark.parametrize("value", [msgpack.ExtType(1, b"x"), msgpack.Timestamp(1, 0)])
@pytest.mark.parametrize("place", [lambda v: v, lambda v: [v], lambda v: {"a": [0, {"b": v}]}])
def test_an_extension_is_refused_wherever_it_stands(value: Any, place: Any) -> None:
    with pytest.raises(BadFrame):
        frames.unpack(msgpack.packb(place(value)))


@pytest.mark.parametrize(
    "item", [[0, 6], [0, 6, "m"], [0, 6, "m", {}, 1], [1, 6, None, None], [0.0, 6, "m", {}], [False, 6, "m", {}]]
)
def test_a_request_of_the_wrong_shape_is_refused_with_its_id(item: list[Any]) -> None:
    with pytest.raises(BadFrame) as refused:
        frames.decode_requests(frames.pack(item))
    assert refused.value.request_id == 6
