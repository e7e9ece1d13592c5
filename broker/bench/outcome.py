"""What is done with a report: tables or JSON, and the drawing where one was asked for."""

from __future__ import annotations

from pathlib import Path

from colonies.cli.failure import refuse
from colonies.cli.show import Show

from .plot import drawing
from .results import Report
from .tables import print_report


def show_report(show: Show, report: Report, plot: Path | None) -> None:
    if show.json:
        show.document(report)
    else:
        print_report(report)
    if plot:
        try:
            plot.write_text(drawing(report), encoding="utf-8")
        except OSError as error:
            refuse(f"cannot draw into {plot}: {error.strerror}")


def refuse_broken(report: Report) -> None:
    """Failure where a promise that was judged is not kept."""
    if broken := [promise.what for promise in report.promises if promise.reached is False]:
        refuse(f"a promise was not kept: {'; '.join(broken)}")
