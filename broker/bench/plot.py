"""A report as one drawing: an SVG file that needs nothing beside it, in the colours of whoever looks at it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from html import escape
from typing import NamedTuple

from .results import Backlog, Connections, Fanout, Latency, Lifecycle, Percentiles, Rate, Report, Submit

WIDTH, LEFT, RIGHT = 820, 220, 150
BAR, GAP, TITLE, MARGIN = 18, 6, 34, 24
SPAN = WIDTH - LEFT - RIGHT

STYLE = """
svg { font: 13px system-ui, sans-serif; background: var(--paper); color-scheme: light dark;
      --paper: #fff; --ink: #1f2328; --quiet: #59636e; --line: #d1d9e0; --own: #0969da; --other: #8c959f; }
@media (prefers-color-scheme: dark) {
  svg { --paper: #0d1117; --ink: #f0f6fc; --quiet: #9198a1; --line: #3d444d; --own: #4493f8; --other: #656c76; }
}
text { fill: var(--ink); } .quiet { fill: var(--quiet); } .title { font-weight: 600; }
.own { fill: var(--own); } .other { fill: var(--other); } .line { stroke: var(--line); }
"""


class Bar(NamedTuple):
    """said: what stands behind it. own: the broker's, and not what it is compared with."""

    label: str
    value: float
    said: str
    own: bool = True


class Panel(NamedTuple):
    title: str
    bars: list[Bar]

    @property
    def height(self) -> int:
        return TITLE + len(self.bars) * (BAR + GAP) + GAP


def drawing(report: Report) -> str:
    """The whole file."""
    panels = [panel for panel in _panels(report) if panel.bars]
    head = MARGIN * 2 + 14
    height = head + sum(panel.height for panel in panels) + MARGIN
    parts, top = [*_head(report)], head
    for panel in panels:
        parts += _panel(panel, top)
        top += panel.height
    size = f'viewBox="0 0 {WIDTH} {height}" width="{WIDTH}" height="{height}"'
    body = "\n".join(parts)
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" {size} role="img" aria-label="colonies bench">'
        f"\n<style>{STYLE}</style>\n{body}\n</svg>\n"
    )


def _head(report: Report) -> Iterator[str]:
    machine = report.machine
    yield _text(MARGIN, MARGIN, f"colonies bench · {report.store} · {report.taken}", "title")
    said = f"{machine.processor}, {machine.cores} cores · V = {machine.verifications:,.0f} verifications/s"
    yield _text(MARGIN, MARGIN + 18, f"{said} · C = {machine.commits:,.0f} commits/s", "quiet")


def _panels(report: Report) -> Iterator[Panel]:
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
        yield from _backlog(report.backlog)


def _lifecycles(runs: Sequence[Lifecycle]) -> Panel:
    bars = [
        Bar(
            f"{run.producers} producers, {run.workers} workers",
            run.rate.per_second,
            _rate(run.rate),
        )
        for run in runs
    ]
    return Panel("submit → assign → close, processes a second", bars)


def _submit(run: Submit) -> Panel:
    bar = Bar(f"one producer, batches of {run.batch}", run.rate.per_second, _rate(run.rate))
    return Panel("submits a second", [bar])


def _rate(rate: Rate) -> str:
    of_v = "" if rate.of_verifications is None else f" = {rate.of_verifications:.3f} V"
    return f"{rate.per_second:,.0f}{of_v}"


def _latency(run: Latency) -> Panel:
    found = {
        "acknowledged": run.due_to_acknowledged,
        "worker has it": run.due_to_worker,
        "subscriber told": run.due_to_subscriber,
    }
    return Panel(
        f"latency at {run.rate:g} a second from when it was due, ms",
        [bar for what, one in found.items() for bar in _percentiles(what, one)],
    )


def _percentiles(what: str, found: Percentiles) -> Iterator[Bar]:
    for name, value in (("p50", found.p50), ("p99", found.p99), ("max", found.max)):
        yield Bar(f"{what}, {name}", value or 0.0, "never" if value is None else f"{value:.2f} ms")


def _fanout(run: Fanout) -> Panel:
    bars = [
        Bar(one.server, one.per_second, f"{one.per_second:,.0f}", own=one is run.broker)
        for one in (run.broker, run.starlette, run.broadcast)
    ]
    return Panel(f"deliveries a second to {run.subscribers:,} subscribers", bars)


def _connections(run: Connections) -> Panel:
    bars = [
        Bar(one.server, one.bytes_each or 0.0, _kib(one.bytes_each), own=one is run.broker)
        for one in (run.broker, run.starlette)
    ]
    return Panel(f"memory of each of {run.broker.connections:,} idle connections", bars)


def _kib(size: float | None) -> str:
    return "not seen" if size is None else f"{size / 1024:.1f} KiB"


def _backlog(run: Backlog) -> Iterator[Panel]:
    if run.depths[0].cpu_us is None:
        title, costs = "one assign, until it is answered", [one.wall_us for one in run.depths]
    else:
        title, costs = "one assign, processor time of broker and store", [one.cpu_us or 0.0 for one in run.depths]
    pairs = zip(run.depths, costs, strict=True)
    yield Panel(title, [Bar(f"{one.waiting:,} waiting", cost, f"{cost:,.0f} µs") for one, cost in pairs])
    if run.sweep:
        title = f"how late limits end while {run.sweep.running:,} run with one, ms"
        yield Panel(title, list(_percentiles("late", run.sweep.late)))


# — shapes —


def _panel(panel: Panel, top: int) -> Iterator[str]:
    most = max(bar.value for bar in panel.bars) or 1.0
    yield f'<line class="line" x1="{MARGIN}" x2="{WIDTH - MARGIN}" y1="{top}" y2="{top}"/>'
    yield _text(MARGIN, top + 22, panel.title, "title")
    y = top + TITLE
    for bar in panel.bars:
        width = max(1.0, SPAN * bar.value / most)
        colour = "own" if bar.own else "other"
        yield _text(LEFT - 8, y + 13, bar.label, "quiet", anchor="end")
        yield f'<rect class="{colour}" x="{LEFT}" y="{y}" width="{width:.1f}" height="{BAR}" rx="2"/>'
        yield _text(LEFT + width + 8, y + 13, bar.said)
        y += BAR + GAP


def _text(x: float, y: float, words: str, kind: str = "", *, anchor: str = "start") -> str:
    return f'<text x="{x:.1f}" y="{y:.1f}" class="{kind}" text-anchor="{anchor}">{escape(words)}</text>'
