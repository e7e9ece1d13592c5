"""What a program of the load is told to do, and what it says came of it. They travel as JSON, a line each.

Counts are of histograms (`histogram.py`), so that those of several programs can be added up.
"""

from __future__ import annotations

from typing import TypeAlias

from msgspec import Struct

Counts: TypeAlias = dict[int, int]


class Plan(Struct, kw_only=True, frozen=True, tag=True):
    """What all plans share."""


class Lived(Struct, kw_only=True, frozen=True):
    """What one program did while it was measured. total: closed from beginning to end."""

    processes: int
    seconds: float
    took: Counts
    cpu_seconds: float
    total: int = 0


class Lifecycle(Plan, frozen=True, kw_only=True):
    """key: of who submits. workers: private keys of executors of that type, a socket each."""

    address: str
    key: str
    executortype: str
    producers: int
    workers: list[str]
    inflight: int
    warm_up: float
    seconds: float


class Submit(Plan, frozen=True, kw_only=True):
    address: str
    key: str
    batch: int
    inflight: int
    warm_up: float
    seconds: float


AnyPlan: TypeAlias = Lifecycle | Submit
