"""The options that say which processes: the same for looking at them and for doing something with all of them."""

from __future__ import annotations

import inspect
from collections.abc import Awaitable, Callable
from typing import Annotated, Any

import typer

from colonies.operating import Wanted

from .command import Link
from .moments import moment_of
from .subscribe import StateName

PANEL = "Which processes"


def _option(*names: str, help: str) -> Any:
    return typer.Option(*names, help=help, rich_help_panel=PANEL)


def wanted_of(
    *,
    state: Annotated[StateName | None, _option(help="Only processes in this state.")] = None,
    executortype: Annotated[str | None, _option("--type", help="Only processes for this executor type.")] = None,
    func: Annotated[str | None, _option(help="Only processes of this function.")] = None,
    label: Annotated[str | None, _option(help="Only processes with exactly this label.")] = None,
    text: Annotated[str | None, _option(help="Only where an argument or an error contains this.")] = None,
    cause: Annotated[
        str | None, _option(help="Only what failed for this cause, as `process failures` says it.")
    ] = None,
    executor: Annotated[str | None, _option(help="Only what this executor runs or ran last: its name or id.")] = None,
    since: Annotated[str | None, _option(help="Submitted from then on: 15m, 2h, 3d ago, or a date.")] = None,
    before: Annotated[str | None, _option(help="Submitted before then.")] = None,
) -> Wanted:
    wanted: Wanted = {"executortype": executortype, "func": func, "label": label, "text": text, "cause": cause}
    wanted |= {"assigneeid": executor, "since": moment_of(since), "before": moment_of(before)}
    if state:
        wanted["state"] = state.state
    return wanted


def filtered(command: Callable[..., Awaitable[None]]) -> Callable[..., Awaitable[None]]:
    """Make a command that takes those options, and is handed what they say as `wanted`."""
    own = inspect.signature(command, eval_str=True)
    shared = inspect.signature(wanted_of, eval_str=True).parameters

    async def run(link: Link, **given: Any) -> None:
        said = {name: given.pop(name) for name in shared if name in given}
        if said.get("executor"):
            said["executor"] = await link.executorid(said["executor"])
        await command(link, wanted=wanted_of(**said), **given)

    kept = [parameter for name, parameter in own.parameters.items() if name != "wanted"]
    kept += shared.values()
    kept.sort(key=lambda parameter: parameter.kind)  # stable: arguments before options
    run.__signature__ = own.replace(parameters=kept)  # type: ignore[attr-defined]
    run.__name__, run.__doc__ = command.__name__, command.__doc__
    return run
