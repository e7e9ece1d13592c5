"""`colonies process`: submit work, follow it, and look after it."""

from __future__ import annotations

from typing import Annotated, Any

import typer

from colonies.operating import Wanted
from colonies.wire.model import Process
from colonies.wire.params import MAX_PAGE

from . import follow, matching, submit
from .command import Link, talks
from .filters import filtered
from .processes import show_process
from .show import duration, moment, shortened, state_text

commands = typer.Typer(help="Submit work, follow it, and look after it.", no_args_is_help=True)
ProcessId = Annotated[str, typer.Argument(metavar="PROCESSID", help="Id of the process.")]


def add_to(app: typer.Typer) -> None:
    app.add_typer(commands, name="process")


submit.add_to(commands)


@commands.command("list")
@talks
@filtered
async def list_some(
    link: Link,
    *,
    wanted: Wanted,
    oldest: Annotated[bool, typer.Option("--oldest", help="Oldest first instead of newest first.")] = False,
    limit: Annotated[int, typer.Option(min=1, max=MAX_PAGE, help="How many at most.")] = 50,
    every: Annotated[bool, typer.Option("--all", help="All that match, however many.")] = False,
) -> None:
    """List processes, newest first.

    Example: colonies process list --state failed --since 2h
    """
    if every:
        processes = [process async for process in link.client.iter_processes(**wanted, newest=not oldest)]
        total = len(processes)
    else:
        page = await link.client.get_processes(**wanted, newest=not oldest, limit=limit)
        processes, total = page.processes, page.total
    link.show.nouns(processes, _columns(), empty="no such processes")
    if total > len(processes):
        link.show.note(f"{len(processes)} of {total}; --all shows them all")


def _columns() -> dict[str, Any]:
    def took(process: Process) -> str:
        return duration(process.endtime - process.starttime) if process.endtime and process.starttime else ""

    return {
        "processid": lambda process: process.processid,
        "state": lambda process: state_text(process.state),
        "type": lambda process: process.spec.conditions.executortype,
        "function": lambda process: shortened(" ".join(shortened(x) for x in [process.spec.func, *process.spec.args])),
        "submitted": lambda process: moment(process.submissiontime),
        "took": took,
        "error": lambda process: shortened(process.errors[0]) if process.errors else "",
    }


@commands.command("get")
@talks
async def get(link: Link, processid: ProcessId) -> None:
    """Show a process and what became of it."""
    show_process(link.show, await link.client.get_process(processid))


@commands.command("explain")
@talks
async def explain(link: Link, processid: ProcessId) -> None:
    """Say why a process waits, in words."""
    explanation = await link.client.explain(processid)
    link.show.value(explanation, "\n".join(explanation.reasons))


matching.add_to(commands)
follow.add_to(commands)
