"""For what nobody tells: that a program of somebody else's is there, or has gone."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path

SECONDS = 30


def is_alive(pid: int) -> bool:
    """Whether it runs; one that has ended and was not asked for yet does not."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0] != "Z"
    except (FileNotFoundError, ProcessLookupError):
        return False


def wait_until(holds: Callable[[], object]) -> None:
    deadline = time.monotonic() + SECONDS
    while not holds():
        assert time.monotonic() < deadline, "it never came to that"
        time.sleep(0.02)


def wait_gone(pid: int) -> None:
    wait_until(lambda: not is_alive(pid))
