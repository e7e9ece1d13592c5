"""Keys and signatures."""

from __future__ import annotations

import traceback

import pytest
from hypothesis import given
from hypothesis import strategies as st

from colonies.wire.identity import Identity, is_id, verify

# A thread that another test left behind may draw random numbers of its own, which is not these tests' affair.
pytestmark = pytest.mark.filterwarnings("ignore:Do not use the .random. module inside strategies")

SEED = "4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fb"


def test_a_key_signs_as_rfc_8032_says() -> None:
    key = Identity(SEED)
    assert key.id == "3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c"
    assert key.public_key.hex() == key.id
    assert key.sign(b"\x72").hex() == (
        "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da"
        "085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00"
    )


def test_a_private_key_may_come_out_of_a_file_with_a_line_break_and_in_capitals() -> None:
    assert Identity(f" {SEED.upper()}\n").private_key == SEED


def test_generated_keys_differ_and_can_be_written_and_read() -> None:
    one, other = Identity.generate(), Identity.generate()
    assert one.id != other.id
    assert Identity(one.private_key).id == one.id


@pytest.mark.parametrize(
    "wrong",
    [
        pytest.param(SEED[:-1], id="one character short"),
        pytest.param(SEED + "00", id="one byte long"),
        pytest.param("z" + SEED[1:], id="one character that is no hex"),
        pytest.param(SEED[:32] + " " + SEED[32:], id="with a space inside"),
        pytest.param(SEED[:31] + "é" + SEED[32:], id="not ASCII"),
        pytest.param(SEED * 2, id="a seed and a public key"),
    ],
)
def test_the_refusal_of_a_private_key_never_repeats_it(wrong: str) -> None:
    with pytest.raises(ValueError, match="64 hex characters") as refused:
        Identity(wrong)
    # The whole traceback, causes included: that is what ends up in a log.
    text = "".join(traceback.format_exception_only(refused.value)) + repr(refused.value.__cause__ or "")
    text += repr(refused.value.__context__ or "")
    assert not any(wrong[start : start + 8] in text for start in range(len(wrong) - 8))


@pytest.mark.parametrize("wrong", [None, 5, b"\x00" * 32])
def test_what_is_no_text_is_no_private_key(wrong: object) -> None:
    with pytest.raises(ValueError, match="64 hex characters"):
        Identity(wrong)  # type: ignore[arg-type]


def test_an_identity_shows_itself_without_its_private_key() -> None:
    key = Identity(SEED)
    assert SEED[:8] not in repr(key)
    assert repr(key) == f"Identity({key.id[:8]}…)"


@given(st.binary(max_size=200), st.binary(max_size=200))
def test_a_signature_holds_for_its_message_and_for_no_other(message: bytes, other: bytes) -> None:
    key = Identity(SEED)
    signature = key.sign(message)
    assert verify(key.public_key, signature, message)
    assert verify(key.public_key, signature, other) == (message == other)
    assert not verify(Identity.generate().public_key, signature, message)


@given(st.integers(0, 64 * 8 - 1))
def test_a_signature_with_any_bit_turned_does_not_hold(bit: int) -> None:
    key = Identity(SEED)
    signature = bytearray(key.sign(b"message"))
    signature[bit // 8] ^= 1 << bit % 8
    assert not verify(key.public_key, bytes(signature), b"message")


@given(st.binary(max_size=100), st.binary(max_size=100), st.binary(max_size=100))
def test_anything_may_be_asked_of_verify(key: bytes, signature: bytes, message: bytes) -> None:
    assert verify(key, signature, message) is False


def test_a_signature_is_never_taken_out_of_the_message() -> None:
    key = Identity(SEED)
    signature = key.sign(b"message")
    assert not verify(key.public_key, b"", signature + b"message")
    assert not verify(key.public_key, signature[:10], signature[10:] + b"message")


@pytest.mark.parametrize("text", ["", "a" * 63, "a" * 65, "A" * 64, "g" * 64, "a" * 64 + "\n", "٣" * 64])
def test_what_is_not_64_lower_case_hex_characters_is_no_id(text: str) -> None:
    assert not is_id(text)
    assert is_id(Identity(SEED).id)
