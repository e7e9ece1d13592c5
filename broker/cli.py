"""`colonies server start`, `colonies server init` and `colonies dev`."""

from __future__ import annotations

import asyncio
import contextlib
import os
import sys
from collections.abc import Coroutine
from pathlib import Path
from typing import Annotated, Any

import typer

from broker import logs
from broker.environment import misspelt
from broker.server.run import PortTaken, serve
from broker.settings import Settings
from broker.store.base import StoreTooNew
from colonies.wire import errors
from colonies.wire.identity import Identity, is_id

from . import folders

server = typer.Typer(help="Run a broker.", no_args_is_help=True, pretty_exceptions_enable=False, add_completion=False)

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
        "--allow-origin",
        envvar="COLONIES_ALLOW_ORIGIN",
        help="A web origin whose pages may connect, beside the broker's own; can be given several times.",
    ),
]
Drain = Annotated[
    float,
    typer.Option(envvar="COLONIES_DRAIN", min=0, help="Seconds that a stopping broker waits for what is going on."),
]
LogLevel = Annotated[str, typer.Option(envvar="COLONIES_LOG_LEVEL", help="debug, info, warning or error.")]


@server.command("start")
def start(
    host: Host = "127.0.0.1",
    port: Port = 8080,
    store: Store = "",
    owner: Owner = "",
    allow_origin: Origins = None,
    drain: Drain = 10.0,
    log_level: LogLevel = "info",
) -> None:
    """Run a broker until SIGTERM or Ctrl-C drains it.

    Prints `ready http://HOST:PORT` on standard output once it serves; logs go to standard error.
    """
    settings = Settings(
        owner=_checked_id(owner) if owner else _own_owner().id,
        allowed_origins=frozenset(origin.rstrip("/") for part in allow_origin or () for origin in part.split(",")),
        drain_seconds=drain,
    )
    run_server(settings, store or f"sqlite:{folders.data() / 'broker.db'}", host=host, port=port, log_level=log_level)


def run_server(settings: Settings, store: str, *, host: str, port: int, log_level: str) -> None:
    """Serve; what stands in the way is one sentence and exit code 1."""
    if problem := misspelt(os.environ):
        fail(problem)
    if log_level not in ("debug", "info", "warning", "error"):
        fail(f"--log-level {log_level} is not one of debug, info, warning, error")
    logs.to_stderr(log_level)
    try:
        run(serve(settings, store, host=host, port=port, ready=say_ready))
    except (PortTaken, errors.Unavailable, StoreTooNew, ValueError) as error:
        fail(_sentence(error))


def run(work: Coroutine[Any, Any, None]) -> None:
    """Run on uvloop where there is one."""
    factory = None
    with contextlib.suppress(ImportError):
        import uvloop

        factory = uvloop.new_event_loop
    with asyncio.Runner(loop_factory=factory) as runner:
        runner.run(work)


def say_ready(address: str) -> None:
    print(f"ready {address}", flush=True)


def _sentence(error: Exception) -> str:
    return error.args[1] if isinstance(error, PortTaken) else str(error)


def fail(sentence: str) -> None:
    print(f"error: {sentence}", file=sys.stderr)
    raise typer.Exit(1)


@server.command("init")
def init() -> None:
    """Make the server owner's key and say what to do next, without starting anything."""
    owner = _own_owner()
    typer.echo(f"server owner   {owner.id}")
    typer.echo(f"its key        {owner_key_file()}")
    typer.echo("next: `colonies server start`, then `colonies --help` for colonies and members")


def owner_key_file() -> Path:
    return folders.config() / "server-owner.key"


def _own_owner() -> Identity:
    """The server owner's key in the config folder; made, and shown once, if there is none."""
    path = owner_key_file()
    is_new = not path.exists()
    owner = folders.key_in(path)
    if is_new:
        print(f"made a server owner: {owner.id}\nits private key is in {path}; keep it", file=sys.stderr)
    return owner


def _checked_id(owner: str) -> str:
    if not is_id(owner):
        fail("--owner takes an id: the public key in 64 lower-case hex characters (`colonies key show` prints it)")
    return owner
