"""`colonies executor`: the members that work."""

from __future__ import annotations

from typing import Annotated

import typer

from colonies.wire.model import Executor

from .command import Link, talks
from .failure import misused
from .folder import key_for, key_path
from .show import moment

commands = typer.Typer(help="Add, approve and look at executors: the members that work.", no_args_is_help=True)
Who = Annotated[str, typer.Argument(metavar="NAME|ID", help="Name or id of the executor.")]


def add_to(app: typer.Typer) -> None:
    app.add_typer(commands, name="executor")


@commands.command("add")
@talks
async def add(
    link: Link,
    name: Annotated[str, typer.Argument(help="Name of the executor, unique in its colony.")],
    *,
    executortype: Annotated[str, typer.Option("--type", help="What kind of work it takes.")],
    executorid: Annotated[str, typer.Option(help="Id of its key; without one, a key is made and kept.")] = "",
    approve: Annotated[bool, typer.Option("--approve", help="Approve it at once.")] = False,
) -> None:
    """Add an executor; the colony owner's key is needed.

    Example: colonies executor add videocam --type camera --approve
    """
    client = link.client  # before a key is made for nothing
    if executorid:
        return _show(link, await client.add_executor(executorid, name, executortype, approve=approve))
    kept = f"executor-{name}"
    with key_for(kept) as key:
        executor = await client.add_executor(key.id, name, executortype, approve=approve)
    link.show.note(f"made the executor's key: {key_path(kept)}")
    return _show(link, executor)


@commands.command("list")
@talks
async def list_all(
    link: Link,
    *,
    executortype: Annotated[str | None, typer.Option("--type", help="Only executors of this type.")] = None,
    online: Annotated[bool | None, typer.Option("--online/--offline", help="Only those that are, or are not.")] = None,
) -> None:
    """List the executors of the colony.

    Example: colonies executor list --type cli --online
    """
    columns = {
        "name": lambda one: one.executorname,
        "type": lambda one: one.executortype,
        "state": lambda one: one.state.name.lower(),
        "online": lambda one: one.online,
        "running": lambda one: one.running,
        "last seen": lambda one: moment(one.lastseen),
        "executorid": lambda one: one.executorid,
    }
    executors = await link.client.get_executors(executortype=executortype, online=online)
    link.show.nouns(executors, columns, empty="no such executors; `colonies executor add` makes one")


@commands.command("get")
@talks
async def get(link: Link, executor: Who) -> None:
    """Show an executor."""
    _show(link, await link.client.get_executor(await link.executorid(executor)))


@commands.command("approve")
@talks
async def approve(link: Link, executor: Who) -> None:
    """Let an executor work."""
    _show(link, await link.client.approve_executor(await link.executorid(executor)))


@commands.command("reject")
@talks
async def reject(link: Link, executor: Who) -> None:
    """Let an executor work no longer; what it runs goes back to the queue."""
    _show(link, await link.client.reject_executor(await link.executorid(executor)))


@commands.command("remove")
@talks
async def remove(link: Link, executor: Who) -> None:
    """Remove an executor; what it runs goes back to the queue."""
    executorid = await link.executorid(executor)
    await link.client.remove_executor(executorid)
    link.show.value({"removed": executorid}, f"removed {executorid}")


@commands.command("resolve")
@talks
async def resolve(
    link: Link, *, name: Annotated[str, typer.Option("--targetname", "--name", help="Name of the executor.")] = ""
) -> None:
    """Print the id of an executor, and nothing else.

    Example: colonies executor resolve --targetname videocam
    """
    if not name:
        misused("name the executor with --targetname NAME")
    executorid = await link.client.resolve_executor(name)
    link.show.value({"executorid": executorid}, executorid)


def _show(link: Link, executor: Executor) -> None:
    fields = {
        "name": executor.executorname,
        "type": executor.executortype,
        "state": executor.state.name.lower(),
        "online": executor.online,
        "running": executor.running,
        "last seen": moment(executor.lastseen),
        "last asked for work": moment(executor.lastasked),
        "executorid": executor.executorid,
        "colonyid": executor.colonyid,
    }
    link.show.fields(executor, fields)
