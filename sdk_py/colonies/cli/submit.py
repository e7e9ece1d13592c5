"""`colonies process submit`: one process from options or a file, or many from a file."""

from __future__ import annotations

import asyncio
from typing import Annotated, Any

import typer
from msgspec.structs import replace
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from colonies.wire import errors
from colonies.wire.model import Process, ProcessSpec
from colonies.wire.validation import decode

from .command import Link, sentence, talks
from .failure import Failure, exit_code, misused, refuse
from .processes import fail_unless_successful, show_process
from .specs import read_specs

AT_ONCE = 64  # what a broker takes unanswered from one connection


def add_to(commands: typer.Typer) -> None:
    commands.command("submit")(submit)


@talks
async def submit(
    link: Link,
    args: Annotated[list[str] | None, typer.Argument(help="Arguments of --func.")] = None,
    *,
    spec: Annotated[str, typer.Option(metavar="FILE", help="JSON file of one spec or many; - reads stdin.")] = "",
    func: Annotated[str, typer.Option(help="Function to run, instead of a spec file.")] = "",
    executortype: Annotated[str, typer.Option("--type", help="Executor type that may run --func.")] = "",
    executor: Annotated[list[str] | None, typer.Option(help="Name of an executor that may run --func.")] = None,
    env: Annotated[list[str] | None, typer.Option(metavar="KEY=VALUE", help="Environment of --func.")] = None,
    maxwaittime: Annotated[float, typer.Option(help="Fail --func when it waited so many seconds; 0: never.")] = 0,
    maxexectime: Annotated[float, typer.Option(help="Stop --func when it ran so many seconds; 0: never.")] = 0,
    maxretries: Annotated[int, typer.Option(help="How often --func may go back to the queue.")] = 0,
    priority: Annotated[int, typer.Option(help="One step is worth a day in the queue.")] = 0,
    label: Annotated[str, typer.Option(help="Text to find it by.")] = "",
    latest_key: Annotated[str, typer.Option(help="Supersede what waits with the same key.")] = "",
    wait: Annotated[bool, typer.Option("--wait", help="Wait for the end; exit code 1 when it failed.")] = False,
) -> None:
    """Submit processes; prints the id of each.

    Example: colonies process submit --spec sleep.json --wait

    Example: colonies process submit --func echo --type cli hello
    """
    if bool(spec) == bool(func):
        misused("give --spec FILE, or --func NAME with --type TYPE")
    if spec and args:
        misused(f"the argument {args[0]!r} belongs to --func; with --spec it says nothing")
    if spec:
        specs, alone = read_specs(spec)
    else:
        conditions = {"executortype": executortype, "executornames": executor or []}
        limits = {"maxwaittime": maxwaittime, "maxexectime": maxexectime, "maxretries": maxretries}
        more = {"args": args or [], "env": _pairs(env or []), "priority": priority, "label": label}
        specs, alone = [_quick(func, conditions, **limits, **more)], True
    if latest_key:
        specs = [replace(each, latestkey=latest_key) for each in specs]
    await (_submit_one(link, specs[0], wait=wait) if alone else _submit_many(link, specs, wait=wait))


def _quick(func: str, conditions: dict[str, Any], **more: Any) -> ProcessSpec:
    if not any(conditions.values()):
        misused("say who may run it: --type TYPE, or --executor NAME")
    try:
        return decode({"func": func, "conditions": conditions, **more}, ProcessSpec)
    except errors.BadRequest as error:
        refuse(error.message)


def _pairs(env: list[str]) -> dict[str, str]:
    for pair in env:
        if "=" not in pair:
            misused(f"--env takes KEY=VALUE, got {pair!r}")
    return dict(pair.split("=", 1) for pair in env)


async def _submit_one(link: Link, spec: ProcessSpec, *, wait: bool) -> None:
    process = await link.client.submit(spec, wait=wait)
    if not wait:
        return link.show.value(process, process.processid)
    show_process(link.show, process)
    return fail_unless_successful(process)


async def _submit_many(link: Link, specs: list[ProcessSpec], *, wait: bool) -> None:
    done: list[Process] = []
    try:
        with _progress() as progress:
            task = progress.add_task("waiting for" if wait else "submitting", total=len(specs))
            for start in range(0, len(specs), AT_ONCE):
                some = specs[start : start + AT_ONCE]
                done += await asyncio.gather(*(link.client.submit(spec, wait=wait) for spec in some))
                progress.update(task, completed=len(done))
    except errors.ColoniesError as error:
        said = f"{sentence(error, link.target)}; {len(done)} of {len(specs)} were submitted before"
        raise Failure(said, code=exit_code(error)) from error
    finally:
        link.show.value(done, "\n".join(process.processid for process in done))
    for process in done:
        fail_unless_successful(process)


def _progress() -> Progress:
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    return Progress(*columns, console=Console(stderr=True), transient=True)
