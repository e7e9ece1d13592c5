"""The frames of the vectors that a broker must refuse, and with what."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, NamedTuple

from colonies.wire.errors import CloseCode
from colonies.wire.frames import encode_envelope, encode_request, pack, signed_bytes
from colonies.wire.identity import Identity

from .requests import nested

# The order of the group in which Ed25519 signs (RFC 8032, 5.1): s and s + L would both hold were s not checked.
L = 2**252 + 27742317777372353535851937790883648493
GOOD = encode_request(1, "server.info", {})


class Refused(NamedTuple):
    """frames are sent one after the other on a fresh connection; the last is refused, those before it are not.

    answered  (request id, error code) of the answer that leaves before the close, where there is an id to answer.
    """

    frames: list[bytes]
    close: CloseCode
    answered: tuple[int, str] | None = None


def refusals(key: Identity, other: Identity, challenge: bytes) -> Iterator[tuple[str, Refused]]:
    yield from _no_envelopes(key, challenge)
    yield from _bad_signatures(key, other, challenge)
    yield from _bad_bodies(key, challenge)
    yield from _replays(key, challenge)


def envelope(key: Identity, challenge: bytes, body: bytes) -> bytes:
    return encode_envelope(key.public_key, key.sign(signed_bytes(challenge, body)), body)


def _no_envelopes(key: Identity, challenge: bytes) -> Iterator[tuple[str, Refused]]:
    good = envelope(key, challenge, GOOD)
    k, s = key.public_key, key.sign(signed_bytes(challenge, GOOD))
    frames = {
        "an empty frame": b"",
        "a frame without its last byte": good[:-1],
        "a frame and one byte more": good + b"\x00",
        "two frames in one": good + good,
        "nil": pack(None),
        "a map": pack({"key": k, "signature": s, "body": GOOD}),
        "an envelope of two": pack([k, s]),
        "an envelope of four": pack([k, s, GOOD, b""]),
        "strings in the place of binaries": pack(["k" * 32, "s" * 64, "b"]),
        "a body that is not binary": pack([k, s, [0, 1, "server.info", {}]]),
        "a key of 31 bytes": pack([k[:31], s, GOOD]),
        "a key of 33 bytes": pack([k + b"\x00", s, GOOD]),
        "a signature of 63 bytes": pack([k, s[:63], GOOD]),
        "a signature of 65 bytes": pack([k, s + b"\x00", GOOD]),
        "an empty body": envelope(key, challenge, b""),
        "an extension in the place of the key": b"\x93\xc7\x20\x01" + k + pack(s) + pack(GOOD),
        "a timestamp in the place of the body": b"\x93" + pack(k) + pack(s) + b"\xd6\xff\x00\x00\x00\x01",
        "an array of four thousand million": b"\xdd\xff\xff\xff\xff",
        "a binary of four gigabytes": b"\x93\xc6\xff\xff\xff\xff",
        "a hundred levels": b"\x91" * 100,
        "an unused byte of MessagePack": b"\xc1",
    }
    for name, frame in frames.items():
        yield name, Refused([frame], CloseCode.BAD_FRAME)


def _bad_signatures(key: Identity, other: Identity, challenge: bytes) -> Iterator[tuple[str, Refused]]:
    k, s = key.public_key, key.sign(signed_bytes(challenge, GOOD))
    changed = encode_request(2, "server.info", {})
    higher = (int.from_bytes(s[32:], "little") + L).to_bytes(32, "little")
    envelopes = {
        "a signature with its first bit turned": (k, bytes([s[0] ^ 1]) + s[1:], GOOD),
        "a signature with its last bit turned": (k, s[:-1] + bytes([s[-1] ^ 0x80]), GOOD),
        "a signature with the order of the group added": (k, s[:32] + higher, GOOD),
        "a body that was changed": (k, s, changed),
        "another key": (other.public_key, s, GOOD),
        "another challenge": (k, key.sign(signed_bytes(bytes(32), GOOD)), GOOD),
        "no domain before the challenge": (k, key.sign(challenge + GOOD), GOOD),
        "no challenge": (k, key.sign(signed_bytes(b"", GOOD)), GOOD),
        "the body alone signed": (k, key.sign(GOOD), GOOD),
        "a key and a signature of zeros": (bytes(32), bytes(64), GOOD),
        "a key of small order": (b"\x01" + bytes(31), b"\x01" + bytes(63), GOOD),
    }
    for name, parts in envelopes.items():
        yield name, Refused([encode_envelope(*parts)], CloseCode.BAD_SIGNATURE)


def _bad_bodies(key: Identity, challenge: bytes) -> Iterator[tuple[str, Refused]]:
    """Signed well. `answered` is where one request with an id could be made out."""
    unanswered = {
        "a body that is not MessagePack": b"\xc1",
        "a body without its last byte": GOOD[:-1],
        "a body and one byte more": GOOD + b"\x00",
        "a body that is a map": pack({"id": 1}),
        "a body that is a number": pack(5),
        "an empty array": pack([]),
        "33 levels": pack([0, 1, "server.info", {"deep": nested(31)}]),
        "an extension in a body": b"\x94\x00\x01" + pack("server.info") + b"\x81\xa1x\xd4\x01\x00",
        "a timestamp in a body": b"\x94\x00\x01" + pack("server.info") + b"\x81\xa1x\xd6\xff\x00\x00\x00\x01",
        "a map with a number as a key": b"\x94\x00\x01" + pack("server.info") + b"\x81\x05\x00",
        "a string that is not UTF-8": b"\x94\x00\x01" + pack("server.info") + b"\x81\xa1x\xa2\xc3\x28",
        "a batch of 257": pack([[0, number, "server.info", {}] for number in range(1, 258)]),
        "a batch with a number in it": pack([[0, 1, "server.info", {}], 5]),
        "no id": pack([0]),
        **{f"the id {name}": pack([0, value, "server.info", {}]) for name, value in _NO_IDS.items()},
    }
    for name, body in unanswered.items():
        yield name, Refused([envelope(key, challenge, body)], CloseCode.BAD_FRAME)
    answered: dict[str, list[Any]] = {
        "a request of three": [0, 6, "server.info"],
        "a request of five": [0, 6, "server.info", {}, None],
        "a response in the place of a request": [1, 6, None, None],
        "false in the place of 0": [False, 6, "server.info", {}],
    }
    for name, value in answered.items():
        yield name, Refused([envelope(key, challenge, pack(value))], CloseCode.BAD_FRAME, (6, "bad_request"))


_NO_IDS: dict[str, Any] = {
    "0": 0,
    "-1": -1,
    "2^53": 2**53,
    "2^64-1": 2**64 - 1,
    "true": True,
    "1.0": 1.0,
    '"1"': "1",
    "nil": None,
}


def _replays(key: Identity, challenge: bytes) -> Iterator[tuple[str, Refused]]:
    def ask(*ids: int) -> bytes:
        requests: list[Any] = [[0, request_id, "server.info", {}] for request_id in ids]
        return envelope(key, challenge, pack(requests if len(ids) > 1 else requests[0]))

    connections = {
        "the same frame twice": ([ask(1), ask(1)], 1),
        "an id below the last": ([ask(5), ask(4)], 4),
        "the last id of a batch again": ([ask(1, 3), ask(3)], 3),
        "ids that do not rise within a batch": ([ask(2, 2)], 2),
        "ids that fall within a batch": ([ask(2, 1)], 1),
    }
    for name, (frames, request_id) in connections.items():
        yield name, Refused(frames, CloseCode.REPLAYED, (request_id, "replayed"))
