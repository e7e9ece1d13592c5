"""Process specs out of a file: one JSON object, an array of them, or one a line.

All are read and checked before any is submitted. What is wrong is said with its place: file,
line and column for JSON, the number of the spec and the field for what is in it.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

from colonies.wire.errors import BadRequest
from colonies.wire.model import ProcessSpec
from colonies.wire.validation import decode, describe

from .failure import refuse


def read_specs(path: str) -> tuple[list[ProcessSpec], bool]:
    """The specs of a file (`-`: standard input), and whether it holds just one, not in an array."""
    name = "standard input" if path == "-" else path
    value = _parsed(_text(path), name)
    if not isinstance(value, list):
        return [_spec(value, name)], True
    return [_spec(each, f"{name}, spec {number}") for number, each in enumerate(value, 1)], False


def _text(path: str) -> str:
    try:
        return sys.stdin.read() if path == "-" else Path(path).read_text(encoding="utf-8")
    except FileNotFoundError:
        refuse(f"there is no file {path}")
    except UnicodeDecodeError:
        refuse(f"{path} is not text in UTF-8")
    except OSError as error:
        refuse(f"cannot read {path}: {error.strerror}")


def _parsed(text: str, name: str) -> Any:
    try:
        return json.loads(text)
    except json.JSONDecodeError as error:
        # More after a whole value: one spec a line. Unless the first value has lines of its own.
        if error.msg == "Extra data" and "\n" not in text[: error.pos].strip():
            return [_line(line, number, name) for number, line in enumerate(text.splitlines(), 1) if line.strip()]
        refuse(f"{name}, line {error.lineno}, column {error.colno}: not JSON: {_reason(error, text)}")


def _line(line: str, number: int, name: str) -> Any:
    try:
        return json.loads(line)
    except json.JSONDecodeError as error:
        refuse(f"{name}, line {number}, column {error.colno}: not JSON: {_reason(error, line)}")


def _reason(error: json.JSONDecodeError, text: str) -> str:
    if not text.strip():
        return "it is empty"
    return error.msg[:1].lower() + error.msg[1:]


def _spec(value: Any, where: str) -> ProcessSpec:
    if not isinstance(value, dict):
        refuse(f"{where}: a process spec is a JSON object, this is {describe(value)}")
    try:
        return decode(value, ProcessSpec)
    except BadRequest as error:
        refuse(f"{where}: {error.message}")
