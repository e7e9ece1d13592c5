"""`colonies subscribe`: hear of processes as they come."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated

import typer
from rich.text import Text

from colonies.wire.model import Process, State

from .command import Link, talks
from .show import Show, moment, shortened, state_text


class StateName(StrEnum):
    WAITING = "waiting"
    RUNNING = "running"
    SUCCESSFUL = "successful"
    FAILED = "failed"
    CANCELLED = "cancelled"

    @property
    def state(self) -> State:
        return State[self.name]


class Wake(StrEnum):
    ALL = "all"
    ONE = "one"


def add_to(app: typer.Typer) -> None:
    app.command("subscribe")(subscribe)


@talks
async def subscribe(
    link: Link,
    *,
    executortype: Annotated[str, typer.Option("--type", help="Executor type of the processes.")],
    state: Annotated[StateName, typer.Option(help="Hear of processes that enter this state.")] = StateName.WAITING,
    timeout: Annotated[float, typer.Option(min=0, help="End after so many seconds; 0: not before Ctrl-C.")] = 0,
    wake: Annotated[Wake, typer.Option(help="all: hear of each; one: share them with others who say one.")] = Wake.ALL,
) -> None:
    """Print a line for every process that enters a state.

    Example: colonies subscribe --type cli --state failed --json
    """
    subscription = link.client.subscribe(executortype, state=state.state, timeout=timeout, wake=wake.value)
    async with subscription as events:
        async for event, process in events.events():
            print_event(link.show, event, process)


def print_event(show: Show, event: str, process: Process) -> None:
    """One line; errors and the executor where they say something."""
    time = moment(process.endtime or process.starttime or process.submissiontime)
    what = shortened(" ".join(shortened(part) for part in [process.spec.func, *process.spec.args]))
    line = Text.assemble(
        time, "  ", process.processid, "  ", state_text(process.state), f"  {event}  attempt {process.attempt}  {what}"
    )
    if process.errors:
        line.append("  " + shortened(process.errors[0]), style="red")
    show.event({"event": event, "process": process}, line)
