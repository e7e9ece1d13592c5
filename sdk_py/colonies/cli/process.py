"""`colonies process`: submit work, follow it, and look after it."""

from __future__ import annotations

from typing import Annotated, Any

import typer

from colonies.wire.messages import MAX_PAGE
from colonies.wire.model import Process

from . import follow, submit
from .command import Link, talks
from .moments import moment_of
from .processes import show_process
from .show import duration, moment, shortened, state_text
from .subscribe import StateName

commands = typer.Typer(help="Submit work, follow it, and look after it.", no_args_is_help=True)
ProcessId = Annotated[str, typer.Argument(metavar="PROCESSID", help="Id of the process.")]


def add_to(app: typer.Typer) -> None:
    app.add_typer(commands, name="process")


submit.add_to(commands)


@commands.command("list")
@talks
async def list_some(
    link: Link,
    *,
    state: Annotated[StateName | None, typer.Option(help="Only processes in this state.")] = None,
    executortype: Annotated[str | None, typer.Option("--type", help="Only processes for this executor type.")] = None,
    func: Annotated[str | None, typer.Option(help="Only processes of this function.")] = None,
    label: Annotated[str | None, typer.Option(help="Only processes with exactly this label.")] = None,
    text: Annotated[str | None, typer.Option(help="Only where an argument or an error contains this.")] = None,
    since: Annotated[str | None, typer.Option(help="Submitted from then on: 15m, 2h, 3d ago, or a date.")] = None,
    before: Annotated[str | None, typer.Option(help="Submitted before then.")] = None,
    oldest: Annotated[bool, typer.Option("--oldest", help="Oldest first instead of newest first.")] = False,
    limit: Annotated[int, typer.Option(min=1, max=MAX_PAGE, help="How many at most.")] = 50,
    every: Annotated[bool, typer.Option("--all", help="All that match, however many.")] = False,
) -> None:
    """List processes, newest first.

    Example: colonies process list --state failed --since 2h
    """
    wanted: dict[str, Any] = {"executortype": executortype, "func": func, "label": label, "text": text}
    wanted |= {"state": state and state.state, "since": moment_of(since), "before": moment_of(before)}
    wanted = {field: value for field, value in wanted.items() if value is not None} | {"newest": not oldest}
    if every:
        processes = [process async for process in link.client.iter_processes(**wanted)]
        total = len(processes)
    else:
        page = await link.client.get_processes(**wanted, limit=limit)
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


@commands.command("cancel")
@talks
async def cancel(link: Link, processid: ProcessId) -> None:
    """Cancel a process that waits or runs; who runs it is told at once."""
    show_process(link.show, await link.client.cancel(processid))


@commands.command("retry")
@talks
async def retry(link: Link, processid: ProcessId) -> None:
    """Submit the spec of a failed or cancelled process again, as a new process."""
    show_process(link.show, await link.client.retry(processid))


@commands.command("remove")
@talks
async def remove(link: Link, processid: ProcessId) -> None:
    """Remove a process that has ended, with its log."""
    await link.client.remove_process(processid)
    link.show.value({"removed": processid}, f"removed {processid}")


follow.add_to(commands)
