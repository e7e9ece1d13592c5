"""`colonies user`: the members that do not work."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated

import typer

from colonies.wire.identity import is_id
from colonies.wire.model import User

from .command import Link, talks
from .failure import refuse
from .folder import key_for, key_path

commands = typer.Typer(help="Add and look at users: members that do not work.", no_args_is_help=True)


class Role(StrEnum):
    OPERATOR = "operator"
    VIEWER = "viewer"


def add_to(app: typer.Typer) -> None:
    app.add_typer(commands, name="user")


@commands.command("add")
@talks
async def add(
    link: Link,
    name: Annotated[str, typer.Argument(help="Name of the user, unique in the colony.")],
    *,
    role: Annotated[Role, typer.Option(help="A viewer reads; an operator also submits, cancels and approves.")],
    userid: Annotated[str, typer.Option(help="Id of the user's key; without one, a key is made and kept.")] = "",
) -> None:
    """Add a user; the colony owner's key is needed.

    Example: colonies user add ada --role operator
    """
    client = link.client  # before a key is made for nothing
    if userid:
        return _show(link, await client.add_user(userid, name, role.value))
    kept = f"user-{name}"
    with key_for(kept) as key:
        user = await client.add_user(key.id, name, role.value)
    link.show.note(f"made the user's key: {key_path(kept)}")
    return _show(link, user)


def _show(link: Link, user: User) -> None:
    link.show.fields(user, {"name": user.name, "role": user.role, "userid": user.userid})


@commands.command("list")
@talks
async def list_all(link: Link) -> None:
    """List the users of the colony; the colony owner's key is needed."""
    columns = {"name": lambda user: user.name, "role": lambda user: user.role, "userid": lambda user: user.userid}
    link.show.nouns(await link.client.get_users(), columns, empty="no users yet; `colonies user add` makes one")


@commands.command("remove")
@talks
async def remove(
    link: Link, user: Annotated[str, typer.Argument(metavar="NAME|ID", help="Name or id of the user.")]
) -> None:
    """Remove a user; the colony owner's key is needed."""
    userid = user if is_id(user) else _id_of(user, await link.client.get_users())
    await link.client.remove_user(userid)
    link.show.value({"removed": userid}, f"removed {userid}")


def _id_of(name: str, users: list[User]) -> str:
    for user in users:
        if user.name == name:
            return user.userid
    return refuse(f"no user of your colony is named {name!r}")
