"""From an address to a store."""

from __future__ import annotations

from pathlib import Path

from .base import Store


def open_store(address: str) -> Store:
    """Make the store of an address, not yet opened: `sqlite:PATH`, `mongodb://…` or `mongodb+srv://…`.

    Raises ValueError with a sentence for any other.
    """
    scheme, _, rest = address.partition(":")
    if scheme == "sqlite" and rest not in ("", ":memory:"):  # what is acknowledged must survive the broker
        from .sqlite import SqliteStore

        return SqliteStore(Path(rest).expanduser())
    if scheme in ("mongodb", "mongodb+srv"):
        from .mongo import MongoStore

        return MongoStore(address)
    raise ValueError(
        f"no store is known for {address!r}: give sqlite:PATH, or mongodb://HOST:PORT/DATABASE?replicaSet=…"
    )
