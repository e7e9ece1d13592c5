"""A histogram of durations in the manner of HdrHistogram: every value is kept within a fixed relative error.

Values are nanoseconds. Each power of two is divided into `PARTS` equal parts, so a value is
known to 0.8 % wherever it lies, and what was counted by several programs can be added up.
It is ours because the package `hdrhistogram` brings `setuptools` and `pbr` along at run time
and no types, for what are forty lines here.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping

from .results import Percentiles

PARTS = 128
_BITS = PARTS.bit_length() - 1  # of the part
NEVER = -1  # the key of what did not come; it counts as later than everything that did


class Histogram:
    """counts: how many values each part holds, by the number of the part."""

    def __init__(self, counts: Mapping[int, int] | None = None) -> None:
        self.counts: dict[int, int] = dict(counts or {})

    @classmethod
    def of(cls, seconds: Iterable[float]) -> Histogram:
        histogram = cls()
        for one in seconds:
            histogram.add(one)
        return histogram

    def add(self, seconds: float) -> None:
        """Count one duration. Infinite: it never ended. Less than nothing counts as nothing."""
        part = NEVER if math.isinf(seconds) else part_of(max(0, round(seconds * 1e9)))
        self.counts[part] = self.counts.get(part, 0) + 1

    def __iadd__(self, other: Histogram) -> Histogram:
        for part, count in other.counts.items():
            self.counts[part] = self.counts.get(part, 0) + count
        return self

    def __len__(self) -> int:
        return sum(self.counts.values())

    @property
    def never(self) -> int:
        return self.counts.get(NEVER, 0)

    def percentile(self, share: float) -> float:
        """The least duration that so large a share does not exceed, in seconds; infinite where that never came."""
        left = max(1, math.ceil(share * len(self)))
        for part in sorted(part for part in self.counts if part != NEVER):
            left -= self.counts[part]
            if left <= 0:
                return highest_in(part) / 1e9
        return math.inf

    def percentiles(self) -> Percentiles:
        def ms(share: float) -> float | None:
            seconds = self.percentile(share) if len(self) else math.inf
            return None if math.isinf(seconds) else round(seconds * 1000, 4)

        return Percentiles(
            count=len(self), missing=self.never, p50=ms(0.5), p90=ms(0.9), p99=ms(0.99), p999=ms(0.999), max=ms(1)
        )


def part_of(value: int) -> int:
    """The number of the part in which a value lies; larger values never lie in a smaller one."""
    shift = max(0, value.bit_length() - _BITS - 1)
    return shift * PARTS + (value >> shift)


def highest_in(part: int) -> int:
    """The largest value of a part."""
    shift = max(0, part // PARTS - 1)
    return ((part - shift * PARTS + 1) << shift) - 1
