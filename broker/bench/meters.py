"""What a program uses of the machine: processor time to the nanosecond, and memory.

A program of this machine is looked at from outside and feels nothing of it. A broker that
somebody else started is asked over `/metrics`, which says less: its peak is not among it.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import time
import urllib.request
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import NamedTuple, Protocol

from colonies.cli.failure import Failure

from .results import Usage

PROC = Path("/proc")
METRICS_SECONDS = 30.0
TICK_SECONDS = 0.02  # two of the kernel's


class Reading(NamedTuple):
    """cpu_seconds: used since the program was started. Where they cannot be seen: None, None and 0."""

    cpu_seconds: float | None
    rss_bytes: int | None
    peak_bytes: int


class Meter(Protocol):
    @property
    def pids(self) -> Sequence[int]:
        """The programs of this machine that are meant; none where they are not known."""
        ...

    async def read(self) -> Reading: ...


class OfPrograms:
    """Programs of this machine, all of them together."""

    def __init__(self, *pids: int) -> None:
        self.pids = pids

    async def read(self) -> Reading:
        """Failure where one of them has ended."""
        used = [_reading(pid) for pid in self.pids]
        cpu = sum(one.cpu_seconds or 0.0 for one in used)
        return Reading(cpu, sum(one.rss_bytes or 0 for one in used), sum(one.peak_bytes for one in used))


class OfMetrics:
    """A broker that is known by its address."""

    pids = ()

    def __init__(self, address: str) -> None:
        self._address = address

    async def read(self) -> Reading:
        said = await asyncio.to_thread(self._said)
        cpu, rss = said.get("process_cpu_seconds_total"), said.get("process_resident_memory_bytes")
        return Reading(cpu, None if rss is None else int(rss), 0)

    async def is_here(self) -> bool:
        """Whether it is a program of this machine: one of them was started when it says that it was.

        An address says less: behind one of this machine there may be a tunnel, or a load balancer.
        """
        said = (await asyncio.to_thread(self._said)).get("process_start_time_seconds")
        return said is not None and any(abs(said - start) < TICK_SECONDS for start in _starts())

    def _said(self) -> dict[str, float]:
        with urllib.request.urlopen(f"{self._address}/metrics", timeout=METRICS_SECONDS) as answer:
            lines = answer.read().decode().splitlines()
        return {line.split()[0]: float(line.split()[1]) for line in lines if line.startswith("process_")}


def _starts() -> Iterator[float]:
    """When each program of this machine was started, in seconds since the epoch, as Prometheus' client says it."""
    booted = next(int(line.split()[1]) for line in (PROC / "stat").read_text().splitlines() if line.startswith("btime"))
    for path in PROC.glob("[0-9]*/stat"):
        with contextlib.suppress(OSError):  # it has ended
            ticks = int(path.read_text().rpartition(")")[2].split()[19])
            yield booted + ticks / os.sysconf("SC_CLK_TCK")


def _reading(pid: int) -> Reading:
    try:
        return Reading(cpu_seconds(pid), memory(pid, "VmRSS"), memory(pid, "VmHWM"))
    except OSError as error:
        raise Failure(f"program {pid} ended while it was measured: look at what it said, and measure again") from error


def cpu_seconds(pid: int) -> float:
    """What a program has used so far, all its threads together: its clock, as clock_getcpuclockid(3) names it."""
    return time.clock_gettime((~pid << 3) | 2)


def busy_seconds() -> float:
    """What everything on this machine has used so far, to a hundredth of a second."""
    user, nice, system, _, _, irq, softirq, *_ = (PROC / "stat").read_text().split()[1:]
    return sum(map(int, (user, nice, system, irq, softirq))) / os.sysconf("SC_CLK_TCK")


def memory(pid: int, name: str) -> int:
    """VmRSS: resident now, VmHWM: at most so far; in bytes."""
    for line in (PROC / str(pid) / "status").read_text().splitlines():
        if line.startswith(f"{name}:"):
            return int(line.split()[1]) * 1024
    return 0


def usage(before: Reading, after: Reading, seconds: float) -> Usage:
    if before.cpu_seconds is None or after.cpu_seconds is None:
        return Usage(cpu_seconds=None, cores=None, peak_bytes=after.peak_bytes)
    used = after.cpu_seconds - before.cpu_seconds
    return Usage(cpu_seconds=round(used, 4), cores=round(used / seconds, 4), peak_bytes=after.peak_bytes)
