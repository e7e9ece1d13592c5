"""Decoded MessagePack → typed nouns and back.

Built on msgspec; what it refuses is said again as a BadRequest that names the field, what
was expected and what came, and the nearest field where the name looks misspelt. Values are
shown by type and at most forty characters: a refusal never repeats a whole body.
"""

from __future__ import annotations

import difflib
import re
from typing import Any, TypeVar

import msgspec

from .errors import BadRequest

T = TypeVar("T")

_AT = re.compile(r" - at (?:`key` in )?`\$\.?(?P<path>.*)`$")
_UNKNOWN = re.compile(r"^Object contains unknown field `(?P<name>.*)`")
_MISSING = re.compile(r"^Object missing required field `(?P<name>.*)`")
_EXPECTED = re.compile(r"^Expected (?P<expected>.*?)(?:, got (?P<got>.*))?$")
_CONTAINERS: dict[type, str] = {bytes: "bytes", list: "array", dict: "map"}
_PLAIN = {
    "^[0-9a-f]{64}$": "an id of 64 hex characters",
    "^([0-9a-f]{64})?$": "an id of 64 hex characters",
    "^[0-9a-zA-Z_-]{8,64}$": "8 to 64 letters, digits, - or _",
}


def decode(value: Any, kind: type[T]) -> T:
    """Make a `kind` of decoded MessagePack, or raise BadRequest. Values typed Any are passed on untouched."""
    try:
        return msgspec.convert(value, kind, builtin_types=(bytes,))
    except msgspec.ValidationError as error:
        raise _refusal(str(error), value, kind) from None


def encode(noun: Any) -> Any:
    """Turn a noun into maps, lists and scalars for `frames.pack`. Bytes stay bytes."""
    return msgspec.to_builtins(noun, builtin_types=(bytes,))


def _refusal(text: str, value: Any, kind: Any) -> BadRequest:
    where = _AT.search(text)
    path = where["path"] if where else ""
    text = text[: where.start()] if where else text
    if unknown := _UNKNOWN.match(text):
        return _unknown_field(unknown["name"], kind, path)
    if missing := _MISSING.match(text):
        return BadRequest(_join(path, missing["name"]), "a value", "nothing")
    match = _EXPECTED.match(text)
    expected = match["expected"].replace("`", "") if match else text
    for pattern, plain in _PLAIN.items():
        if pattern in expected:
            expected = plain
    came = _look_up(value, path)
    said = (match["got"] or "" if match else "").replace("`", "")
    return BadRequest(path, expected, said if came is _LOST else describe(came))


def _unknown_field(name: str, kind: Any, path: str) -> BadRequest:
    known = _fields_at(kind, path)
    close = difflib.get_close_matches(name, known, n=1, cutoff=0.6)
    hint = f"; did you mean `{close[0]}`?" if close else ""
    refusal = BadRequest(_join(path, name), f"one of {', '.join(known) or 'no fields'}", f"`{name}`{hint}")
    if close:
        refusal.message = f"unknown field `{_join(path, name)}`{hint}"
        refusal.args = (refusal.message,)
    return refusal


def describe(value: Any) -> str:
    """Say what came: its type, and a short value where that helps."""
    if value is None:
        return "nil"
    if isinstance(value, str):
        return f"str {value if len(value) <= 40 else value[:40] + '…'!r}"
    if isinstance(value, bytes | list | dict):
        return f"{_CONTAINERS[type(value)]} of {len(value)}"
    return f"{type(value).__name__} {value}"


def _join(path: str, name: str) -> str:
    return f"{path}.{name}" if path else name


_LOST = object()


def _look_up(value: Any, path: str) -> Any:
    """Follow a path such as `spec.env[...]`; where it is not one place, the answer is _LOST."""
    for step in re.findall(r"[^.\[\]]+|\[\d+\]|\[\.\.\.\]", path):
        try:
            value = value[int(step[1:-1])] if step.startswith("[") else value[step]
        except (KeyError, IndexError, ValueError, TypeError):
            return _LOST
    return value


def _fields_at(kind: Any, path: str) -> list[str]:
    """The fields of the struct that stands at `path` inside `kind`, as the wire names them."""
    for step in re.findall(r"[^.\[\]]+", path):
        struct = _struct_in(kind)
        found = [f.type for f in msgspec.structs.fields(struct) if f.encode_name == step] if struct else []
        if not found:
            return []
        kind = found[0]
    struct = _struct_in(kind)
    return [f.encode_name for f in msgspec.structs.fields(struct)] if struct else []


def _struct_in(kind: Any) -> Any:
    if isinstance(kind, type) and issubclass(kind, msgspec.Struct):
        return kind
    for inner in getattr(kind, "__args__", ()):
        if (found := _struct_in(inner)) is not None:
            return found
    return None
