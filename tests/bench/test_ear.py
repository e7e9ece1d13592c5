"""The socket that counts without decoding."""

from __future__ import annotations

from typing import Any

import msgpack
from hypothesis import given
from hypothesis import strategies as st

from broker.bench.ear import Ear, messages_in
from colonies.wire.frames import encode_notification, encode_response, join

MESSAGES = st.one_of(
    st.builds(lambda number: encode_notification("process", {"subscription": number}), st.integers(0, 1 << 40)),
    st.builds(lambda number: encode_response(number, None, {}), st.integers(1, 1 << 50)),
)


@given(st.lists(MESSAGES, min_size=1, max_size=40))
def test_messages_of_a_frame_are_counted_as_they_were_joined(messages: list[bytes]) -> None:
    assert messages_in(join(messages)) == len(messages)


def sent(payload: bytes) -> bytes:
    """A frame as a server sends it, not masked."""
    length = len(payload)
    if length < 126:
        return bytes((0x82, length)) + payload
    if length < 1 << 16:
        return bytes((0x82, 126)) + length.to_bytes(2, "big") + payload
    return bytes((0x82, 127)) + length.to_bytes(8, "big") + payload


@given(st.lists(st.sampled_from([1, 200, 70_000]), max_size=6), st.data())
def test_frames_are_counted_however_the_network_cuts_them(sizes: list[int], data: st.DataObject) -> None:
    frames = [sent(encode_notification("process", {"text": "a" * size})) for size in sizes]
    stream = b"HTTP/1.1 101 Switching Protocols\r\n\r\n" + b"".join(frames)
    cuts = sorted(data.draw(st.lists(st.integers(0, len(stream)), max_size=8)))
    heard: list[int] = []
    ear = Ear(heard.append)
    ear.count()
    for begin, end in zip([0, *cuts], [*cuts, len(stream)], strict=True):
        ear.data_received(stream[begin:end])
    assert sum(heard) == ear.frames == len(sizes)


class Wire:
    """What is written to a socket."""

    def __init__(self) -> None:
        self.written = b""

    def write(self, data: bytes) -> None:
        self.written += data


def test_a_ping_is_answered_with_what_it_said() -> None:
    wire: Any = Wire()
    ear = Ear()
    ear.connection_made(wire)
    ear.count()
    ear.data_received(b"HTTP/1.1 101 Switching Protocols\r\n\r\n" + bytes((0x89, 4)) + b"ping")
    assert wire.written == bytes((0x8A, 0x84)) + bytes(4) + b"ping"


def test_what_is_counted_is_what_msgpack_would_say() -> None:
    frame = join([encode_notification("process", {})] * 20)
    assert messages_in(frame) == len(msgpack.unpackb(frame)) == 20
