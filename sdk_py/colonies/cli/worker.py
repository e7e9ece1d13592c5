"""`colonies worker start`: the built-in worker, which runs programs of this machine."""

from __future__ import annotations

import asyncio
import contextlib
import signal
from collections.abc import Iterator
from typing import Annotated

import typer

from colonies import AsyncColonies, Worker
from colonies.wire import errors
from colonies.wire.identity import Identity
from colonies.wire.model import Executor, ExecutorState

from .builtin import Programs
from .command import CONNECT_SECONDS, NO_KEY, Link, talks
from .failure import misused, refuse
from .folder import key_for, key_path, read_key

commands = typer.Typer(help="Do a colony's work on this machine.", no_args_is_help=True)


def add_to(app: typer.Typer) -> None:
    app.add_typer(commands, name="worker")


@commands.callback()
def family() -> None:
    """Do a colony's work on this machine."""


@commands.command("start")
@talks
async def start(
    link: Link,
    *,
    name: Annotated[str, typer.Option(help="Work under this name, with a key made for it if need be.")] = "",
    executortype: Annotated[str, typer.Option("--type", help="Executor type, where --name adds the executor.")] = "cli",
    concurrency: Annotated[int, typer.Option(min=1, help="How many processes to run at a time.")] = 1,
    allow: Annotated[list[str] | None, typer.Option(metavar="CMD", help="Run only this; several times.")] = None,
    grace: Annotated[float, typer.Option(min=0, help="Seconds that a stop leaves what runs to finish.")] = 30.0,
) -> None:
    """Run processes as programs of this machine: func is the program, args its arguments, env its environment.

    Without --name it works with the key of the context; with it, the colony owner's key adds the executor.

    SIGTERM or Ctrl-C stops it; what does not finish in time goes back to the queue.

    Example: colonies worker start --name worker-1 --concurrency 4 --allow echo --allow sleep
    """
    key = await _named_key(link, name, executortype) if name else link.target.key
    if key is None:
        misused(NO_KEY)
    servers = link.target.servers
    colony = link.target.colony
    async with AsyncColonies(servers, key=key, colony=colony, connect_seconds=CONNECT_SECONDS) as client:
        executor = await _own_executor(client, key)
        worker = Worker(client, key=key, concurrency=concurrency, grace_seconds=grace)
        worker.fallback(Programs(client, server=",".join(servers), allow=allow or ()).run)
        takes = f"takes processes of type {executor.executortype}, {concurrency} at a time"
        with _told(worker):
            link.show.note(f"{executor.executorname} {takes}; Ctrl-C stops it")
            await worker.run()


async def _own_executor(client: AsyncColonies, key: Identity) -> Executor:
    """Who we are; a sentence when we cannot work, before anything waits in vain."""
    try:
        executor = await client.get_executor(key.id)
    except errors.NotFound:
        refuse(f"the key {key.id[:8]}… is no executor's; add one with `colonies executor add`, or give --name")
    if executor.state != ExecutorState.APPROVED:
        state = executor.state.name.lower()
        refuse(f"the executor {executor.executorname} is {state}; approve it: `colonies executor approve {key.id}`")
    return executor


async def _named_key(link: Link, name: str, executortype: str) -> Identity:
    """The key that is kept under this name; made, and its executor added, where the colony owner's key is at hand."""
    path = key_path(f"executor-{name}")
    if path.exists():
        key = read_key(path)
        if link.target.key:
            with contextlib.suppress(errors.ColoniesError):  # it is there already, or whoever we are may not add it
                await link.client.add_executor(key.id, name, executortype, approve=True)
        return key
    client = link.client  # before a key is made for nothing
    with key_for(f"executor-{name}") as made:
        await client.add_executor(made.id, name, executortype, approve=True)
    return made


@contextlib.contextmanager
def _told(worker: Worker) -> Iterator[None]:
    """A first signal lets what runs finish, a second one ends it at once."""
    loop = asyncio.get_running_loop()
    task = asyncio.current_task()
    told = False

    def tell() -> None:
        nonlocal told
        if told and task:
            task.cancel()
        told = True
        worker.stop()

    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, tell)
    try:
        yield
    finally:
        for number in (signal.SIGTERM, signal.SIGINT):
            loop.remove_signal_handler(number)
