"""What is pushed to subscriptions: a notification encoded once, and addressed to each of its listeners.

An unaddressed push is a whole notification but for its last field, the number of the
subscription that it is for. So any name and any fields are pushed in the same way, and
whoever hands one on need not know what it says.
"""

from __future__ import annotations

from typing import Any

from colonies.wire.frames import NOTIFICATION, pack, pack_nouns


def encode_push(name: str, /, **fields: Any) -> bytes:
    """Everything of [2, name, {fields…, subscription}] but the subscription. At most 14 fields."""
    header = bytes((0x93, NOTIFICATION)) + pack(name) + bytes((0x80 | (len(fields) + 1),))
    return header + b"".join(pack(key) + pack_nouns(value) for key, value in fields.items())


def addressed(push: bytes, subscription: int) -> bytes:
    """The whole notification, for the subscription of this number."""
    return push + b"\xacsubscription" + pack(subscription)
