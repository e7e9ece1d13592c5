"""Three brokers on three members, clients at work, and things that are broken at random: a short run of each scenario.

`make soak` runs them for longer and under more. A run that found something says its seed, which draws the same faults
again: `make soak SOAK="--scenario brokers --seed 7 --minutes 0.2 --rate 40 --workers 4"`.
"""

from __future__ import annotations

import secrets
from pathlib import Path

import pytest

from tests.support.replica_set import ReplicaSet

from .chaos import run
from .scenarios import WITH_DOORS

SECONDS = 12.0
RATE = 40.0
WORKERS = 4

BREAKS = {"brokers": "brokers", "primary": "primaries", "cut": "cuts"}


@pytest.mark.parametrize("scenario", BREAKS)
def test_what_was_promised_is_kept_whatever_breaks(
    scenario: str, request: pytest.FixtureRequest, tmp_path: Path
) -> None:
    replica_set: ReplicaSet = request.getfixturevalue("set_with_doors" if scenario in WITH_DOORS else "replica_set")
    seed = secrets.randbelow(1_000_000)
    said = run(scenario, replica_set, tmp_path, seconds=SECONDS, rate=RATE, seed=seed, workers=WORKERS)
    print(said)
    assert said.violations == []
    assert said.kills[BREAKS[scenario]] > 0
    assert said.ends["successful"] > 0
    # What a broker did not live to acknowledge may be there as well.
    assert said.ends.total() >= said.acknowledged > 0
