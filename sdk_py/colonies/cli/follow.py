"""`colonies process watch` and `logs`: follow one process until it has ended."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from typing import Annotated

import typer
from rich.text import Text

from colonies import AsyncColonies
from colonies.wire.model import Log, State

from .command import Link, talks
from .processes import fail_unless_successful
from .show import Show, moment, plain
from .subscribe import print_event

PAGE = 1000
LOOK_SECONDS = 0.5  # the broker pushes no log lines, so following them means asking
ProcessId = Annotated[str, typer.Argument(metavar="PROCESSID", help="Id of the process.")]


def add_to(commands: typer.Typer) -> None:
    commands.command("logs")(logs)
    commands.command("watch")(watch)


@talks
async def watch(link: Link, processid: ProcessId) -> None:
    """Print each move of a process until it has ended; exit code 1 when it failed or was cancelled.

    Example: colonies process watch 4f1c… --json
    """
    async with link.client.watch(processid, states=list(State)) as moves:
        async for event, process in moves.events():
            print_event(link.show, event, process)
            if process.state.is_final:
                return fail_unless_successful(process)
    return None


@talks
async def logs(
    link: Link,
    processid: ProcessId,
    *,
    following: Annotated[bool, typer.Option("--follow", "-f", help="Go on until the process has ended.")] = False,
) -> None:
    """Print the log of a process.

    Example: colonies process logs --follow 4f1c…
    """
    if link.show.json and not following:
        return link.show.document([line async for line in lines_of(link.client, processid)])
    since, seen = 0, 0
    while True:
        # Looked at before the log: what is written until the end is then still printed.
        is_over = not following or (await link.client.get_process(processid)).state.is_final
        async for line in lines_of(link.client, processid, since=since, seen=seen):
            _print_line(link.show, line)
            since, seen = line.time, line.seq
        if is_over:
            return None
        await asyncio.sleep(LOOK_SECONDS)


async def lines_of(client: AsyncColonies, processid: str, *, since: int = 0, seen: int = 0) -> AsyncIterator[Log]:
    """All lines after the line with the seq `seen`, page by page. since: the time of that line (ms)."""
    while True:
        page = await client.get_logs(processid, since=since, limit=PAGE)
        fresh = [line for line in page if line.seq > seen]
        for line in fresh:
            yield line
        if len(page) < PAGE:
            return
        since = page[-1].time if fresh else page[-1].time + 1
        seen = page[-1].seq


def _print_line(show: Show, line: Log) -> None:
    show.event(line, Text(f"{moment(line.time)}  {plain(line.message)}"))
