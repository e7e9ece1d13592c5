"""What a load uses of the machine."""

from __future__ import annotations

import subprocess
import sys
import time
from collections.abc import Iterator
from typing import Any

import pytest

from broker.bench import spending as bench_spending
from broker.bench.load.latency import AWAKE_SECONDS, awake_seconds
from broker.bench.meters import OfPrograms
from broker.bench.spending import spending

LOADS = ("while True: pass", "import time; time.sleep(1000)")


@pytest.fixture
def programs() -> Iterator[list[Any]]:
    """One that does nothing else than use its core, and one that uses nothing."""
    started = [subprocess.Popen([sys.executable, "-c", script]) for script in LOADS]
    yield started
    for one in started:
        one.kill()
        one.wait()


@pytest.mark.parametrize("full", [0.0, 100.0])
async def test_the_busiest_program_says_whether_the_load_was_measured(
    programs: list[Any], full: float, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(bench_spending, "FULL_CORES", full)
    spent = await spending(OfPrograms(), None, programs, time.monotonic(), 0.3)
    assert 0 < spent.busiest_load <= (spent.load.cores or 0) + 0.001
    assert spent.is_load_bound == (full == 0)


@pytest.mark.parametrize("rate", [0.1, 20, 333, 1000])
def test_looking_out_never_takes_more_than_a_fifth_of_the_pace(rate: float) -> None:
    assert awake_seconds(rate) <= AWAKE_SECONDS
    assert awake_seconds(rate) * rate <= 0.2 + 1e-9
