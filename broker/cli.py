"""`colonies server start`, `colonies server init` and `colonies dev`: what the broker adds to the command line."""

from __future__ import annotations

import asyncio
import contextlib
import os
import sys
from collections.abc import Coroutine, Iterator
from pathlib import Path
from typing import Annotated, Any, NoReturn, TypeVar

import typer

from broker import folders, logs
from broker.environment import misspelt
from broker.server.child import Orders, read_orders, serve_as_child
from broker.server.listening import PortTaken, can_share, refuse_taken
from broker.server.run import serve
from broker.server.workers import serve_several
from broker.settings import Settings
from broker.store.base import StoreTooNew
from broker.store.open import open_store
from colonies.cli.ending import run as run_command
from colonies.cli.failure import Failure, misused, refuse
from colonies.cli.folder import config_folder, new_key, read_key
from colonies.wire import errors
from colonies.wire.identity import Identity, is_id

T = TypeVar("T")
LEVELS = ("debug", "info", "warning", "error")

server = typer.Typer(
    help="Run a broker, or prepare to.", no_args_is_help=True, pretty_exceptions_enable=False, add_completion=False
)
dev = typer.Typer(pretty_exceptions_enable=False, add_completion=False)

Host = Annotated[str, typer.Option(envvar="COLONIES_HOST", help="Address to listen on.")]
Port = Annotated[int, typer.Option(envvar="COLONIES_PORT", min=0, max=65535, help="Port; 0 takes a free one.")]
Store = Annotated[
    str,
    typer.Option(
        envvar="COLONIES_STORE",
        help="sqlite:PATH, or mongodb://… for several brokers. Default: a file in the user's data folder.",
    ),
]
Owner = Annotated[
    str,
    typer.Option(envvar="COLONIES_OWNER", help="Id of the server owner, who adds colonies. Made once if not given."),
]
Origins = Annotated[
    list[str] | None,
    typer.Option(
        help="A web origin whose pages may connect, beside the broker's own; several times. "
        "[COLONIES_ALLOW_ORIGIN, with commas]",
    ),
]
Drain = Annotated[
    float,
    typer.Option(envvar="COLONIES_DRAIN", min=0, help="Seconds that a stopping broker waits for what is going on."),
]
Workers = Annotated[
    int,
    typer.Option(
        envvar="COLONIES_WORKERS",
        min=1,
        help="How many brokers to run on this port, each a process of its own; more than one needs mongodb://.",
    ),
]
Retain = Annotated[
    float,
    typer.Option(
        envvar="COLONIES_RETAIN",
        min=0,
        max=36_500,
        help="Days that a process is kept after it ended, with its log; 0 keeps it for ever. The same at every broker.",
    ),
]
LogLevel = Annotated[str, typer.Option(envvar="COLONIES_LOG_LEVEL", help="debug, info, warning or error.")]


def main() -> NoReturn:
    """`python -m broker start` is `colonies server start`."""
    sys.exit(run_command(server, sys.argv[1:], name="python -m broker"))


@server.command("start")
def start(
    *,
    host: Host = "127.0.0.1",
    port: Port = 8080,
    store: Store = "",
    owner: Owner = "",
    allow_origin: Origins = None,
    drain: Drain = Settings().drain_seconds,  # noqa: B008 (a frozen constant)
    workers: Workers = 1,
    retain: Retain = 0.0,
    log_level: LogLevel = "info",
) -> None:
    """Run a broker until SIGTERM or Ctrl-C drains it.

    Prints `ready http://HOST:PORT` on standard output once it serves; logs go to standard error.

    With --workers a connection goes to one of several brokers, and so /readyz and /metrics speak of whichever took it.
    One that dies is started again; SIGHUP replaces all, one after the other.

    Example: colonies server start --store mongodb://db1,db2/colonies?replicaSet=rs0 --owner 3fc05c…
    """
    _ready_to_log(log_level)
    with _said():
        refuse_taken(host, port)
    settings = Settings(
        owner=_checked_id(owner) or _own_owner().id,
        allowed_origins=_origins(allow_origin),
        drain_seconds=drain,
        retain_days=retain,
    )
    address = store or f"sqlite:{folders.data() / 'broker.db'}"
    if workers == 1:
        _run(serve(settings, address, host=host, port=port, ready=_say_ready))
        return
    _refuse_several(address)
    orders = Orders(settings=settings, store=address, host=host, port=port, log_level=log_level)
    if code := _run(serve_several(workers, orders, ready=_say_ready)):
        raise typer.Exit(code)


