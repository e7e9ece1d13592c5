"""A broker in the test's own process, whose work is counted where it is done.

What a broker says of itself in `/metrics` is added up beside the work, and does not show when
something is done twice. So here what does the work is counted: libsodium's check of a signature,
the encoders of MessagePack, the transport under a WebSocket, each method of the store, each
statement as SQLite tells of it and each command as MongoDB's driver does. Nothing is done by
the clock, so the same requests are the same work on any machine.
"""

from __future__ import annotations

import asyncio
import contextlib
import inspect
from collections import Counter
from collections.abc import AsyncIterator, Callable, Iterator
from functools import partial
from typing import Any, cast

import msgpack
import pytest
from motor.motor_asyncio import AsyncIOMotorClient
from nacl import bindings
from pymongo.monitoring import CommandFailedEvent, CommandListener, CommandStartedEvent, CommandSucceededEvent

from broker.engine.membership import Membership
from broker.server import run
from broker.server.websocket import ColoniesSocket
from broker.settings import Settings
from broker.store.base import Store
from broker.store.open import open_store
from colonies.wire import frames
from colonies.wire.identity import Identity

from . import peer as clients
from .statements import watch_connections

NEVER = 3600.0  # seconds


class Work:
    """What was done, in words.

    verify      a signature was checked.
    pack        a value was made into MessagePack. A reply or a notification is one, an event is five and
                one more for each that is told; a spec is one, to be measured.
    write       bytes were given to a WebSocket, of which the answer to the handshake is the first.
    store.NAME  that method of the store was called.
    statement   SQLite was asked for something, on whichever connection.
    commit      and it was a commit.
    NAME        MongoDB was given that command about processes; figures follow in their own time.
    """

    def __init__(self) -> None:
        self._done: list[str] = []  # threads of the store append too
        self._is_of_client = False
        self.heard: asyncio.Queue[str] = asyncio.Queue()

    async def wait_heard(self, identity: str) -> None:
        """Return when the broker has heard of a change of this member through its store, and has forgotten who that is.

        Where brokers share a store, each hears there of what it did itself.
        """
        async with asyncio.timeout(clients.PATIENCE):
            while await self.heard.get() != identity:
                pass

    @contextlib.contextmanager
    def counted(self) -> Iterator[Counter[str]]:
        """Everything that is done inside, once the block has ended."""
        begin, done = len(self._done), Counter[str]()
        yield done
        done.update(self._done[begin:])

    def note(self, what: str) -> None:
        if not self._is_of_client:
            self._done.append(what)

    def note_statement(self, verb: str) -> None:
        self.note("statement")
        if verb == "COMMIT":
            self.note("commit")

    def counting(self, what: str, function: Callable[..., Any]) -> Callable[..., Any]:
        def counted(*args: Any, **named: Any) -> Any:
            self.note(what)
            return function(*args, **named)

        return counted

    def leaving_out(self, function: Callable[..., Any]) -> Callable[..., Any]:
        """The clients live in this process too, and what they do is no work of the broker."""

        def left_out(*args: Any, **named: Any) -> Any:
            self._is_of_client = True
            try:
                return function(*args, **named)
            finally:
                self._is_of_client = False

        return left_out


class _CountedStore:
    def __init__(self, store: Store, work: Work) -> None:
        self._store, self._work = store, work

    def __getattr__(self, name: str) -> Any:
        found = getattr(self._store, name)
        return self._work.counting(f"store.{name}", found) if inspect.iscoroutinefunction(found) else found


class _CountedTransport:
    def __init__(self, transport: asyncio.Transport, work: Work) -> None:
        self._transport = transport
        self.write = work.counting("write", transport.write)
        self.writelines = work.counting("write", transport.writelines)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._transport, name)


class _Commands(CommandListener):
    def __init__(self, work: Work) -> None:
        self._work = work

    def started(self, event: CommandStartedEvent) -> None:
        if event.command.get("collection", event.command.get(event.command_name)) == "processes":
            self._work.note(event.command_name)

    def succeeded(self, event: CommandSucceededEvent) -> None: ...

    def failed(self, event: CommandFailedEvent) -> None: ...


@contextlib.asynccontextmanager
async def counted_broker(store: str, owner: Identity) -> AsyncIterator[tuple[str, Work]]:
    """The address of a broker that serves, and the work that it does."""
    work, told, ready = Work(), asyncio.Event(), asyncio.get_running_loop().create_future()
    settings = Settings(
        owner=owner.id, hello_seconds=NEVER, ping_seconds=NEVER, look_seconds=NEVER, authority_seconds=NEVER
    )
    with pytest.MonkeyPatch.context() as patch:
        _count_wire(work, patch)
        _count_store(work, patch)
        patch.setattr(run, "collect_seldom", lambda: None)  # the process is not the broker's alone
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(run.serve(settings, store, host="127.0.0.1", port=0, ready=ready.set_result, told=told))
            try:
                yield await ready, work
            finally:
                told.set()


def _count_wire(work: Work, patch: pytest.MonkeyPatch) -> None:
    """Stand where the broker finds what checks, encodes and writes."""
    connection_made = ColoniesSocket.connection_made

    def connection_made_counted(socket: ColoniesSocket, transport: Any) -> None:
        connection_made(socket, cast(asyncio.Transport, _CountedTransport(transport, work)))

    patch.setattr(bindings, "crypto_sign_open", work.counting("verify", bindings.crypto_sign_open))
    patch.setattr(frames, "_encode_nouns", work.counting("pack", frames._encode_nouns))
    patch.setattr(msgpack, "packb", work.counting("pack", msgpack.packb))
    patch.setattr(ColoniesSocket, "connection_made", connection_made_counted)
    for name in ("encode_request", "encode_envelope", "pack"):
        patch.setattr(clients, name, work.leaving_out(getattr(clients, name)))


def _count_store(work: Work, patch: pytest.MonkeyPatch) -> None:
    """Stand between the broker and its store, and between that and its database."""
    changed = Membership.changed

    def changed_heard(membership: Membership, identity: str) -> None:
        changed(membership, identity)
        work.heard.put_nowait(identity)

    client = partial(AsyncIOMotorClient, event_listeners=[_Commands(work)])
    patch.setattr("broker.server.run.open_store", lambda address: _CountedStore(open_store(address), work))
    patch.setattr("broker.store.mongo_link.AsyncIOMotorClient", client)
    patch.setattr(Membership, "changed", changed_heard)
    watch_connections(patch, work.note_statement)
