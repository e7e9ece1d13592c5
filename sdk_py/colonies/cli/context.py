"""`colonies context`: keep a server, a colony and a key under one name."""

from __future__ import annotations

from operator import itemgetter
from pathlib import Path
from typing import Annotated, Any

import typer

from . import contexts
from .command import Json
from .contexts import Context
from .failure import misused
from .folder import key_of, key_path, new_key, read_key, write_private
from .show import Show
from .target import DEFAULT_SERVER

commands = typer.Typer(help="Keep a server, a colony and a key under one name.", no_args_is_help=True)
Name = Annotated[str, typer.Argument(help="Name of the context.")]


def add_to(app: typer.Typer) -> None:
    app.add_typer(commands, name="context")


@commands.command("add")
def add(
    name: Name,
    *,
    server: Annotated[str, typer.Option(help="Address of the broker.")] = DEFAULT_SERVER,
    colony: Annotated[str, typer.Option(help="Id of the colony; only the server owner needs it.")] = "",
    key: Annotated[str | None, typer.Option(help="Private key in hex; it is kept in the config folder.")] = None,
    key_file: Annotated[Path | None, typer.Option(help="Use the private key in this file, where it is.")] = None,
    new: Annotated[bool, typer.Option("--new-key", help="Make a key and keep it in the config folder.")] = False,
    use: Annotated[bool, typer.Option("--use", help="Make it the current context; the first one is anyway.")] = False,
    json: Json = False,
) -> None:
    """Add a context, or replace the one of that name.

    Example: colonies context add lab --server https://broker.example --key-file robot.key --use
    """
    kept = _kept_key(name, key=key, key_file=key_file, new=new)
    context = Context(server=server, colony=colony, key_file=str(kept) if kept else "")
    contexts.save(contexts.load().with_context(name, context, use=use))
    _show(name, Show(json=json))


def _kept_key(name: str, *, key: str | None, key_file: Path | None, new: bool) -> Path | None:
    if sum((key is not None, key_file is not None, new)) > 1:
        misused("give one of --key, --key-file and --new-key")
    if key_file:
        read_key(key_file)
        return key_file.absolute()
    if not (new or key):
        return None
    path = key_path(name)
    if key:
        write_private(path, key_of(key, where="--key").private_key + "\n")
    else:
        new_key(path)
    return path


@commands.command("use")
def use(name: Name, *, json: Json = False) -> None:
    """Make this context the current one."""
    known = contexts.load()
    contexts.save(known.with_context(name, known.named(name), use=True))
    _show(name, Show(json=json))


@commands.command("list")
def list_all(*, json: Json = False) -> None:
    """List all contexts; the current one has a star."""
    known = contexts.load()
    rows = [_row(name, context, known) for name, context in sorted(known.contexts.items())]
    columns: dict[str, Any] = {"": lambda row: "*" if row["current"] else ""}
    columns |= {field: itemgetter(field) for field in ("name", "server", "colony", "key_file")}
    Show(json=json).nouns(rows, columns, empty="no contexts yet; `colonies context add` makes one")


@commands.command("show")
def show(name: Annotated[str, typer.Argument(help="Default: the current one.")] = "", *, json: Json = False) -> None:
    """Show a context, and whose its key is."""
    name = name or contexts.load().current
    if not name:
        misused("there is no current context; name one, or add one with `colonies context add`")
    _show(name, Show(json=json))


@commands.command("remove")
def remove(name: Name, *, json: Json = False) -> None:
    """Forget a context; its key file stays where it is."""
    known = contexts.load()
    context = known.named(name)
    contexts.save(known.without(name))
    show = Show(json=json)
    if context.key_file:
        show.note(f"its key stays in {context.key_file}")
    show.value({"removed": name}, f"removed {name}")


def _row(name: str, context: Context, known: contexts.Contexts) -> dict[str, object]:
    fields = {field: getattr(context, field) for field in ("server", "colony", "key_file")}
    return {"name": name, **fields, "current": name == known.current}


def _show(name: str, show: Show) -> None:
    known = contexts.load()
    context = known.named(name)
    row = _row(name, context, known)
    if context.key_file and Path(context.key_file).exists():
        row["id"] = read_key(Path(context.key_file)).id
    show.fields(row, row)
