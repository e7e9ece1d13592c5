"""What all commands share: the options that say whom to talk to, and the connection.

`talks` turns `async def command(link, *, …)` into a command that also takes those options.
"""

from __future__ import annotations

import asyncio
import inspect
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Annotated, Any, Concatenate, NamedTuple, ParamSpec

import typer

from colonies import AsyncColonies
from colonies.wire import errors
from colonies.wire.identity import is_id

from .failure import Failure, exit_code, misused
from .show import Show
from .target import Given, Target, resolve

P = ParamSpec("P")
PANEL = "Whom to talk to, and as whom"
CONNECT_SECONDS = 5.0

Json = Annotated[bool, typer.Option("--json", help="Print JSON on standard output, and nothing else there.")]
ContextName = Annotated[
    str | None,
    typer.Option("--context", "-c", help="Context to use instead of the current one.", rich_help_panel=PANEL),
]
Server = Annotated[
    str | None,
    typer.Option(help="Address of the broker, as http://HOST:PORT; several with commas.", rich_help_panel=PANEL),
]
Key = Annotated[
    str | None,
    typer.Option(help="Private key in hex. Others can see it in the list of programs.", rich_help_panel=PANEL),
]
KeyFile = Annotated[Path | None, typer.Option(help="File that holds the private key.", rich_help_panel=PANEL)]
Colony = Annotated[
    str | None,
    typer.Option(help="Id of the colony; only the server owner needs it.", rich_help_panel=PANEL),
]
NO_KEY = "no key to sign with: give --key-file, set COLONIES_KEY_FILE, or make a context with `colonies context add`"


class Link(NamedTuple):
    """What a command is given: a client, whom it talks to, and how to print."""

    keyless: AsyncColonies
    target: Target
    show: Show

    @property
    def client(self) -> AsyncColonies:
        """The client. Refuses at once where there is no key to sign with."""
        if self.target.key is None:
            misused(NO_KEY)
        return self.keyless

    async def executorid(self, executor: str) -> str:
        """From an executor's name or id to its id."""
        return executor if is_id(executor) else await self.client.resolve_executor(executor)


def talks(command: Callable[Concatenate[Link, P], Awaitable[None]]) -> Callable[..., None]:
    """Make a command that connects once it asks something."""

    def run(
        *,
        context: ContextName = None,
        server: Server = None,
        key: Key = None,
        key_file: KeyFile = None,
        colony: Colony = None,
        json: Json = False,
        **given: Any,
    ) -> None:
        target = resolve(Given(context, server, key, key_file, colony))
        asyncio.run(_connected(target, Show(json=json), lambda link: command(link, **given)))  # type: ignore[call-arg]

    return _with_signature(run, command)


async def _connected(target: Target, show: Show, work: Callable[[Link], Awaitable[None]]) -> None:
    client = AsyncColonies(target.servers, key=target.key, colony=target.colony, connect_seconds=CONNECT_SECONDS)
    try:
        async with client:
            await work(Link(client, target, show))
    except errors.ColoniesError as error:
        raise Failure(sentence(error, target), code=exit_code(error)) from error


def sentence(error: errors.ColoniesError, target: Target) -> str:
    """The refusal, and whose it is where that is likely to be the mistake."""
    said = error.message
    if target.key and isinstance(error, errors.UnknownIdentity | errors.NotApproved | errors.Forbidden):
        said += f" (asked with the key {target.key.id[:8]}… from {target.key_from}"
        said += "; -c CONTEXT or --key-file asks with another)"
    return said


def _with_signature(run: Callable[..., None], command: Callable[..., Any]) -> Callable[..., None]:
    """Typer reads a signature: the command's own options, then the shared ones."""
    _, *own = inspect.signature(command, eval_str=True).parameters.values()
    shared = list(inspect.signature(run, eval_str=True).parameters.values())[:-1]
    own = [parameter.replace(kind=inspect.Parameter.KEYWORD_ONLY) for parameter in own]
    signature = inspect.Signature([*own, *shared])
    run.__signature__ = signature  # type: ignore[attr-defined]
    run.__annotations__ = {parameter.name: parameter.annotation for parameter in signature.parameters.values()}
    run.__name__, run.__doc__ = command.__name__, command.__doc__
    return run
