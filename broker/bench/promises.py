"""What was promised, beside what was measured: only what was measured, and on the store it was promised for."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from operator import ge, le, lt

import msgspec

from .results import Backlog, Connections, Fanout, Latency, Lifecycle, Promise, Report, Submit

Holds = Callable[[float, float], bool]
SIGNS: dict[Holds, str] = {ge: "≥", le: "≤", lt: "<"}

# Rates are of V, latencies p50 and p99 in ms at 20 a second.
LIFECYCLES = {("sqlite", 8, 8): 0.20, ("sqlite", 32, 32): 0.25, ("mongodb", 32, 32): 0.10}
SUBMIT_BATCH, SUBMITS = 100, 0.8
PACE = 20.0
LATENCIES = {"sqlite": (1.5, 4.0), "mongodb": (4.0, 12.0)}
SUBSCRIBERS, DELIVERIES = 1_000, 0.8
SOCKETS, SOCKET_MEMORY, IDLE_CORES = 5_000, 1.5, 0.03
SHORT, LONG, LONGER_COSTS = 1_000, 1_000_000, 1.3
RUNNING, LATE_MS, SWEEP_CORES = 100_000, 250.0, 0.1


NOT_SEEN = "nothing told what the broker uses: no /metrics with process_… lines, or memory that did not grow"


def with_promises(report: Report) -> Report:
    return msgspec.structs.replace(report, promises=list(_all(report)))


def broken(report: Report) -> list[Promise]:
    """Those that were judged and are not kept."""
    return [promise for promise in report.promises if promise.reached is False]


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
        yield _promise(what, ge, promised, one.rate.of_verifications, "V")


def _submit(store: str, one: Submit) -> Iterator[Promise]:
    if store == "sqlite" and one.batch == SUBMIT_BATCH:
        what = f"processes/s of one producer, batches of {SUBMIT_BATCH}, {store}"
        yield _promise(what, ge, SUBMITS, one.rate.of_verifications, "V")


def _latency(store: str, one: Latency) -> Iterator[Promise]:
    if one.rate == PACE and store in LATENCIES:
        for name, promised in zip(("p50", "p99"), LATENCIES[store], strict=True):
            what = f"submit → worker at {PACE:g}/s, {name}, {store}"
            yield _promise(what, le, promised, _came(getattr(one.due_to_worker, name)), "ms")


def _fanout(one: Fanout) -> Iterator[Promise]:
    if one.subscribers == SUBSCRIBERS:
        what = f"deliveries/s to {SUBSCRIBERS:,} subscribers, of those of bare Starlette"
        yield _promise(what, ge, DELIVERIES, one.to_starlette, "×")


def _connections(one: Connections) -> Iterator[Promise]:
    if one.broker.connections == SOCKETS:
        what = f"{SOCKETS:,} idle connections, memory of each, of that at bare Starlette"
        yield _promise(what, le, SOCKET_MEMORY, one.memory_ratio, "×")
        cores = one.broker.cores
        yield _promise(f"{SOCKETS:,} idle connections", lt, IDLE_CORES, cores, "of a core", percent=True)


def _backlog(one: Backlog) -> Iterator[Promise]:
    depths = {depth.waiting: depth for depth in one.depths}
    if SHORT in depths and LONG in depths:
        long = depths[LONG]
        ratio = long.wall_ratio if long.cpu_ratio is None else long.cpu_ratio
        yield _promise(f"assign with {LONG:,} waiting, of that with {SHORT:,}", le, LONGER_COSTS, ratio, "×")
    if one.sweep and one.sweep.running == RUNNING:
        what = f"{RUNNING:,} running with a limit"
        yield _promise(f"{what}, p99 of how late it ends", le, LATE_MS, _came(one.sweep.late.p99), "ms")
        yield _promise(what, lt, SWEEP_CORES, one.sweep.spent.broker.cores, "of a core", percent=True)


def _came(ms: float | None) -> float:
    """A percentile that is null lies among what never came, which is later than any promise."""
    return math.inf if ms is None else ms


def _promise(
    what: str, holds: Holds, promised: float, measured: float | None, unit: str, *, percent: bool = False
) -> Promise:
    """measured None: it could not be seen, so nothing is said of the promise; infinite: it never came."""

    def said(number: float) -> str:
        if math.isinf(number):
            return "never"
        return f"{100 * number:.3g} % {unit}" if percent else f"{number:.3g} {unit}"

    return Promise(
        what=what,
        promised=f"{SIGNS[holds]} {said(promised)}",
        measured="not seen" if measured is None else said(measured),
        reached=None if measured is None else holds(measured, promised),
        not_judged=NOT_SEEN if measured is None else "",
    )
