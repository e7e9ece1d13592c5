"""Where it is measured: brokers of our own on stores that are made for it, or one that runs.

A store of our own is used once and removed: a file beside the one that was named, a database
beside the one that was named. What lies there is never touched.
"""

from __future__ import annotations

import contextlib
import secrets
import tempfile
from collections.abc import AsyncIterator
from pathlib import Path
from typing import NamedTuple, Protocol

from colonies.cli.failure import misused
from colonies.wire.identity import Identity

from . import leftovers, mongodb
from .link import Link, in_time
from .meters import Meter, OfMetrics, OfPrograms
from .server import Server, started_broker


class Place(NamedTuple):
    """One broker with an empty store, or the one that runs.

    store   of a database on this machine.
    server  the broker, where it was started for this.
    """

    address: str
    owner: Identity
    broker: Meter
    store: Meter | None = None
    server: Server | None = None

    async def afresh(self) -> Place:
        """Have the broker started again on the same store, where it is ours; whoever was connected is not any more."""
        if self.server is None:
            return self
        await self.server.start_again()
        return self._replace(address=self.server.address, broker=OfPrograms(self.server.pid))

    @property
    def pids(self) -> list[int]:
        """The programs whose processor time is the broker's and the store's; none where they cannot be seen."""
        return [*self.broker.pids, *(self.store.pids if self.store else ())]


class Ground(Protocol):
    """own: every broker has a store of its own, which holds nothing when it starts."""

    own: bool

    async def name(self) -> str:
        """sqlite, or mongodb; with the version where the store is a server."""
        ...

    async def is_here(self) -> bool:
        """Whether its brokers run on this machine; only then can they be held against what it can do."""
        ...

    @property
    def folder(self) -> Path:
        """On the disk of the store, as far as it is known."""
        ...

    def place(self) -> contextlib.AbstractAsyncContextManager[Place]: ...


class Running:
    """A broker that somebody else started."""

    own = False
    folder = Path(tempfile.gettempdir())

    def __init__(self, address: str, owner: Identity) -> None:
        self._address, self._owner = address, owner

    async def name(self) -> str:
        link = await Link(self._address).connect()
        try:
            (about,) = await in_time(link.ask(self._owner, "server.info"))
            return str(about["store"])
        finally:
            link.close()

    async def is_here(self) -> bool:
        return await OfMetrics(self._address).is_here()

    @contextlib.asynccontextmanager
    async def place(self) -> AsyncIterator[Place]:
        yield Place(self._address, self._owner, OfMetrics(self._address))


class OnSqlite:
    own = True

    def __init__(self, beside: Path | None) -> None:
        if beside is not None and not beside.parent.is_dir():
            misused(f"there is no folder {beside.parent} to make a store in")
        self.folder = beside.parent.absolute() if beside else Path(tempfile.gettempdir())

    async def name(self) -> str:
        return "sqlite"

    async def is_here(self) -> bool:
        return True

    @contextlib.asynccontextmanager
    async def place(self) -> AsyncIterator[Place]:
        owner = Identity.generate()
        with leftovers.folder(self.folder) as folder:
            async with started_broker(f"sqlite:{folder}/broker.db", owner, folder) as server:
                yield Place(server.address, owner, OfPrograms(server.pid), server=server)


class OnMongo:
    own = True

    def __init__(self, address: str) -> None:
        self._address = address
        self._seen = mongodb.look(address)

    @property
    def folder(self) -> Path:
        return self._seen.folder or Path(tempfile.gettempdir())

    async def name(self) -> str:
        return f"mongodb {self._seen.version}"

    async def is_here(self) -> bool:
        return True

    @contextlib.asynccontextmanager
    async def place(self) -> AsyncIterator[Place]:
        owner, store = Identity.generate(), mongodb.database_beside(self._address, secrets.token_hex(4))
        meter = OfPrograms(*self._seen.pids) if self._seen.pids else None
        with leftovers.folder() as folder, leftovers.database(store):
            async with mongodb.used_once(store), started_broker(store, owner, folder) as server:
                yield Place(server.address, owner, OfPrograms(server.pid), meter, server)


def on_store(store: str) -> Ground:
    """Brokers of our own. store: as `colonies server start --store` takes it; empty for temporary files."""
    scheme, _, rest = store.partition(":")
    if not store:
        return OnSqlite(None)
    if scheme == "sqlite" and rest:
        return OnSqlite(Path(rest).expanduser())
    if scheme not in ("mongodb", "mongodb+srv"):
        misused("--store takes sqlite:PATH or mongodb://HOST:PORT/DATABASE?replicaSet=…")
    return OnMongo(store)
