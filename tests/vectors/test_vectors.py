"""The Python wire is held to the vectors as they stand in the files."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from colonies.wire.errors import BadFrame
from colonies.wire.frames import (
    decode_envelope,
    decode_messages,
    decode_requests,
    encode_envelope,
    encode_request,
    join,
    signed_bytes,
)
from colonies.wire.identity import Identity, verify

from .notation import read, written

FOLDER = Path(__file__).parent


def load(name: str) -> Any:
    return json.loads((FOLDER / f"{name}.json").read_text())


def named(listed: list[dict[str, Any]]) -> pytest.MarkDecorator:
    return pytest.mark.parametrize("vector", listed, ids=[vector["name"] for vector in listed])


KEYS = {vector["name"]: vector for vector in load("keys")["keys"]}
BODIES = {vector["name"]: vector for vector in load("bodies")["bodies"]}
ENVELOPES = load("envelopes")
MESSAGES = load("messages")
CHALLENGE = bytes.fromhex(ENVELOPES["challenge"])


def test_generating_again_gives_the_same_bytes() -> None:
    command = [sys.executable, "-m", "tests.vectors.generate", "--check"]
    checked = subprocess.run(
        command,
        cwd=FOLDER.parents[1],
        env={**os.environ, "PYTHONHASHSEED": "7"},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert (checked.returncode, checked.stdout) == (0, "not what would be made: nothing\n"), checked.stderr


@named(list(KEYS.values()))
def test_a_private_key_gives_its_id(vector: dict[str, Any]) -> None:
    key = Identity(vector["private_key"])
    assert (key.id, key.private_key) == (vector["id"], vector["private_key"])


@named(load("keys")["no_private_keys"])
def test_what_is_no_private_key_is_refused(vector: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match="64 hex characters"):
        Identity(vector["text"])


@named(list(BODIES.values()))
def test_a_body_is_decoded_to_its_requests(vector: dict[str, Any]) -> None:
    decoded = decode_requests(bytes.fromhex(vector["body"]))
    assert [written(request._asdict()) for request in decoded] == vector["requests"]


@named([vector for vector in BODIES.values() if vector["shortest"]])
def test_requests_are_encoded_to_their_body(vector: dict[str, Any]) -> None:
    encoded = [encode_request(r["id"], read(r["method"]), read(r["params"])) for r in vector["requests"]]
    body = bytes.fromhex(vector["body"])
    is_batch_of_one = len(encoded) == 1 and body[0] == 0x91
    assert (b"\x91" if is_batch_of_one else b"") + join(encoded) == body


@named(ENVELOPES["envelopes"])
def test_a_body_is_signed_and_enveloped_as_written(vector: dict[str, Any]) -> None:
    key, body = Identity(KEYS[vector["key"]]["private_key"]), bytes.fromhex(BODIES[vector["name"]]["body"])
    signed = signed_bytes(CHALLENGE, body)
    signature = key.sign(signed)
    assert (signed.hex(), signature.hex()) == (vector["signed"], vector["signature"])
    assert encode_envelope(key.public_key, signature, body).hex() == vector["frame"]


@named(ENVELOPES["envelopes"])
def test_an_envelope_opens_and_its_signature_holds(vector: dict[str, Any]) -> None:
    key, signature, body = decode_envelope(bytes.fromhex(vector["frame"]))
    assert key.hex() == KEYS[vector["key"]]["id"]
    assert verify(key, signature, signed_bytes(CHALLENGE, body))
    assert body.hex() == BODIES[vector["name"]]["body"]


def test_every_body_but_the_longest_is_in_an_envelope() -> None:
    assert BODIES.keys() - {vector["name"] for vector in ENVELOPES["envelopes"]} == {"a batch of 256"}


@named(MESSAGES["frames"])
def test_a_frame_of_a_server_is_decoded_to_its_messages(vector: dict[str, Any]) -> None:
    decoded = decode_messages(bytes.fromhex(vector["frame"]))
    made = [{"kind": type(message).__name__.lower(), **written(message._asdict())} for message in decoded]
    assert made == vector["messages"]


@named(MESSAGES["refused"])
def test_a_frame_that_no_server_sends_is_refused(vector: dict[str, Any]) -> None:
    with pytest.raises(BadFrame):
        decode_messages(bytes.fromhex(vector["frame"]))


def test_what_the_notation_writes_it_reads_again() -> None:
    value = {"a": [b"\x00\xff", 2**64 - 1, -(2**63), 1.0, -0.0, 2**53 - 1, True, None, "x"], "b": {"c": float("inf")}}
    assert written(read(written(value))) == written(value)
    assert written(read(written(float("nan")))) == {"$float": "nan"}
    assert written([1, 1.0, True]) == [1, {"$float": "1.0"}, True]
