"""`colonies dev`: a broker on this machine, with all that is needed to try things on.

Everything lies in one private folder and is found again by the next run: the store, and the
keys of a server owner, a colony's owner, its users, an executor and the example pages. The
worker is stopped before the broker, so that what it holds goes back to the queue and does not
run on with nobody. Keys are shown to a terminal alone, in addresses that carry them.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
import sys
from collections.abc import AsyncIterator, Callable, Iterator
from pathlib import Path

from rich.console import Console
from rich.panel import Panel
from rich.style import Style
from rich.text import Text

from broker.server.run import serve
from broker.settings import Settings
from broker.store.sqlite_schema import lock
from colonies import AsyncColonies, Worker
from colonies.cli import contexts
from colonies.cli.builtin import Programs
from colonies.cli.folder import new_key, read_key
from colonies.wire.identity import Identity
from colonies.wire.model import State

HOST = "127.0.0.1"
COLONY = "dev"
EXECUTOR = EXECUTORTYPE = "cli"
GRACE_SECONDS = 3.0
PAGE_EXECUTORS = ("lamp", "fractal")  # the name, the type and the role of each
ROLES = ("server-owner", "colony-owner", "operator", "viewer", "executor", *PAGE_EXECUTORS)
# What a page is called, its path, and whose key it works with.
PAGES = (
    ("dashboard", "", "operator"),
    ("dashboard, to look only", "", "viewer"),
    ("lamp", "examples/lamp/", "lamp"),
    ("its switch", "examples/lamp/switch.html", "operator"),
    ("fractal", "examples/fractal/", "fractal"),
)


class Home:
    """The folder, and the keys in it."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.store = folder / "broker.db"

    def clear(self) -> None:
        """Forget the store and the keys, unless a broker has them."""
        held = lock(self.store)
        try:
            for path in (self.store, *(self.folder / f"broker.db-{end}" for end in ("wal", "shm"))):
                path.unlink(missing_ok=True)
            for role in ROLES:
                self.key_path(role).unlink(missing_ok=True)
        finally:
            os.close(held)

    def key_path(self, role: str) -> Path:
        return self.folder / "keys" / f"{role}.key"

    def key(self, role: str) -> Identity:
        path = self.key_path(role)
        return read_key(path) if path.exists() else new_key(path)


async def live(
    home: Home, *, port: int, with_worker: bool, allowed_origins: frozenset[str], ready: Callable[[str], None]
) -> None:
    """Serve until SIGTERM or SIGINT. ready: is called once everything is in its place.

    Raises as `serve` does, and what the broker refuses of the colony that should be in it.
    """
    home.folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    settings = Settings(owner=home.key("server-owner").id, allowed_origins=allowed_origins)
    address: asyncio.Future[str] = asyncio.get_running_loop().create_future()
    drain = asyncio.Event()
    try:
        with _told() as told:
            async with asyncio.TaskGroup() as tasks:
                living = _inhabit(home, address, told, with_worker=with_worker, ready=ready)
                tasks.create_task(living).add_done_callback(lambda _: drain.set())
                store = f"sqlite:{home.store}"
                await serve(settings, store, host=HOST, port=port, ready=address.set_result, told=drain)
    except ExceptionGroup as group:
        raise _reason(group) from None


def _reason(error: Exception) -> Exception:
    """What went wrong first, out of its groups."""
    while isinstance(error, ExceptionGroup):
        error = error.exceptions[0]
    return error


@contextlib.contextmanager
def _told() -> Iterator[asyncio.Event]:
    """An event that SIGTERM and SIGINT set."""
    told = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, told.set)
    try:
        yield told
    finally:
        for number in (signal.SIGTERM, signal.SIGINT):
            loop.remove_signal_handler(number)


async def _inhabit(
    home: Home, served: asyncio.Future[str], told: asyncio.Event, *, with_worker: bool, ready: Callable[[str], None]
) -> None:
    """Put everything in its place once the broker serves, and keep it there until told."""
    address = await served
    await _furnish(home, address)
    _write_contexts(home, address)
    async with contextlib.AsyncExitStack() as stack:
        if with_worker:
            await stack.enter_async_context(_working(home, address))
        _say_what_there_is(home, address, with_worker=with_worker)
        ready(address)
        await told.wait()


