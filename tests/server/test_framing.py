"""Frames are cut wherever the network cut them, and what is not a whole binary message is the library's."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st
from websockets.frames import Frame, Opcode

from broker.server.framing import Framing

MAX_BYTES = 70_000


class Cut:
    """What came out of a Framing, in its order."""

    def __init__(self, *, masked: bool = True) -> None:
        self.came: list[tuple[str, bytes]] = []
        self.framing = Framing(
            take=lambda message: self.came.append(("message", message)),
            other=lambda frame: self.came.append(("other", frame)),
            max_bytes=MAX_BYTES,
            masked=masked,
        )


def binary(message: bytes, *, mask: bool = True, fin: bool = True) -> bytes:
    return Frame(Opcode.BINARY, message, fin=fin).serialize(mask=mask)


PING = Frame(Opcode.PING, b"?").serialize(mask=True)
MESSAGES = st.one_of(
    st.binary(max_size=300), st.integers(min_value=65_000, max_value=MAX_BYTES).map(lambda size: b"x" * size)
)


@given(st.lists(st.one_of(MESSAGES, st.none()), max_size=6), st.data())
def test_any_frames_cut_anywhere_come_out_whole(messages: list[bytes | None], data: st.DataObject) -> None:
    stream = b"".join(PING if message is None else binary(message) for message in messages)
    cuts = sorted(data.draw(st.lists(st.integers(0, len(stream)), max_size=8)))
    cut = Cut()
    for start, stop in zip([0, *cuts], [*cuts, len(stream)], strict=True):
        cut.framing.feed(stream[start:stop])
    assert cut.came == [("other", PING) if message is None else ("message", message) for message in messages]


def test_what_a_server_says_is_not_masked() -> None:
    cut = Cut(masked=False)
    cut.framing.feed(binary(b"bare", mask=False) + binary(b"masked"))
    assert [kind for kind, _ in cut.came] == ["message", "other"]
    assert cut.came[0][1] == b"bare"


def test_a_frame_that_comes_byte_by_byte() -> None:
    cut = Cut()
    for byte in binary(b"y" * 70_000):
        cut.framing.feed(bytes([byte]))
    assert cut.came == [("message", b"y" * 70_000)]


def test_fragments_and_what_stands_between_them_are_the_librarys() -> None:
    parts = [
        binary(b"begin", fin=False),
        PING,
        Frame(Opcode.CONT, b"on", fin=False).serialize(mask=True),
        Frame(Opcode.CONT, b"end").serialize(mask=True),
    ]
    cut = Cut()
    cut.framing.feed(b"".join([*parts, binary(b"after")]))
    assert cut.came == [*(("other", part) for part in parts), ("message", b"after")]


def test_a_message_out_of_turn_is_the_librarys_to_refuse() -> None:
    parts = [binary(b"begin", fin=False), binary(b"out of turn")]
    cut = Cut()
    cut.framing.feed(b"".join(parts))
    assert cut.came == [("other", part) for part in parts]


def test_what_is_not_masked_or_not_binary_is_the_librarys() -> None:
    frames = [binary(b"bare", mask=False), Frame(Opcode.TEXT, b"text").serialize(mask=True)]
    cut = Cut()
    cut.framing.feed(b"".join(frames))
    assert cut.came == [("other", frame) for frame in frames]


def test_a_message_that_is_too_long_is_the_librarys_with_all_that_follows() -> None:
    long, after = binary(b"z" * (MAX_BYTES + 1)), binary(b"after")
    cut = Cut()
    cut.framing.feed(binary(b"first") + long[:20])
    cut.framing.feed(long[20:] + after)
    assert cut.came[0] == ("message", b"first")
    assert b"".join(part for kind, part in cut.came if kind == "other") == long + after
    assert [kind for kind, _ in cut.came].count("message") == 1
