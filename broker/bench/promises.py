"""What was promised, beside what was measured: only what was measured, and on the store it was promised for.

A promise is of certain conditions, and a run that was short says little. Whatever was asked for
otherwise is shown and not judged.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from operator import ge, le, lt

import msgspec

from .results import Backlog, Connections, Fanout, Latency, Lifecycle, Promise, Report, Spent, Submit

Holds = Callable[[float, float], bool]
SIGNS: dict[Holds, str] = {ge: "≥", le: "≤", lt: "<"}

# Rates are of V, latencies p50 and p99 in ms at 20 a second.
LIFECYCLES = {("sqlite", 8, 8): 0.20, ("sqlite", 32, 32): 0.25, ("mongodb", 32, 32): 0.10}
SUBMIT_BATCH, SUBMITS = 100, 0.8
FRAMES_INFLIGHT = 4
PACE = 20.0
LATENCIES = {"sqlite": (1.5, 4.0), "mongodb": (4.0, 12.0)}
SUBSCRIBERS, DELIVERIES, PUBLISHED_INFLIGHT = 1_000, 0.8, 8
SOCKETS, SOCKET_MEMORY, IDLE_CORES = 5_000, 1.5, 0.03
SHORT, LONG, LONGER_COSTS = 1_000, 1_000_000, 1.3
RUNNING, LATE_MS, SWEEP_CORES = 100_000, 250.0, 0.1

# Less than this says nothing. What counts is time where a slow broker would bring few of what is counted.
RATE_SECONDS, FANOUT_SECONDS = 5.0, 2.5
IDLE_SECONDS = 19.5  # in which nearly every socket is pinged once
LATENCY_COUNT, ASSIGNS, LIMITS_ENDED = 500, 200, 100


OF_A_CORE = "of a core"  # said in percent
NOT_SEEN = "nothing told what the broker uses: no /metrics with process_… lines, or memory that did not grow"


def with_promises(report: Report) -> Report:
    """None where the broker is on another machine: promises are of the machine that measures."""
    if not report.on_this_machine:
        return report
    return msgspec.structs.replace(report, promises=list(_all(report)))


def _all(report: Report) -> Iterator[Promise]:
    store = report.store.partition(" ")[0]
    for one in report.lifecycle:
        yield from _lifecycle(store, one)
    if report.submit:
        yield from _submit(store, report.submit)
    if report.latency:
        yield from _latency(store, report.latency)
    if report.fanout:
        yield from _fanout(report.fanout)
    if report.connections:
        yield from _connections(report.connections)
    if report.backlog:
        yield from _backlog(report.backlog)


def _lifecycle(store: str, one: Lifecycle) -> Iterator[Promise]:
    if promised := LIFECYCLES.get((store, one.producers, one.workers)):
        what = f"lifecycles/s, {one.producers} producers, {one.workers} workers, {store}"
        doubt = _other(one.inflight, 2 * one.producers, "processes on their way") or _short(one.spent, RATE_SECONDS)
        yield _promise(what, ge, promised, one.rate.of_verifications, "V", doubt)


def _submit(store: str, one: Submit) -> Iterator[Promise]:
    if store == "sqlite" and one.batch == SUBMIT_BATCH:
        what = f"processes/s of one producer, batches of {SUBMIT_BATCH}, {store}"
        doubt = _other(one.inflight, FRAMES_INFLIGHT, "frames on their way") or _short(one.spent, RATE_SECONDS)
        yield _promise(what, ge, SUBMITS, one.rate.of_verifications, "V", doubt)


def _latency(store: str, one: Latency) -> Iterator[Promise]:
    if one.rate == PACE and store in LATENCIES:
        doubt = _few(one.due_to_worker.count, LATENCY_COUNT, "submits")
        for name, promised in zip(("p50", "p99"), LATENCIES[store], strict=True):
            what = f"submit → worker at {PACE:g}/s, {name}, {store}"
            yield _promise(what, le, promised, _came(getattr(one.due_to_worker, name)), "ms", doubt)


def _fanout(one: Fanout) -> Iterator[Promise]:
    if one.subscribers == SUBSCRIBERS:
        what = f"deliveries/s to {SUBSCRIBERS:,} subscribers, of those of bare Starlette"
        doubt = _other(one.inflight, PUBLISHED_INFLIGHT, "messages on their way")
        doubt = doubt or _short(one.broker.spent, FANOUT_SECONDS)
        yield _promise(what, ge, DELIVERIES, one.to_starlette, "×", doubt)


def _connections(one: Connections) -> Iterator[Promise]:
    if one.broker.connections == SOCKETS:
        what, doubt = f"{SOCKETS:,} idle connections", _brief(one.seconds, IDLE_SECONDS)
        yield _promise(
            f"{what}, memory of each, of that at bare Starlette", le, SOCKET_MEMORY, one.memory_ratio, "×", doubt
        )
        yield _promise(what, lt, IDLE_CORES, one.broker.cores, OF_A_CORE, doubt)


def _backlog(one: Backlog) -> Iterator[Promise]:
    depths = {depth.waiting: depth for depth in one.depths}
    if SHORT in depths and LONG in depths:
        long = depths[LONG]
        # Reading from the disk shows in wall time alone, and what costs the others in processor time alone.
        ratio, kind = max((long.wall_ratio, "wall"), (long.cpu_ratio or 0.0, "processor"))
        doubt = _few(min(long.assigns, depths[SHORT].assigns), ASSIGNS, "assigns of each queue")
        what = f"assign with {LONG:,} waiting, of that with {SHORT:,}, {kind} time"
        yield _promise(what, le, LONGER_COSTS, ratio, "×", doubt)
    if one.sweep and one.sweep.running == RUNNING:
        what, doubt = f"{RUNNING:,} running with a limit", _few(one.sweep.fired, LIMITS_ENDED, "limits that ended")
        late = _came(one.sweep.late.p99)
        yield _promise(f"{what}, p99 of how late it ends", le, LATE_MS, late, "ms", doubt)
        yield _promise(what, lt, SWEEP_CORES, one.sweep.spent.broker.cores, OF_A_CORE, doubt)


def _other(asked: int, promised: int, what: str) -> str:
    return "" if asked == promised else f"{what}: {asked}, and it was promised for {promised}"


def _short(spent: Spent, least: float) -> str:
    return _brief(spent.seconds, least)


def _brief(seconds: float, least: float) -> str:
    return "" if seconds >= least else f"{seconds:.3g} s were measured, and it takes {math.ceil(least)}: --seconds"


def _few(count: int, least: int, what: str) -> str:
    return "" if count >= least else f"{count} {what}, and it takes {least}: give it more --seconds"


def _came(ms: float | None) -> float:
    """A percentile that is null lies among what never came, which is later than any promise."""
    return math.inf if ms is None else ms


def _promise(what: str, holds: Holds, promised: float, measured: float | None, unit: str, doubt: str) -> Promise:
    """measured None: it could not be seen; infinite: it never came. doubt: why it says nothing; empty where it does."""
    doubt = doubt or (NOT_SEEN if measured is None else "")
    return Promise(
        what=what,
        promised=f"{SIGNS[holds]} {_said(promised, unit)}",
        measured="not seen" if measured is None else _said(measured, unit),
        reached=None if measured is None or doubt else holds(measured, promised),
        not_judged=doubt,
    )


def _said(number: float, unit: str) -> str:
    if math.isinf(number):
        return "never"
    return f"{100 * number:.3g} % {unit}" if unit == OF_A_CORE else f"{number:.3g} {unit}"
