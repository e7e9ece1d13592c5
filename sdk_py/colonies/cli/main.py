"""The root of the command line: families of commands, and the broker's own, found late.

Nothing here imports the broker. `server`, `dev` and `bench` come from whoever offers them in the
entry point group `colonies.commands`, and are loaded when they are called.
"""

from __future__ import annotations

import sys
from importlib import metadata
from typing import Annotated, Any, NoReturn

import typer
from typer.core import TyperCommand, TyperGroup

from . import colony, context, executor, function, key, process, stats, subscribe, user, worker
from .ending import run
from .failure import Failure, refuse

GROUP = "colonies.commands"
BROKERS_OWN = {
    "server": "Run a broker, or prepare to.",
    "dev": "Run a broker with a colony, a user and a worker in it, to try things on.",
    "bench": "Measure what a broker does in a second, and what that costs.",
}
EPILOG = (
    "Every command that talks takes --context, --server, --key-file and --colony, else COLONIES_CONTEXT, "
    "COLONIES_SERVER, COLONIES_KEY, COLONIES_KEY_FILE and COLONIES_COLONY from the environment, else the current "
    "context. Start with `colonies dev --worker`, then in a second terminal "
    "`colonies process submit --func echo --type cli hello --wait`."
)


class _Late(TyperCommand):
    """A command whose help line is known here and which is loaded when it is called."""

    def make_context(self, info_name: str | None, args: list[str], parent: Any = None, **extra: Any) -> Any:
        return _loaded(self.name or "").make_context(info_name, args, parent=parent, **extra)


def _loaded(name: str) -> Any:
    found = _offered().get(name)
    missing = f'`colonies {name}` needs the broker, which is not installed; install "colonies-broker[broker]"'
    if found is None:
        refuse(missing)
    try:
        return typer.main.get_command(found.load())
    except ModuleNotFoundError as error:
        raise Failure(f"{missing} (there is no module {error.name})") from error


def _offered() -> dict[str, metadata.EntryPoint]:
    return {entry.name: entry for entry in metadata.entry_points(group=GROUP)}


class _Root(TyperGroup):
    def list_commands(self, ctx: Any) -> list[str]:
        return [*BROKERS_OWN, *super().list_commands(ctx)]

    def get_command(self, ctx: Any, cmd_name: str) -> Any:
        if cmd_name in BROKERS_OWN:
            return _Late(cmd_name, help=BROKERS_OWN[cmd_name])
        return super().get_command(ctx, cmd_name)


def _say_version(wanted: bool) -> None:
    if wanted:
        print(metadata.version("colonies-broker"))
        raise typer.Exit


app = typer.Typer(
    cls=_Root,
    epilog=EPILOG,
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    rich_markup_mode="rich",
    context_settings={"help_option_names": ["--help", "-h"]},
)


@app.callback()
def root(
    *,
    version: Annotated[
        bool, typer.Option("--version", is_eager=True, callback=_say_version, help="Print the version.")
    ] = False,
) -> None:
    """Submit work to a colony, do it, and look after it."""


for family in (process, worker, subscribe, stats, executor, user, function, colony, context, key):
    family.add_to(app)


def run_and_exit() -> NoReturn:
    sys.exit(run(app, sys.argv[1:], name="colonies"))
