"""What all measurements share on the command line: where, how long, and what is done with the result.

`measures` turns `async def command(bench, *, …)` into a command that also takes those options.
A broker that runs is measured only where it is named: neither the environment nor the current
context decides that somebody's broker is put under load.
"""

from __future__ import annotations

import asyncio
import inspect
import signal
import sys
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Annotated, Any, Concatenate, ParamSpec

import typer

from colonies.cli.command import Json
from colonies.cli.failure import UNREACHABLE, Failure, misused, refuse
from colonies.cli.show import Show
from colonies.cli.target import Given, resolve

from . import ground as grounds
from .bench import Bench
from .ground import Ground
from .link import LinkLost
from .meters import PROC
from .outcome import refuse_broken, show_report

P = ParamSpec("P")
WHERE, WHAT_COMES = "Where", "What comes of it"

Store = Annotated[
    str,
    typer.Option(
        help="Start brokers on stores made for this and removed again: sqlite:PATH beside that file, mongodb://… "
        "in databases beside that one. Default: temporary files.",
        rich_help_panel=WHERE,
    ),
]
Server = Annotated[
    str | None,
    typer.Option(
        "--server", "--address", help="Measure the broker that runs at http://HOST:PORT.", rich_help_panel=WHERE
    ),
]
ContextName = Annotated[
    str | None,
    typer.Option("--context", "-c", help="Measure the broker of this context.", rich_help_panel=WHERE),
]
Key = Annotated[str | None, typer.Option(help="Private key of its server owner, in hex.", rich_help_panel=WHERE)]
KeyFile = Annotated[
    Path | None, typer.Option(help="File that holds the private key of its server owner.", rich_help_panel=WHERE)
]
Seconds = Annotated[
    float | None, typer.Option(min=0.1, help="How long each run is measured. Default: what it takes to be steady.")
]
Programs = Annotated[int, typer.Option(min=1, max=64, help="Programs that the load is spread over, where it can be.")]
Plot = Annotated[Path | None, typer.Option(help="Draw what came of it into this SVG file.", rich_help_panel=WHAT_COMES)]
Check = Annotated[
    bool,
    typer.Option("--check", help="End with 1 when a promise that is judged is not kept.", rich_help_panel=WHAT_COMES),
]


def measures(command: Callable[Concatenate[Bench, P], Awaitable[None]]) -> Callable[..., None]:
    """Make a command that measures and shows what came of it."""

    def run(
        *,
        seconds: Seconds = None,
        programs: Programs = 1,
        store: Store = "",
        server: Server = None,
        context: ContextName = None,
        key: Key = None,
        key_file: KeyFile = None,
        plot: Plot = None,
        check: Check = False,
        json: Json = False,
        **given: Any,
    ) -> None:
        _refuse_elsewhere()
        if plot and not plot.absolute().parent.is_dir():
            misused(f"there is no folder {plot.absolute().parent} to draw into")
        ground = _ground(store, Given(context, server, key, key_file))
        show = Show(json=json)
        import uvloop  # here, so that where there is none it is said why this does not run

        with show.progress() as say:
            bench = Bench(ground, seconds, programs, say)
            uvloop.run(_measured(bench, lambda: command(bench, **given)))  # type: ignore[call-arg]
        report = bench.report()
        show_report(show, report, plot)
        if check:
            refuse_broken(report)

    return _with_signature(run, command)


def _refuse_elsewhere() -> None:
    if sys.platform != "linux" or not PROC.joinpath("self/status").exists():
        refuse("`colonies bench` reads what programs use from /proc, and so it runs on Linux alone")


def _ground(store: str, given: Given) -> Ground:
    if not (given.server or given.context):
        if given.key or given.key_file:
            misused("a key is of a broker that runs: name it with --server or --context, too")
        return grounds.on_store(store)
    if store:
        misused("give --store to start brokers, or --server or --context for one that runs, not both")
    target = resolve(given)
    if target.key is None:
        misused("to measure a broker that runs, give the key of its server owner with --key-file or a context")
    address = target.servers[0].rstrip("/")
    return grounds.Running(address.replace("ws", "http", 1) if address.startswith("ws") else address, target.key)


async def _measured(bench: Bench, work: Callable[[], Awaitable[None]]) -> None:
    """Measure until it is done or somebody ends it, which takes everything down that was started."""
    task = asyncio.current_task()
    assert task is not None
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, task.cancel)
    try:
        await bench.begin()
        await work()
    except (LinkLost, OSError, TimeoutError) as error:
        raise _failure(error) from error


def _failure(error: Exception) -> Failure:
    if isinstance(error, OSError) and error.errno and error.filename:  # of a file, and not of a socket
        return Failure(
            f"{error.filename} cannot be used ({error.strerror}): free its disk or name another with --store"
        )
    said = str(error) or "no answer came in time"
    return Failure(f"the broker cannot be reached: {said}", code=UNREACHABLE)


def _with_signature(run: Callable[..., None], command: Callable[..., Any]) -> Callable[..., None]:
    """Typer reads a signature: the command's own options, then the shared ones."""
    _, *own = inspect.signature(command, eval_str=True).parameters.values()
    shared = list(inspect.signature(run, eval_str=True).parameters.values())[:-1]
    signature = inspect.Signature([*own, *shared])
    run.__signature__ = signature  # type: ignore[attr-defined]
    run.__annotations__ = {parameter.name: parameter.annotation for parameter in signature.parameters.values()}
    run.__name__, run.__doc__ = command.__name__, command.__doc__
    return run
