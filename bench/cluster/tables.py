"""What was measured, as tables of plain text."""

from __future__ import annotations

import math
import os
from collections.abc import Sequence

from .arithmetic import Costs, Reach
from .latency import Paces
from .throughput import Run

FULL = 0.9  # so much of what there is counts as all of it


def table(title: str, columns: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """The first column is text; the others are figures, which stand to the right."""
    widths = [max(len(row[index]) for row in (columns, *rows)) for index in range(len(columns))]

    def line(row: Sequence[str]) -> str:
        cells = [row[0].ljust(widths[0]), *(cell.rjust(width) for cell, width in zip(row[1:], widths[1:], strict=True))]
        return "  ".join(cells).rstrip()

    return "\n".join([title, line(columns), "  ".join("-" * width for width in widths), *map(line, rows)])


def of_paces(title: str, paces: Paces) -> str:
    """Latencies in milliseconds."""
    rows = [
        [one.what, str(one.number), str(one.missing), *map(_milliseconds, (one.p50, one.p90, one.p99, one.most))]
        for one in paces.latencies
    ]
    notes = f"{paces.rate:g} a second for {paces.seconds:g} s; other programs took {paces.neighbours:.2f} of a core"
    if paces.superseded:
        notes += f"; {paces.superseded} were outdated by a later one before the lamp had them"
    return (
        table(title, ["ms from when it was due", "number", "missing", "p50", "p90", "p99", "max"], rows) + f"\n{notes}"
    )


def _milliseconds(value: float) -> str:
    return f"{value:.1f}" if math.isfinite(value) else "never"


def of_runs(runs: Sequence[Run], verified: float) -> str:
    rows = [
        [
            run.what,
            f"{run.rate:.0f}",
            f"{run.rate / verified:.3f}",
            " ".join(f"{cores:.2f}" for cores in run.brokers + run.beside),
            " ".join(f"{cores:.2f}" for cores in run.mongods),
            f"{run.load:.2f}",
            f"{run.neighbours:.2f}",
            f"{run.changes / max(1, run.processes):.2f}",
            f"{run.lag:.0f}" if run.changes else "–",
            f"{run.claims / max(1, run.processes):.2f}",
            f"{run.moves / max(1.0, run.batches):.1f}",
            str(run.repeated),
            limit(run),
        ]
        for run in runs
    ]
    columns = (
        "brokers|processes/s|of V|cores: brokers|mongods|load|others|changes|lag ms|claims|batch|repeated|limited by"
    )
    notes = (
        "changes: read from other brokers, for each process, all brokers together; lag: from write to being told, mean;\n"
        "claims: for each process; batch: moves in one; repeated: requests that a broker could not fulfil at the moment;\n"
        "mongods: the primary first; others: programs that are not ours."
    )
    return table("Throughput: submit, assign, close", columns.split("|"), rows) + f"\n{notes}"


def limit(run: Run) -> str:
    """What there was no more of; "waiting" where nothing was in full use."""
    parts = {
        "brokers": sum(run.brokers + run.beside),
        "mongods": sum(run.mongods),
        "load": run.load,
        "others": run.neighbours,
    }
    if run.elected:
        return "an election"
    if max(run.brokers) >= FULL:
        return "a broker's core"
    if sum(parts.values()) >= FULL * (os.cpu_count() or 1):
        return f"all cores, most by {max(parts, key=lambda name: parts[name])}"
    return "waiting"


def of_costs(cost: Costs, reaches: Sequence[Reach]) -> str:
    micro = (
        ("a broker: a process of its own clients", cost.process),
        ("a broker: a change of another one, told", cost.change),
        ("primary: a process", cost.primary),
        ("the other two mongods: a process", cost.others),
        ("primary: a change for a broker that is not told of it", cost.passed),
        ("primary: a change for a broker that is told", cost.told),
    )
    rows = [[what, f"{1e6 * seconds:.0f}"] for what, seconds in micro]
    measured = table("What it costs", ["processor time", "µs"], rows) + f"\na process is {cost.changes:.2f} changes"
    columns = "brokers|spread: processes/s|primary, cores|all hear all: processes/s|primary, cores"
    far = [
        [
            str(one.brokers),
            f"{one.rate:.0f}",
            f"{one.primary:.1f}",
            f"{one.rate_when_all_hear_all:.0f}",
            f"{one.primary_when_all_hear_all:.1f}",
        ]
        for one in reaches
    ]
    notes = (
        "Calculated, a core for each broker. spread: each kind of work has its workers at one broker, submits come in at any;\n"
        "all hear all: every broker has workers of every kind. primary: what its mongod would need for that."
    )
    return f"{measured}\n\n{table('Many brokers', columns.split('|'), far)}\n{notes}"
