"""What is shown in the end: tables or JSON, and the drawing where one was asked for."""

from __future__ import annotations

from pathlib import Path

from colonies.cli.show import Show

from .results import Report
from .tables import print_report


def show_report(show: Show, report: Report, plot: Path | None) -> None:
    if show.json:
        show.document(report)
    else:
        print_report(report)
