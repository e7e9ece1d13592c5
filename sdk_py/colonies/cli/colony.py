"""`colonies colony`: add, look at and remove colonies. All but `get` are the server owner's."""

from __future__ import annotations

import sys
from typing import Annotated

import typer

from colonies.wire.model import Colony

from .command import Link, talks
from .failure import misused
from .folder import key_for, key_path

commands = typer.Typer(help="Add, look at and remove colonies.", no_args_is_help=True)


def add_to(app: typer.Typer) -> None:
    app.add_typer(commands, name="colony")


@commands.command("add")
@talks
async def add(
    link: Link,
    name: Annotated[str, typer.Argument(help="Name of the colony, unique on the server.")],
    *,
    colonyid: Annotated[str, typer.Option(help="Id of its owner's key; without one, a key is made and kept.")] = "",
) -> None:
    """Add a colony; the server owner's key is needed.

    Example: colonies colony add lab --key-file server-owner.key
    """
    client = link.client  # before a key is made for nothing
    if colonyid:
        return _show(link, await client.add_colony(colonyid, name))
    kept = f"colony-{name}"
    with key_for(kept) as key:
        colony = await client.add_colony(key.id, name)
    link.show.note(f"made the key of the colony's owner: {key_path(kept)}")
    return _show(link, colony)


@commands.command("list")
@talks
async def list_all(link: Link) -> None:
    """List all colonies of the server; the server owner's key is needed."""
    columns = {"name": lambda colony: colony.name, "colonyid": lambda colony: colony.colonyid}
    link.show.nouns(await link.client.get_colonies(), columns, empty="no colonies yet; `colonies colony add` makes one")


@commands.command("get")
@talks
async def get(
    link: Link, colonyid: Annotated[str | None, typer.Argument(help="Default: the colony of the key.")] = None
) -> None:
    """Show a colony."""
    _show(link, await link.client.get_colony(colonyid or link.target.colony))


@commands.command("remove")
@talks
async def remove(
    link: Link,
    colonyid: Annotated[str, typer.Argument(help="Id of the colony.")],
    *,
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask.")] = False,
) -> None:
    """Remove a colony with everything in it: members, processes, logs."""
    if not yes and sys.stdin.isatty() and not typer.confirm(f"Remove {colonyid} and everything in it?", err=True):
        misused("nothing was removed")
    await link.client.remove_colony(colonyid)
    link.show.value({"removed": colonyid}, f"removed {colonyid}")


def _show(link: Link, colony: Colony) -> None:
    link.show.fields(colony, {"name": colony.name, "colonyid": colony.colonyid})
