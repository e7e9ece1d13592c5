"""`colonies function`: what executors say they can do."""

from __future__ import annotations

from typing import Annotated

import typer

from .command import Link, talks
from .show import shortened

commands = typer.Typer(help="See what executors say they can do.", no_args_is_help=True)


def add_to(app: typer.Typer) -> None:
    app.add_typer(commands, name="function")


@commands.callback()
def family() -> None:
    """See what executors say they can do."""


@commands.command("list")
@talks
async def list_all(
    link: Link,
    *,
    executor: Annotated[str, typer.Option(metavar="NAME|ID", help="Only the functions of this executor.")] = "",
) -> None:
    """List the functions of the colony.

    Example: colonies function list --executor videocam
    """
    functions = await link.client.get_functions(await link.executorid(executor) if executor else None)
    columns = {
        "function": lambda one: one.funcname,
        "arguments": lambda one: shortened(one.args) if one.args else "",
        "description": lambda one: shortened(one.description),
        "executorid": lambda one: one.executorid,
    }
    link.show.nouns(functions, columns, empty="no executor has said what it can do")
