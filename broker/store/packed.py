"""What is stored as MessagePack, read back into nouns.

What was taken once is read for ever: a limit that came later than a process must not make it,
and with it the lane and the list in which it stands, unreadable.
"""

from __future__ import annotations

from typing import Any, TypeVar

from msgspec import Struct, ValidationError
from msgspec.msgpack import Decoder, decode
from msgspec.structs import fields

from colonies.wire.model import Attribute, Conditions, ProcessSpec

Noun = TypeVar("Noun", bound=Struct)

_spec = Decoder(ProcessSpec)
_attributes = Decoder(list[Attribute])


def spec_of(packed: bytes) -> ProcessSpec:
    try:
        return _spec.decode(packed)
    except ValidationError:
        stored = decode(packed)
        return _as_stored(ProcessSpec, {**stored, "conditions": _as_stored(Conditions, stored["conditions"])})


def attributes_of(packed: bytes) -> list[Attribute]:
    try:
        return _attributes.decode(packed)
    except ValidationError:
        return [_as_stored(Attribute, stored) for stored in decode(packed)]


def _as_stored(noun: type[Noun], stored: dict[str, Any]) -> Noun:
    """Unchecked, and without what this program does not know."""
    known = {field.name for field in fields(noun)}
    return noun(**{name: value for name, value in stored.items() if name in known})
