"""`colonies bench`: the commands."""

from __future__ import annotations

from typing import Annotated

import typer

from .bench import Bench
from .lifecycle import Crowd, lifecycle
from .options import measures
from .submit import submit

bench = typer.Typer(
    help="Measure what a broker does in a second, and what that costs.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    add_completion=False,
)

LIFECYCLE_SECONDS, SUBMIT_SECONDS = 8.0, 8.0
CROWDS = (1, 8, 32)

Producers = Annotated[int | None, typer.Option(min=1, max=1000, help="Clients that submit, a socket each.")]
Workers = Annotated[int | None, typer.Option(min=1, max=1000, help="Executors that work, a socket and a key each.")]
Inflight = Annotated[int, typer.Option(min=0, help="Processes on their way at most; 0: twice the producers.")]
Batch = Annotated[int, typer.Option(min=1, max=256, help="Submits in one frame, under one signature.")]
Frames = Annotated[int, typer.Option("--inflight", min=1, max=64, help="Frames on their way at most.")]


@bench.command("lifecycle")
@measures
async def of_lifecycle(
    bench: Bench, *, producers: Producers = None, workers: Workers = None, inflight: Inflight = 0
) -> None:
    """Submit, assign and close as fast as it goes; by default with 1, 8 and 32 producers and as many workers.

    Example: colonies bench lifecycle --producers 8 --workers 8 --seconds 5
    """
    await _lifecycles(bench, producers, workers, inflight)


async def _lifecycles(bench: Bench, producers: int | None, workers: int | None, inflight: int) -> None:
    one = producers or workers
    crowds = [Crowd(producers or one, workers or one, inflight)] if one else [Crowd(n, n, inflight) for n in CROWDS]
    setting = bench.setting(LIFECYCLE_SECONDS)
    bench.add(lifecycle=[await lifecycle(setting, crowd) for crowd in crowds])


@bench.command("submit")
@measures
async def of_submit(bench: Bench, *, batch: Batch = 100, inflight: Frames = 4) -> None:
    """Submit as fast as one producer can, many in a frame.

    Example: colonies bench submit --batch 100 --store mongodb://127.0.0.1/?replicaSet=rs0
    """
    bench.add(submit=await submit(bench.setting(SUBMIT_SECONDS), batch=batch, inflight=inflight))
