"""`colonies key`: make keys, and say whose a key is."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from colonies.wire.identity import Identity

from .command import NO_KEY, Json
from .failure import misused
from .folder import new_key, read_key
from .show import Show
from .target import Given, resolve

keys = typer.Typer(help="Make keys, and say whose a key is.", no_args_is_help=True)


def add_to(app: typer.Typer) -> None:
    app.add_typer(keys, name="key")


@keys.command("new")
def new(
    *,
    out: Annotated[Path | None, typer.Option(help="Write the private key to this new file, 0600.")] = None,
    json: Json = False,
) -> None:
    """Make a key and print its id; without --out, the private key too.

    Example: colonies key new --out robot.key
    """
    identity = new_key(out) if out else Identity.generate()
    kept = {"file": str(out)} if out else {"privatekey": identity.private_key}
    text = identity.id if out else f"id           {identity.id}\nprivate key  {identity.private_key}"
    Show(json=json).value({"id": identity.id, **kept}, text)


@keys.command("show")
def show(
    *,
    file: Annotated[Path | None, typer.Argument(help="Key file; without one, the key that commands would use.")] = None,
    key: Annotated[str | None, typer.Option(help="Private key in hex.")] = None,
    json: Json = False,
) -> None:
    """Print the id of a key.

    Example: colonies key show robot.key
    """
    if file and key:
        misused("give a file or --key, not both")
    identity = read_key(file) if file else resolve(Given(key=key)).key
    if identity is None:
        misused(NO_KEY)
    Show(json=json).value({"id": identity.id}, identity.id)
