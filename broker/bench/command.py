"""`colonies bench`: the commands."""

from __future__ import annotations

from typing import Annotated

import typer

from .backlog import backlog
from .bench import Bench
from .connections import connections
from .fanout import fanout
from .latency import latency
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
LATENCY_SECONDS, FANOUT_SECONDS = 30.0, 3.0
CONNECTIONS_SECONDS = 20.0  # in which every socket is pinged once
BACKLOG_SECONDS = 15.0
CROWDS = (1, 8, 32)

Producers = Annotated[int | None, typer.Option(min=1, max=1000, help="Clients that submit, a socket each.")]
Workers = Annotated[int | None, typer.Option(min=1, max=1000, help="Executors that work, a socket and a key each.")]
Inflight = Annotated[int, typer.Option(min=0, help="Processes on their way at most; 0: twice the producers.")]
Batch = Annotated[int, typer.Option(min=1, max=256, help="Submits in one frame, under one signature.")]
Frames = Annotated[int, typer.Option("--inflight", min=1, max=64, help="Frames on their way at most.")]

Pace = Annotated[float, typer.Option(min=0.1, max=1000, help="Submits a second.")]
Subscribers = Annotated[int, typer.Option(min=1, max=50_000, help="Sockets that are told of every process.")]
Published = Annotated[int, typer.Option("--inflight", min=1, max=64, help="Processes on their way to all of them.")]
Connections = Annotated[
    int, typer.Option("--connections", "--number", min=1, max=60_000, help="Sockets that do nothing.")
]

Most = Annotated[int, typer.Option(min=1, max=10_000_000, help="Length of the longest queue.")]
Limits = Annotated[int, typer.Option(min=0, max=10_000_000, help="Processes that run with a limit; 0 leaves that out.")]


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


@bench.command("latency")
@measures
async def of_latency(bench: Bench, *, rate: Pace = 20.0) -> None:
    """Measure how soon a worker in line and a subscriber have what was submitted, at a steady pace.

    Times count from when something was due; those from when it was sent stand beside them.

    Example: colonies bench latency --rate 20 --seconds 60 --json
    """
    bench.add(latency=await latency(bench.setting(LATENCY_SECONDS), rate=rate))


@bench.command("fanout")
@measures
async def of_fanout(bench: Bench, *, subscribers: Subscribers = 1000, inflight: Published = 8) -> None:
    """Tell many subscribers of every process, and have bare servers send the same bytes to as many, in turn.

    Example: colonies bench fanout --subscribers 1000
    """
    setting = bench.setting(FANOUT_SECONDS)
    bench.add(fanout=await fanout(setting, subscribers=subscribers, inflight=inflight))


@bench.command("connections")
@measures
async def of_connections(bench: Bench, *, number: Connections = 5000) -> None:
    """Hold many connections that do nothing, and as many at a bare endpoint.

    Example: colonies bench connections --connections 5000
    """
    bench.add(connections=await connections(bench.setting(CONNECTIONS_SECONDS), number=number))


@bench.command("backlog")
@measures
async def of_backlog(bench: Bench, *, most: Most = 1_000_000, limits: Limits = 100_000) -> None:
    """Measure what an assign costs by how many wait, and limits that end while many processes run with one.

    To fill the queues takes most of the time: minutes for a million.

    Example: colonies bench backlog --most 100000
    """
    bench.add(backlog=await backlog(bench.setting(BACKLOG_SECONDS), most=most, limits=limits))


@bench.command("all")
@measures
async def of_all(
    bench: Bench,
    *,
    subscribers: Subscribers = 1000,
    number: Connections = 5000,
    most: Most = 1_000_000,
    limits: Limits = 100_000,
) -> None:
    """Measure all of it, one after the other, and hold it against what is promised.

    Example: colonies bench all --plot bench.svg --json > bench.json
    """
    await _lifecycles(bench, None, None, 0)
    bench.add(submit=await submit(bench.setting(SUBMIT_SECONDS), batch=100, inflight=4))
    bench.add(latency=await latency(bench.setting(LATENCY_SECONDS), rate=20.0))
    bench.add(connections=await connections(bench.setting(CONNECTIONS_SECONDS), number=number))
    bench.add(fanout=await fanout(bench.setting(FANOUT_SECONDS), subscribers=subscribers, inflight=8))
    bench.add(backlog=await backlog(bench.setting(BACKLOG_SECONDS), most=most, limits=limits))
