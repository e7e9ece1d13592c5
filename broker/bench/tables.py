"""A report for people: one table a measurement, and the promises last."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from rich import box
from rich.console import Console
from rich.table import Table

from .results import (
    Backlog,
    Connections,
    Fanout,
    Idle,
    Latency,
    Lifecycle,
    Percentiles,
    Promise,
    Rate,
    Report,
    Spent,
    Submit,
    Sweep,
    Usage,
)

SPENT = ("broker", "load", "store", "others")
RATE = ("processes/s", "of V", "of C")
PERCENTILES = ("p50", "p90", "p99", "p99.9", "max")
WIDTH = 150


def print_report(report: Report) -> None:
    console = Console(highlight=False)
    console.width = max(console.width, WIDTH)  # a narrow terminal breaks lines, and not cells
    for line in _head(report):
        console.print(line, markup=False)
    for table in _tables(report):
        console.print(table)
    for what, spent in _spendings(report):
        if spent.is_load_bound:
            said = (
                f"a program of the load used {spent.busiest_load:.2f} of a core: that was measured, and not the server"
            )
            console.print(f"{what}: {said}", markup=False, style="yellow")


def _spendings(report: Report) -> Iterator[tuple[str, Spent]]:
    """Everything that was put under load, and what that took."""
    for run in report.lifecycle:
        yield f"lifecycle {run.producers}/{run.workers}", run.spent
    if report.submit:
        yield "submit", report.submit.spent
    if report.latency:
        yield "latency", report.latency.spent
    if fanout := report.fanout:
        for one in (fanout.broker, fanout.starlette, fanout.broadcast):
            yield f"fan-out, {one.server}", one.spent
    if report.backlog and report.backlog.sweep:
        yield "limits", report.backlog.sweep.spent


def _head(report: Report) -> Iterator[str]:
    machine, versions = report.machine, report.versions
    yield f"{machine.processor}, {machine.cores} cores, {machine.memory_bytes / 2**30:.0f} GiB, {machine.system}"
    yield f"V = {machine.verifications:,.0f} Ed25519 verifications/s of one core"
    yield f"P = {machine.rounds:,.0f} rounds of plain Python/s of one core, by Python {versions['python']}"
    yield f"C = {machine.commits:,.0f} durable commits/s in {machine.commits_in}"
    whose = "started for this" if report.own_broker else "that runs"
    yield f"broker {versions['colonies-broker']} {whose}, {report.store}; {report.taken}"
    if not report.on_this_machine:
        yield "It is no program of this machine: it is held against nothing here, and no promise is judged."


def _tables(report: Report) -> Iterator[Table]:
    if report.lifecycle:
        yield _lifecycles(report.lifecycle)
    if report.submit:
        yield _submit(report.submit)
    if report.latency:
        yield _latency(report.latency)
    if report.fanout:
        yield _fanout(report.fanout)
    if report.connections:
        yield _connections(report.connections)
    if report.backlog:
        yield _depths(report.backlog)
    if report.backlog and report.backlog.sweep:
        yield _sweep(report.backlog.sweep)
    if report.promises:
        yield _promises(report.promises)


def _lifecycles(runs: Sequence[Lifecycle]) -> Table:
    columns = ("producers/workers", "in flight", *RATE, "submit, ms: p50", "p99", *SPENT)
    table = _table("submit → assign → close", *columns)
    for run in runs:
        times = (_number(run.submit.p50), _number(run.submit.p99))
        table.add_row(f"{run.producers}/{run.workers}", str(run.inflight), *_rate(run.rate), *times, *_spent(run.spent))
    return table


def _submit(run: Submit) -> Table:
    table = _table("one producer submits", "batch", "frames in flight", *RATE, "frame, ms: p50", "p99", *SPENT)
    times = (_number(run.frame.p50), _number(run.frame.p99))
    table.add_row(str(run.batch), str(run.inflight), *_rate(run.rate), *times, *_spent(run.spent))
    return table


def _latency(run: Latency) -> Table:
    used = ", ".join(f"{who} {said}" for who, said in zip(SPENT, _spent(run.spent), strict=True))
    alone = "" if run.commit_ms is None else f"; a durable commit alone {run.commit_ms:.2f}"
    title = f"latency at {run.rate:g}/s, ms{alone} ({used})"
    table = _table(title, "from … to …", *PERCENTILES, "p50, commits", "of", "never came")
    for since in ("due", "sent"):
        for what in ("acknowledged", "worker", "subscriber"):
            found: Percentiles = getattr(run, f"{since}_to_{what}")
            counts = (_ratio(run.of_commit[f"{since}_to_{what}"]), str(found.count), str(found.missing))
            table.add_row(f"{since} → {what}", *_percentiles(found), *counts)
    return table


def _fanout(run: Fanout) -> Table:
    title = f"fan-out of {run.message_bytes} bytes to {run.subscribers:,} subscribers, {run.inflight} on their way"
    columns = (
        "deliveries/s",
        "of V",
        "frames/s",
        "µs each",
        "processor µs each",
        "broker's, ×",
        "server",
        "load",
        "others",
    )
    table = _table(title, "server", *columns)
    ratios = {"starlette": run.to_starlette, "broadcast": run.to_broadcast}
    for one in (run.broker, run.starlette, run.broadcast):
        ratio = _ratio(ratios.get(one.server))
        costs = (f"{one.us:.2f}", "–" if one.cpu_us is None else f"{one.cpu_us:.2f}", ratio)
        rates = (f"{one.per_second:,.0f}", _ratio(one.of_verifications), f"{one.frames_per_second:,.0f}")
        table.add_row(one.server, *rates, *costs, *_served(one.spent))
    return table


def _connections(run: Connections) -> Table:
    title = f"{run.broker.connections:,} idle connections, for {run.seconds:g} s"
    table = _table(title, "server", "KiB each", "of a core", "connected/s", "of V", "peak")
    for one in (run.broker, run.starlette):
        each = "–" if one.bytes_each is None else f"{one.bytes_each / 1024:.1f}"
        cores = "–" if one.cores is None else f"{100 * one.cores:.2f} %"
        table.add_row(one.server, each, cores, *_connects(one), _mib(one.peak_bytes))
    table.add_row("broker, of starlette", "–" if run.memory_ratio is None else f"{run.memory_ratio:.2f} ×")
    return table


def _connects(one: Idle) -> tuple[str, str]:
    return f"{one.connects_per_second:,.0f}", _ratio(one.connects_of_verifications)


def _depths(run: Backlog) -> Table:
    shortest = f"{run.depths[0].waiting:,}"
    of_that = f"of that with {shortest}"
    columns = ("wall, µs", "verifications", of_that, "broker and store, µs", of_that, "filled/s", "of V")
    table = _table("one assign, medians", "waiting", *columns)
    for one in run.depths:
        cpu = "–" if one.cpu_us is None else f"{one.cpu_us:,.0f}"
        ratio = "–" if one.cpu_ratio is None else f"{one.cpu_ratio:.2f}"
        wall = (f"{one.wall_us:,.0f}", _ratio(one.wall_in_verifications), f"{one.wall_ratio:.2f}")
        filled = (f"{one.fill_per_second:,.0f}", _ratio(one.fill_of_verifications))
        table.add_row(f"{one.waiting:,}", *wall, cpu, ratio, *filled)
    return table


def _sweep(run: Sweep) -> Table:
    title = f"limits that end while {run.running:,} run with one: how late, ms"
    table = _table(title, "ended", *PERCENTILES, "never told", *SPENT)
    table.add_row(str(run.fired), *_percentiles(run.late), str(run.late.missing), *_spent(run.spent))
    return table


def _promises(promises: Sequence[Promise]) -> Table:
    table = _table("promises", "what", "promised", "measured", "reached")
    for one in promises:
        table.add_row(one.what, one.promised, one.measured, _verdict(one))
    return table


def _verdict(promise: Promise) -> str:
    if promise.reached is None:
        return f"[yellow]not judged:[/] {promise.not_judged}"
    return "[green]yes[/]" if promise.reached else "[red]no[/]"


# — cells —


def _table(title: str, first: str, *others: str) -> Table:
    table = Table(title=title, title_justify="left", title_style="bold", box=box.SIMPLE_HEAD)
    table.add_column(first)
    for other in others:
        table.add_column(other, justify="right")
    return table


def _rate(rate: Rate) -> tuple[str, str, str]:
    of_v = "–" if rate.of_verifications is None else f"{rate.of_verifications:.3f}"
    return (f"{rate.per_second:,.0f}", of_v, _ratio(rate.of_commits))


def _ratio(ratio: float | None) -> str:
    return "–" if ratio is None else f"{ratio:.2f}"


def _percentiles(found: Percentiles) -> list[str]:
    return [_number(value) for value in (found.p50, found.p90, found.p99, found.p999, found.max)]


def _spent(spent: Spent) -> list[str]:
    return [*(_used(usage) for usage in (spent.broker, spent.load, spent.store)), f"{spent.others:.2f} cores"]


def _served(spent: Spent) -> list[str]:
    server, load, _, others = _spent(spent)
    return [server, load, others]


def _used(usage: Usage | None) -> str:
    """Cores, and the most memory."""
    if usage is None:
        return "–"
    cores = "–" if usage.cores is None else f"{usage.cores:.2f} cores"
    return f"{cores}, {_mib(usage.peak_bytes)}" if usage.peak_bytes else cores


def _mib(size: int) -> str:
    return f"{size / 2**20:,.0f} MiB" if size else "–"


def _number(value: float | None) -> str:
    """Three digits that say something; what never came is said as such."""
    return "never" if value is None else f"{value:.3g}" if value < 100 else f"{value:,.0f}"
