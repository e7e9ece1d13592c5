"""`colonies stats`: how many processes and executors there are."""

from __future__ import annotations

from operator import attrgetter
from typing import Any

import typer

from .command import Link, talks
from .show import duration


def add_to(app: typer.Typer) -> None:
    app.command("stats")(stats)


@talks
async def stats(link: Link) -> None:
    """Count processes and executors by executor type."""
    counted = await link.client.get_stats()
    if link.show.json:
        return link.show.document(counted)

    numbers = ("waiting", "running", "successful", "failed", "cancelled")
    columns: dict[str, Any] = {
        "type": lambda one: one.executortype or "(by id)",
        **{field: attrgetter(field) for field in numbers},
        "oldest waits": lambda one: duration(max(0, counted.time - one.oldest)) if one.oldest else "",
        **{field: attrgetter(field) for field in ("executors", "online", "busy")},
    }
    return link.show.nouns(counted.types, columns, empty="nothing has been submitted, and there are no executors")
