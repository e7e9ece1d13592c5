"""How long to wait before trying again, and where: so that many clients do not come back at once to one place."""

from __future__ import annotations

import random
from collections.abc import Sequence

BASE_SECONDS = 0.1
CAP_SECONDS = 10.0
# Of its own: a program that seeds `random` must not make all its clients come back together.
_jitter = random.Random()


def full_jitter(failures: int, *, cap: float = CAP_SECONDS) -> float:
    """Seconds to wait after so many failures in a row (1 or more): anything up to a limit that doubles."""
    return _jitter.uniform(0, min(cap, BASE_SECONDS * 2 ** min(failures - 1, 16)))


def shuffled(addresses: Sequence[str]) -> list[str]:
    return _jitter.sample(addresses, len(addresses))
