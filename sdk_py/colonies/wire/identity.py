"""Keys and signatures: an Ed25519 key pair is the identity, and nothing else identifies anybody.

A private key is written as its 32-byte seed in 64 hex characters, an id as the public key
in 64 hex characters. Knows no frames: what is signed is bytes.
"""

from __future__ import annotations

import secrets
from typing import Protocol

from nacl import bindings
from nacl.exceptions import BadSignatureError

KEY_BYTES = 32
SIGNATURE_BYTES = 64


class Signer(Protocol):
    """Whatever can sign in somebody's name: an Identity, or a key that lives in hardware."""

    @property
    def id(self) -> str:
        """The public key, 64 hex characters."""
        ...

    def sign(self, message: bytes) -> bytes:
        """Return the 64-byte Ed25519 signature over `message`."""
        ...


class Identity:
    """A key pair that is held in memory."""

    __slots__ = ("_secret", "id", "public_key")

    def __init__(self, private_key: str) -> None:
        """Take a private key: 64 hex characters. Anything else raises ValueError, which never repeats the key."""
        seed = _seed(private_key)
        self.public_key, self._secret = bindings.crypto_sign_seed_keypair(seed)
        self.id: str = self.public_key.hex()

    @classmethod
    def generate(cls) -> Identity:
        return cls(secrets.token_hex(KEY_BYTES))

    @property
    def private_key(self) -> str:
        """The 32-byte seed in 64 hex characters. Whoever has it is this identity."""
        return self._secret[:KEY_BYTES].hex()

    def sign(self, message: bytes) -> bytes:
        return bindings.crypto_sign(message, self._secret)[:SIGNATURE_BYTES]

    def __repr__(self) -> str:
        return f"Identity({self.id[:8]}…)"


def verify(public_key: bytes, signature: bytes, message: bytes) -> bool:
    """Whether `signature` (64 bytes) over `message` was made with the private half of `public_key` (32 bytes)."""
    if len(signature) != SIGNATURE_BYTES:
        return False  # the rest of it would be taken from the message
    try:
        bindings.crypto_sign_open(signature + message, public_key)
    except (BadSignatureError, ValueError):
        return False
    return True


def is_id(text: str) -> bool:
    """Whether this is written as an id: 64 lower-case hex characters."""
    return len(text) == 64 and all(letter in "0123456789abcdef" for letter in text)


def _seed(private_key: str) -> bytes:
    try:
        written = private_key.strip()
        seed = bytes.fromhex(written)
    except (ValueError, TypeError, AttributeError):
        written, seed = "", b""
    if len(seed) != KEY_BYTES or len(written) != 2 * KEY_BYTES:  # fromhex passes over spaces
        raise ValueError(
            "a private key is 64 hex characters (the 32-byte Ed25519 seed); make one with `colonies key new`"
        )
    return seed
