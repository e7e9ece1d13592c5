"""What was measured, held against what the machine can do, so that another machine may be compared.

V is measured just before and after a run and C once a call. Where the broker is on another
machine V is None, and so is every ratio.
"""

from __future__ import annotations

from .results import Machine, Rate


def rate_of(per_second: float, machine: Machine, verifications: float | None) -> Rate:
    """verifications: what a core verified a second just before and after."""
    return Rate(
        per_second=round(per_second, 2),
        verifications=None if verifications is None else round(verifications),
        of_verifications=of_verifications(per_second, verifications),
        of_commits=None if verifications is None else round(per_second / machine.commits, 5),
    )


def of_verifications(per_second: float, verifications: float | None) -> float | None:
    return None if verifications is None else round(per_second / verifications, 5)


def in_verifications(seconds: float, verifications: float | None) -> float | None:
    """How many signatures a core verifies in that time."""
    return None if verifications is None else round(seconds * verifications, 3)


def of_commit(ms: float | None, commit_ms: float | None) -> float | None:
    """None also where it never came."""
    return None if ms is None or commit_ms is None else round(ms / commit_ms, 3)


def mean(before: float | None, after: float | None) -> float | None:
    """Of what was measured before and after a run."""
    return None if before is None or after is None else (before + after) / 2
