"""A report for people: one table a measurement, and the promises last."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from rich import box
from rich.console import Console
from rich.table import Table

from .results import Lifecycle, Percentiles, Promise, Report, Spent, Submit, Usage

PERCENTILES = ("p50", "p90", "p99", "p99.9", "max")
WIDTH = 150
SPENT = ("broker", "load", "store")


def print_report(report: Report) -> None:
    console = Console(highlight=False)
    console.width = max(console.width, WIDTH)  # a narrow terminal breaks lines, and not cells
    for line in _head(report):
        console.print(line, markup=False)
    for table in _tables(report):
        console.print(table)


def _head(report: Report) -> Iterator[str]:
    machine, versions = report.machine, report.versions
    yield f"{machine.processor}, {machine.cores} cores, {machine.memory_bytes / 2**30:.0f} GiB, {machine.system}"
    yield f"V = {machine.verifications:,.0f} Ed25519 verifications/s of one core"
    yield f"C = {machine.commits:,.0f} durable commits/s in {machine.commits_in}"
    whose = "started for this" if report.own_broker else "that runs"
    yield f"broker {versions['colonies-broker']} {whose}, {report.store}, Python {versions['python']}; {report.taken}"


def _tables(report: Report) -> Iterator[Table]:
    if report.lifecycle:
        yield _lifecycles(report.lifecycle)
    if report.submit:
        yield _submit(report.submit)
    if report.promises:
        yield _promises(report.promises)


def _lifecycles(runs: Sequence[Lifecycle]) -> Table:
    first = ("producers/workers", "in flight", "processes/s", "of V", "of C")
    table = _table("submit → assign → close", *first, *_ms("submit, ms: ", "p50", "p99"), *SPENT)
    for run in runs:
        rate = (f"{run.rate.per_second:,.0f}", f"{run.rate.of_verifications:.3f}", f"{run.rate.of_commits:.2f}")
        asked = (f"{run.producers}/{run.workers}", str(run.inflight))
        table.add_row(*asked, *rate, _number(run.submit.p50), _number(run.submit.p99), *_spent(run.spent))
    return table


def _submit(run: Submit) -> Table:
    first = ("batch", "frames in flight", "processes/s", "of V", "of C")
    table = _table("one producer submits", *first, *_ms("frame, ms: ", "p50", "p99"), *SPENT)
    rate = (f"{run.rate.per_second:,.0f}", f"{run.rate.of_verifications:.3f}", f"{run.rate.of_commits:.2f}")
    asked = (str(run.batch), str(run.inflight))
    table.add_row(*asked, *rate, _number(run.frame.p50), _number(run.frame.p99), *_spent(run.spent))
    return table


def _promises(promises: Sequence[Promise]) -> Table:
    table = _table("promises", "what", "promised", "measured", "reached")
    for one in promises:
        reached = "[green]yes[/]" if one.reached else "[red]no[/]"
        table.add_row(one.what, one.promised, one.measured, reached)
    return table


# — cells —


def _table(title: str, first: str, *others: str) -> Table:
    table = Table(title=title, title_justify="left", title_style="bold", box=box.SIMPLE_HEAD)
    table.add_column(first)
    for other in others:
        table.add_column(other, justify="right")
    return table


def _ms(before: str, *names: str) -> list[str]:
    return [f"{before}{name}" for name in names]


def _spent(spent: Spent) -> list[str]:
    return [_used(usage) for usage in (spent.broker, spent.load, spent.store)]


def _used(usage: Usage | None) -> str:
    """Cores, and the most memory."""
    if usage is None:
        return "–"
    cores = "–" if usage.cores is None else f"{usage.cores:.2f} cores"
    return f"{cores}, {usage.peak_bytes / 2**20:.0f} MiB" if usage.peak_bytes else cores


def percentile_cells(percentiles: Percentiles) -> list[str]:
    return [_number(getattr(percentiles, name)) for name in ("p50", "p90", "p99", "p999", "max")]


def _number(value: float | None) -> str:
    """Three digits that say something; what never came is said as such."""
    return "never" if value is None else f"{value:.3g}" if value < 100 else f"{value:,.0f}"
