"""What the machine is busy with: a program of ours, and everything that is not ours.

Figures that depend on speed say little on a machine that does something else; so it is looked at each second, and the
seconds in which others took much of it can be told from the rest.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import time
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

TICKS = os.sysconf("SC_CLK_TCK")
PROC = Path("/proc")
QUIET = 0.2  # of a core: what others may take in a second that counts


def cpu_seconds(pid: int) -> float:
    """What a process has used so far."""
    _, used, _ = _stat(pid)
    return used


def _stat(pid: int) -> tuple[int, float, float]:
    """Its parent; what it has used itself, and with its children that have ended."""
    fields = (PROC / str(pid) / "stat").read_text().rpartition(")")[2].split()
    own, children = int(fields[11]) + int(fields[12]), int(fields[13]) + int(fields[14])
    return int(fields[1]), own / TICKS, (own + children) / TICKS


def _ours() -> float:
    """What this process and all that came out of it have used, as long as their parents are there."""
    used: dict[int, float] = {}
    parents: dict[int, int] = {}
    for pid in _pids():
        with contextlib.suppress(OSError):  # it ended in between
            parents[pid], _, used[pid] = _stat(pid)
    return sum(seconds for pid, seconds in used.items() if os.getpid() in _ancestry(pid, parents))


def _pids() -> Iterator[int]:
    return (int(path.name) for path in PROC.iterdir() if path.name.isdigit())


def _ancestry(pid: int, parents: dict[int, int]) -> Iterator[int]:
    while pid:
        yield pid
        pid = parents.get(pid, 0)


def _all() -> float:
    """What everything on the machine has used."""
    user, nice, system, _, _, irq, softirq, *_ = (PROC / "stat").read_text().split()[1:]
    return sum(map(int, (user, nice, system, irq, softirq))) / TICKS


class Neighbours:
    """How much of a core others took, for each second since the epoch that was watched."""

    def __init__(self) -> None:
        self.taken: dict[int, float] = {}

    @contextlib.asynccontextmanager
    async def watched(self) -> AsyncIterator[Neighbours]:
        async with asyncio.TaskGroup() as tasks:
            watching = tasks.create_task(self._watch())
            yield self
            watching.cancel()

    async def _watch(self) -> None:
        before = _all() - _ours()
        while True:
            await asyncio.sleep(1 - time.time() % 1)
            now = _all() - _ours()
            self.taken[int(time.time()) - 1] = now - before
            before = now

    def were_quiet(self, second: int) -> bool:
        """Whether others left us alone in this second and the one before, whose work may reach into it."""
        return all(self.taken.get(moment, 1.0) < QUIET for moment in (second - 1, second))

    @property
    def mean(self) -> float:
        return sum(self.taken.values()) / max(1, len(self.taken))
