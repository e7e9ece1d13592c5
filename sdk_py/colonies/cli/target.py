"""Whom a command talks to, and as whom: option, then environment, then context, then the default server.

The environment is read here and nowhere below.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path
from typing import NamedTuple

from colonies.wire.identity import Identity, is_id

from . import contexts
from .failure import misused
from .folder import key_of, read_key

DEFAULT_SERVER = "http://127.0.0.1:8080"
SCHEMES = ("http://", "https://", "ws://", "wss://")


class Given(NamedTuple):
    """What the options said; None where they said nothing."""

    context: str | None = None
    server: str | None = None
    key: str | None = None
    key_file: Path | None = None
    colony: str | None = None


class Target(NamedTuple):
    """servers: brokers of one store. key_from: in words, where the key was found."""

    servers: list[str]
    key: Identity | None
    key_from: str
    colony: str | None


def resolve(given: Given, environment: Mapping[str, str] | None = None) -> Target:
    environment = os.environ if environment is None else environment
    name = given.context or environment.get("COLONIES_CONTEXT", "")
    context = contexts.load(environment).chosen(name)
    key, key_from = _key(given, environment, context)
    return Target(
        servers=_servers(given.server or environment.get("COLONIES_SERVER") or context.server or DEFAULT_SERVER),
        key=key,
        key_from=key_from,
        colony=_colony(given.colony or environment.get("COLONIES_COLONY") or context.colony),
    )


def _key(given: Given, environment: Mapping[str, str], context: contexts.Context) -> tuple[Identity | None, str]:
    if given.key and given.key_file:
        misused("give --key or --key-file, not both")
    if given.key:
        return key_of(given.key, where="--key"), "--key"
    if given.key_file:
        return read_key(given.key_file), str(given.key_file)
    if text := environment.get("COLONIES_KEY"):
        return key_of(text, where="COLONIES_KEY"), "COLONIES_KEY"
    if path := environment.get("COLONIES_KEY_FILE") or context.key_file:
        return read_key(Path(path)), path
    return None, ""


def _servers(text: str) -> list[str]:
    servers = [part.strip() for part in text.split(",") if part.strip()]
    for server in servers:
        if not server.startswith(SCHEMES):
            misused(f"{server!r} is not the address of a server; write it as http://HOST:PORT")
    return servers


def _colony(text: str) -> str | None:
    if text and not is_id(text):
        misused(f"the colony {text[:80]!r} is not an id: the public key of its owner, 64 hex characters")
    return text or None
