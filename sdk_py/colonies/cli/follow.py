"""`colonies process watch` and `logs`: follow one process until it has ended."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from typing import Annotated

import typer
from rich.text import Text

from colonies import AsyncColonies, Feed, LogLine
from colonies.wire import errors
from colonies.wire.model import Log, State

from .command import Link, talks
from .processes import fail_unless_successful
from .show import Show, moment, plain
from .subscribe import print_event

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
    log = _Log(link, processid)
    if following:
        try:
            await _follow(link.client, log)
        except* errors.ColoniesError as several:
            raise several.exceptions[0] from None
    return await log.print_new()  # what was written until the end


async def _follow(client: AsyncColonies, log: _Log) -> None:
    """Print lines as they come, until the process has ended."""
    async with client.subscribe_logs(log.processid) as hints, asyncio.TaskGroup() as tasks:
        ending = tasks.create_task(_close_at_the_end(client, log.processid, hints))
        async for _ in hints:
            await log.print_new()
        ending.cancel()


async def _close_at_the_end(client: AsyncColonies, processid: str, hints: Feed[LogLine]) -> None:
    async with client.watch(processid) as moves:
        await moves.next_event()
    hints.close()


class _Log:
    """The log of a process, and how much of it was printed."""

    def __init__(self, link: Link, processid: str) -> None:
        self.processid = processid
        self._link = link
        self._seen = 0

    async def print_new(self) -> None:
        async for line in lines_of(self._link.client, self.processid, seen=self._seen):
            _print_line(self._link.show, line)
            self._seen = line.seq


async def lines_of(client: AsyncColonies, processid: str, *, seen: int = 0) -> AsyncIterator[Log]:
    """All lines after the line with the seq `seen`, page by page."""
    while page := await client.get_logs(processid, after=seen):
        for line in page:
            yield line
        seen = page[-1].seq


def _print_line(show: Show, line: Log) -> None:
    show.event(line, Text(f"{moment(line.time)}  {plain(line.message)}"))