async def _furnish(home: Home, address: str) -> None:
    """Add what is missing; adding again what is there changes nothing."""
    owner, operator, executor = (home.key(role) for role in ("colony-owner", "operator", "executor"))
    async with AsyncColonies(address, key=home.key("server-owner")) as client:
        await client.add_colony(owner.id, COLONY)
        await client.add_user(operator.id, "operator", "operator", prvkey=owner)
        await client.add_user(home.key("viewer").id, "viewer", "viewer", prvkey=owner)
        await client.add_executor(executor.id, EXECUTOR, EXECUTORTYPE, approve=True, prvkey=owner)
        for role in PAGE_EXECUTORS:
            await client.add_executor(home.key(role).id, role, role, approve=True, prvkey=owner)


def _write_contexts(home: Home, address: str) -> None:
    """Let a second terminal find it without options; a context that somebody else made current stays so."""
    known = contexts.load()
    for name, role in (("dev", "operator"), ("dev-owner", "colony-owner")):
        context = contexts.Context(server=address, key_file=str(home.key_path(role)))
        known = known.with_context(name, context, use=False)
    contexts.save(known)


@contextlib.asynccontextmanager
async def _working(home: Home, address: str) -> AsyncIterator[None]:
    """A worker for the executor. What a run before this one left running goes back to the queue first."""
    key = home.key("executor")
    async with AsyncColonies(address, key=key) as client:
        async for process in client.iter_processes(state=State.RUNNING):
            if process.assigneeid == key.id:
                await client.hand_back(process)
        worker = Worker(client, key=key, concurrency=os.cpu_count() or 1, grace_seconds=GRACE_SECONDS)
        worker.fallback(Programs(client, server=address).run)
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(worker.run())
            yield
            worker.stop()


def _say_what_there_is(home: Home, address: str, *, with_worker: bool) -> None:
    option = "" if contexts.load().current == "dev" else " -c dev"
    rows = [
        ("broker", address),
        ("colony", COLONY),
        ("", home.key("colony-owner").id),
        ("operator", home.key("operator").id),
        ("executor", f"{EXECUTOR}, at work in this terminal" if with_worker else EXECUTOR),
        ("", home.key("executor").id),
        ("keys", str(home.key_path("operator").parent)),
        ("try", f"colonies process submit --func echo --type {EXECUTORTYPE} --wait{option} hello"),
        ("", f"colonies process list{option}"),
        ("", f"colonies stats{option}" if with_worker else _worker_command(home)),
        ("stop", "Ctrl-C; the next run finds everything as it was"),
    ]
    text = Text("\n").join(Text.assemble((f"{title:<10}", "dim"), value) for title, value in rows)
    console = Console(stderr=True, highlight=False)
    # In a file or a pipe a frame would only break the lines.
    if console.is_terminal:
        console.print(Panel(text, title="colonies dev", expand=False))
    else:
        console.print(text, soft_wrap=True)
    _say_pages(console, home, address)


def _say_pages(console: Console, home: Home, address: str) -> None:
    """Say where the pages are; to a terminal with the keys, which a browser keeps to itself after the `#`."""
    # Not what rich takes for a terminal: told to colour what is piped, it still goes into somebody's log.
    with_keys = sys.stderr.isatty()
    carried = "whose addresses carry a private key" if with_keys else "which ask for a private key"
    console.print(f"\nPages to open, {carried}:", soft_wrap=True)
    for title, path, role in PAGES:
        page = f"{address}/{path}"
        if with_keys:
            page += f"#key={home.key(role).private_key}"
        # From the first column and never broken by us, so that one click or selection takes the whole address.
        console.print(Text(f"{title} ({role}.key)", style="dim"), soft_wrap=True)
        console.print(Text(page, style=Style(link=page)), soft_wrap=True)


def _worker_command(home: Home) -> str:
    return f"colonies worker start --key-file {home.key_path('executor')}"
