"""What every measurement is given."""

from __future__ import annotations

import asyncio
from typing import NamedTuple

from . import machine
from .ground import Ground
from .program import Say
from .results import Machine

# A run that is shorter than this warms up for a shorter time too.
FULL_SECONDS = 4.0
VERIFYING_SECONDS = 0.5


class Setting(NamedTuple):
    """What is asked for, and where.

    seconds   how long each run is measured.
    programs  how many the load is spread over, where it can be.
    is_here   the broker runs on this machine, so that it may be held against what this machine can do.
    """

    ground: Ground
    machine: Machine
    seconds: float
    programs: int
    say: Say
    is_here: bool = True

    async def verifications(self) -> float | None:
        """V of this moment, while nothing of ours runs: machines that are shared are not always equally fast.

        None where the broker is on another machine, of which it would say nothing.
        """
        if not self.is_here:
            return None
        return await asyncio.to_thread(machine.verifications, VERIFYING_SECONDS * self.warmth)

    @property
    def warmth(self) -> float:
        return min(1.0, self.seconds / FULL_SECONDS)


def share(number: int, among: int, index: int) -> int:
    """What one of them has to do of it."""
    return number // among + (index < number % among)
