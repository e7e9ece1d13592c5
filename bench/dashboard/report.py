"""What was measured, each figure beside what is promised."""

from __future__ import annotations


def say(what: str, figure: str, promised: str, *, holds: bool) -> None:
    print(f"{'ok  ' if holds else 'OVER'}  {what:<44} {figure:>18}   promised: {promised}", flush=True)
