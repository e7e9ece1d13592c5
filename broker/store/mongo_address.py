"""The address of a MongoDB: what of it may be shown, and which database it names."""

from __future__ import annotations

import re

from pymongo.errors import ConfigurationError
from pymongo.uri_parser import parse_uri

DEFAULT_DATABASE = "colonies"
_DATABASE_NAME = re.compile(r"""[^/\\. "$\0]{1,63}""")


def parts_of(address: str) -> tuple[str, str]:
    """Hosts and database of an address. Hosts are what may be shown: before them stands a password."""
    scheme, _, rest = address.partition("://")
    before, _, _ = rest.partition("?")
    authority, _, path = before.partition("/")
    place, name = authority.rpartition("@")[2], path or DEFAULT_DATABASE
    if not place or not _DATABASE_NAME.fullmatch(name) or not _can_be_read(scheme, address):
        # Nothing of it is said again: where it is wrong, any part of it may be the password.
        raise ValueError("this is no address of a MongoDB: mongodb://USER:PASSWORD@HOST:PORT/DATABASE?replicaSet=NAME")
    return place, name


def _can_be_read(scheme: str, address: str) -> bool:
    if scheme != "mongodb":
        return True  # to read it, the network has to be asked
    try:
        parse_uri(address)
    except (ConfigurationError, ValueError):
        return False
    return True
