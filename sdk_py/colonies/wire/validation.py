"""Decoded MessagePack → typed nouns and back.

Built on msgspec; what it refuses is said again as a BadRequest that names the field, what
was expected and what came, and the nearest field where the name looks misspelt. Values are
shown by type and at most forty characters: a refusal never repeats a whole body.
"""

from __future__ import annotations

import difflib
import re
from enum import IntEnum
from typing import Any, Literal, TypeVar, get_origin

import msgspec

from .errors import BadRequest

T = TypeVar("T")

SHOWN = 40  # characters of a value or a name that a refusal repeats

# A path is made of our own names; the field that nobody knows before it may hold anything, this text included.
_AT = re.compile(r" - at (?P<key>`key` in )?`\$\.?(?P<path>[\w.\[\]]*)`\Z")
_UNKNOWN = re.compile(r"Object contains unknown field `(?P<name>.*)`\Z", re.DOTALL)
_MISSING = re.compile(r"Object missing required field `(?P<name>.*)`\Z")
_EXPECTED = re.compile(r"Expected (?P<expected>.*?)(?:, got (?P<got>.*))?\Z")
_CONTAINERS: dict[type, str] = {bytes: "bytes", list: "array", dict: "map"}
_PLAIN = {
    r"^[0-9a-f]{64}\Z": "an id of 64 hex characters",
    r"^([0-9a-f]{64})?\Z": "an id of 64 hex characters",
    r"^[0-9a-zA-Z_-]{8,64}\Z": "8 to 64 letters, digits, - or _",
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
        return _unknown_field(_shortened(unknown["name"]), kind, path)
    if missing := _MISSING.match(text):
        return BadRequest(_join(path, missing["name"]), "a value", "nothing")
    if where and where["key"]:
        if " of length " in text:
            expected = _on_the_wire(text.removeprefix("Expected "))
            return BadRequest(path, f"a map whose keys are {expected}", "another key")
        return BadRequest(path, "a map whose keys are str", "a key of another type")
    match = _EXPECTED.match(text)
    came = _look_up(value, path)
    said = _on_the_wire(match["got"] or "") if match else ""
    expected = _expected(match["expected"]) if match else _choice(kind, path)
    return BadRequest(path, expected, said if came is _LOST else describe(came))


def _expected(text: str) -> str:
    for pattern, plain in _PLAIN.items():
        if repr(pattern)[1:-1] in text:
            return plain
    return _on_the_wire(text)


def _on_the_wire(text: str) -> str:
    """Types by the names that MessagePack has for them."""
    return text.replace("`", "").replace("object", "map").replace("null", "nil")


def _choice(kind: Any, path: str) -> str:
    """The values that are taken at `path`, where they are few."""
    choices = _choices_in(_type_at(kind, path))
    return f"one of {', '.join(choices)}" if choices else "another value"


def _unknown_field(name: str, kind: Any, path: str) -> BadRequest:
    struct = _struct_in(_type_at(kind, path))
    known = [f.encode_name for f in msgspec.structs.fields(struct)] if struct else []
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
        return f"str '{_shortened(repr(value)[1:-1])}'"
    if isinstance(value, bytes | list | dict):
        return f"{_CONTAINERS[type(value)]} of {len(value)}"
    return f"{type(value).__name__} {value}"


def _shortened(text: str) -> str:
    return text if len(text) <= SHOWN else text[:SHOWN] + "…"


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


def _type_at(kind: Any, path: str) -> Any:
    """The type at `path` inside `kind`; for an item of an array or a map, the type of the whole."""
    for step in re.findall(r"[^.\[\]]+(?![^\[]*\])", path):
        struct = _struct_in(kind)
        found = [f.type for f in msgspec.structs.fields(struct) if f.encode_name == step] if struct else []
        if not found:
            return None
        kind = found[0]
    return kind


def _struct_in(kind: Any) -> Any:
    if isinstance(kind, type) and issubclass(kind, msgspec.Struct):
        return kind
    for inner in getattr(kind, "__args__", ()):
        if (found := _struct_in(inner)) is not None:
            return found
    return None


def _choices_in(kind: Any) -> list[str]:
    if get_origin(kind) is Literal:
        return [f'"{value}"' for value in kind.__args__]
    if isinstance(kind, type) and issubclass(kind, IntEnum):
        return [f"{member.value} ({member.name.lower()})" for member in kind]
    for inner in getattr(kind, "__args__", ()):
        if found := _choices_in(inner):
            return found
    return []