def _refuse_several(store: str) -> None:
    with _said():
        if not open_store(store).shared:
            refuse("SQLite is one broker: --workers needs --store mongodb://…, which several brokers can share")
    if not can_share():
        refuse("on this system several processes cannot share a port: run one broker on each of several ports instead")


@server.command("child", hidden=True)
def child() -> None:
    """Run one of the brokers of `--workers`, as its parent says on standard input."""
    try:
        orders = read_orders()
    except ValueError:
        misused("`colonies server start --workers` starts this one, and nobody else")
    logs.to_stderr(orders.log_level, broker=orders.settings.name)
    _run(serve_as_child(orders, ready=_say_ready))


@server.command("init")
def init() -> None:
    """Make the server owner's key and say what to do next, without starting anything.

    Example: colonies server init
    """
    _refuse_misspelt()
    owner = _own_owner()
    print(f"server owner   {owner.id}")
    print(f"its key        {owner_key_path()}")
    print(f"store          sqlite:{folders.data() / 'broker.db'}")
    print("next           colonies server start")
    print(f"then           colonies colony add NAME --key-file {owner_key_path()}")


@dev.command("dev")
def start_dev(
    *,
    port: Port = 8080,
    folder: Annotated[
        Path | None,
        typer.Option(envvar="COLONIES_DEV_FOLDER", help="Keep everything here. Default: in the user's data folder."),
    ] = None,
    worker: Annotated[bool, typer.Option(help="Run a worker that runs programs of this machine.")] = False,
    fresh: Annotated[
        bool, typer.Option("--fresh", help="Forget all that was submitted before, and make new keys.")
    ] = False,
    allow_origin: Origins = None,
    log_level: LogLevel = "warning",
) -> None:
    """Run a broker on this machine with a colony, a user and an executor in it, to try things on.

    A second run finds everything as it was. Prints `ready http://127.0.0.1:PORT` on standard output once it serves.

    Example: colonies dev --worker
    """
    from broker import dev as house  # here, so that a server starts without the SDK's client

    _ready_to_log(log_level)
    place = house.Home((folder or folders.data() / "dev").absolute())
    if fresh:
        with _said():
            place.clear()
    origins = _origins(allow_origin)
    _run(house.live(place, port=port, with_worker=worker, allowed_origins=origins, ready=_say_ready))
    print("stopped", file=sys.stderr)


def _ready_to_log(level: str) -> None:
    _refuse_misspelt()
    if level not in LEVELS:
        misused(f"--log-level {level!r} is not one of {', '.join(LEVELS)}")
    logs.to_stderr(level)


def _refuse_misspelt() -> None:
    if problem := misspelt(os.environ):
        misused(problem)


def _run(work: Coroutine[Any, Any, T]) -> T:
    """Run to the end, on uvloop where there is one."""
    factory = None
    with contextlib.suppress(ImportError):
        import uvloop

        factory = uvloop.new_event_loop
    with _said(), asyncio.Runner(loop_factory=factory) as runner:
        return runner.run(work)


@contextlib.contextmanager
def _said() -> Iterator[None]:
    """What stands in the way of a broker is a sentence."""
    try:
        yield
    except PortTaken as error:
        refuse(str(error.strerror))
    except errors.Unavailable as error:  # of the store, not of a broker that somebody asked
        raise Failure(error.message) from error
    except (StoreTooNew, ValueError) as error:
        refuse(str(error))


def _say_ready(address: str) -> None:
    print(f"ready {address}", flush=True)


def owner_key_path() -> Path:
    return config_folder() / "server-owner.key"


def _own_owner() -> Identity:
    """The server owner's key in the config folder; made, and shown once, if there is none."""
    path = owner_key_path()
    if path.exists():
        return read_key(path)
    owner = new_key(path)
    print(f"made a server owner, {owner.id}; its private key is in {path}, keep it safe", file=sys.stderr)
    return owner


def _origins(given: list[str] | None) -> frozenset[str]:
    named = given or os.environ.get("COLONIES_ALLOW_ORIGIN", "").split(",")
    return frozenset(origin.strip().rstrip("/") for origin in named if origin.strip())


def _checked_id(owner: str) -> str:
    if owner and not is_id(owner):
        misused("--owner takes an id: the public key in 64 lower-case hex characters (`colonies key show` prints it)")
    return owner
