"""MessagePack values written in JSON, losing nothing: `{"$bin": …}`, `{"$int": …}` and `{"$float": …}` where JSON is too poor."""

from __future__ import annotations

from typing import Any

SAFE = (1 << 53) - 1


def written(value: Any) -> Any:
    """The value as the vectors write it. Two values are the same exactly when they are written the same."""
    if isinstance(value, bytes):
        return {"$bin": value.hex()}
    if isinstance(value, float):
        return {"$float": repr(value)}
    if isinstance(value, int) and not isinstance(value, bool) and abs(value) > SAFE:
        return {"$int": str(value)}
    if isinstance(value, dict):
        return {key: written(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [written(item) for item in value]
    return value


def read(value: Any) -> Any:
    """The inverse of `written`."""
    match value:
        case {"$bin": str(text)}:
            return bytes.fromhex(text)
        case {"$int": str(text)}:
            return int(text)
        case {"$float": str(text)}:
            return float(text)
        case dict():
            return {key: read(item) for key, item in value.items()}
        case list():
            return [read(item) for item in value]
    return value
