"""`colonies process retry`, `cancel`, `remove` and `failures`: one process, or everything that matches.

What matches is counted first and nothing is done before somebody agreed to that number, or said
`--yes`. The broker goes on only while this command is connected; interrupted, it says how far it came.
"""

from __future__ import annotations

import sys
from collections.abc import Awaitable, Callable
from typing import Annotated, NamedTuple

import typer

from colonies.operating import Wanted
from colonies.wire.messages import Matched
from colonies.wire.params import DEFAULT_MATCHING, MAX_MATCHING, MAX_PAGE

from .command import Link, talks
from .failure import misused
from .filters import filtered
from .processes import show_process
from .show import moment

ProcessId = Annotated[str | None, typer.Argument(metavar="PROCESSID", help="Id of one process; or --matching.")]
All = Annotated[bool, typer.Option("--matching", help="All processes that match, oldest first, instead of one.")]
Limit = Annotated[int, typer.Option(min=1, max=MAX_MATCHING, help="With --matching: how many at most.")]
DryRun = Annotated[bool, typer.Option("--dry-run", help="With --matching: only say how many match.")]
Yes = Annotated[bool, typer.Option("--yes", help="With --matching: do not ask.")]


class Move(NamedTuple):
    """In words, and what the client does. ask: called with limit, dryrun, progress and the filter."""

    verb: str
    done: str
    ask: Callable[..., Awaitable[Matched]]


def add_to(commands: typer.Typer) -> None:
    for name, command in (("cancel", cancel), ("retry", retry), ("remove", remove), ("failures", failures)):
        commands.command(name)(command)


@talks
@filtered
async def cancel(
    link: Link,
    processid: ProcessId = None,
    *,
    wanted: Wanted,
    matching: All = False,
    limit: Limit = DEFAULT_MATCHING,
    dry_run: DryRun = False,
    yes: Yes = False,
) -> None:
    """Cancel a process that waits or runs, or all that match; who runs it is told at once.

    Example: colonies process cancel --matching --type camera --before 2h
    """
    if one := _one(processid, wanted, matching=matching):
        return show_process(link.show, await link.client.cancel(one))
    move = Move("cancel", "cancelled", link.client.cancel_matching)
    return await _move_all(link, move, wanted, limit=limit, dry_run=dry_run, yes=yes)


@talks
@filtered
async def retry(
    link: Link,
    processid: ProcessId = None,
    *,
    wanted: Wanted,
    matching: All = False,
    limit: Limit = DEFAULT_MATCHING,
    dry_run: DryRun = False,
    yes: Yes = False,
) -> None:
    """Submit the spec of a failed or cancelled process again, as a new process; or those of all that match.

    What was retried already is not retried twice.
    Example: colonies process retry --matching --state failed --func resize --since 2h
    """
    if one := _one(processid, wanted, matching=matching):
        return show_process(link.show, await link.client.retry(one))
    move = Move("retry", "retried", link.client.retry_matching)
    return await _move_all(link, move, wanted, limit=limit, dry_run=dry_run, yes=yes)


@talks
@filtered
async def remove(
    link: Link,
    processid: ProcessId = None,
    *,
    wanted: Wanted,
    matching: All = False,
    limit: Limit = DEFAULT_MATCHING,
    dry_run: DryRun = False,
    yes: Yes = False,
) -> None:
    """Remove a process that has ended, with its log, or all that match.

    Example: colonies process remove --matching --state successful --before 30d
    """
    if one := _one(processid, wanted, matching=matching):
        await link.client.remove_process(one)
        return link.show.value({"removed": one}, f"removed {one}")
    move = Move("remove", "removed", link.client.remove_matching)
    return await _move_all(link, move, wanted, limit=limit, dry_run=dry_run, yes=yes)


def _one(processid: str | None, wanted: Wanted, *, matching: bool) -> str | None:
    """The id of the one process that is meant; None when it is all that match."""
    is_filtered = any(value is not None for value in wanted.values())
    if (processid is None) != matching or (processid and is_filtered):
        misused("name one process by its id, or say --matching for all that match the options")
    return processid


async def _move_all(link: Link, move: Move, wanted: Wanted, *, limit: int, dry_run: bool, yes: bool) -> None:
    counted = await move.ask(**wanted, dryrun=True)
    number = min(counted.matched, limit)
    if dry_run or not number:
        return link.show.value(counted, f"{counted.matched:,} match, {number:,} would be {move.done}")
    if not yes:
        _agree(move, number, counted.matched)
    # No more than was agreed to, whatever came in meanwhile.
    done = await _with_progress(link, move, wanted, limit=number)
    return link.show.value(done, f"{move.done} {done.done:,} of {done.matched:,}")


def _agree(move: Move, number: int, matched: int) -> None:
    what = f"{number:,} of {matched:,} processes that match"
    if not sys.stdin.isatty():
        misused(f"to {move.verb} {what} without asking, say --yes")
    if not typer.confirm(f"{move.verb.capitalize()} {what}?", err=True):
        misused(f"nothing was {move.done}")


async def _with_progress(link: Link, move: Move, wanted: Wanted, *, limit: int) -> Matched:
    reached = 0
    try:
        with link.show.progress() as show:

            def progress(done: int, _matched: int) -> None:
                nonlocal reached
                reached = done
                show(f"{move.done} {done:,} of {limit:,}")

            return await move.ask(**wanted, limit=limit, progress=progress)
    except BaseException:
        link.show.note(f"stopped after about {reached:,} of {limit:,}; what was {move.done} stays so")
        raise


@talks
async def failures(
    link: Link,
    *,
    executortype: Annotated[str | None, typer.Option("--type", help="Only of this executor type.")] = None,
    limit: Annotated[int, typer.Option(min=1, max=MAX_PAGE, help="How many causes at most.")] = 50,
) -> None:
    """List why processes failed, equal causes as one, the latest first.

    Example: colonies process failures --type cli
    """
    columns = {
        "number": lambda group: f"{group.number:,}",
        "type": lambda group: group.executortype,
        "function": lambda group: group.func,
        "first": lambda group: moment(group.first),
        "last": lambda group: moment(group.last),
        "last process": lambda group: group.processid,
        "cause": lambda group: group.cause,
    }
    groups = await link.client.get_failures(executortype, limit=limit)
    link.show.nouns(groups, columns, empty="nothing has failed")
