"""The histogram behind the percentiles."""

from __future__ import annotations

import math

from hypothesis import given
from hypothesis import strategies as st

from broker.bench.histogram import PARTS, Histogram, highest_in, part_of

SECONDS = st.floats(min_value=0, max_value=3600)
SHARES = st.floats(min_value=0, max_value=1)


@given(st.integers(min_value=0, max_value=1 << 60))
def test_every_value_lies_in_a_part_that_is_narrow(value: int) -> None:
    part = part_of(value)
    assert value <= highest_in(part) <= value + value // PARTS
    assert part_of(highest_in(part)) == part
    assert part_of(highest_in(part) + 1) == part + 1


@given(st.lists(SECONDS, min_size=1, max_size=200), SHARES)
def test_a_percentile_is_that_of_the_sorted_values_within_its_precision(values: list[float], share: float) -> None:
    exact = sorted(values)[max(0, math.ceil(share * len(values)) - 1)]
    found = Histogram.of(values).percentile(share)
    assert exact - 1e-9 <= found <= exact * (1 + 1 / PARTS) + 2e-9


@given(st.lists(SECONDS), st.lists(SECONDS))
def test_two_are_added_as_if_they_had_been_one(some: list[float], more: list[float]) -> None:
    both = Histogram.of(some)
    both += Histogram.of(more)
    assert both.counts == Histogram.of([*some, *more]).counts


def test_what_never_came_counts_as_later_than_all_that_did() -> None:
    said = Histogram.of([0.001] * 98 + [math.inf] * 2).percentiles()
    assert (said.count, said.missing, said.p99, said.max) == (100, 2, None, None)
    assert said.p90 is not None
    assert 1 <= said.p90 < 1.01


def test_of_nothing_there_are_no_percentiles() -> None:
    said = Histogram().percentiles()
    assert (said.count, said.missing, said.p50, said.max) == (0, 0, None, None)
