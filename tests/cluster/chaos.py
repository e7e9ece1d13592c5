"""Clients at work while things are broken at random; then everything heals, and the checker decides.

`python -m tests.cluster.chaos --help`, or `make soak`.
"""

from __future__ import annotations

import argparse
import random
import secrets
import shutil
import sys
import tempfile
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

from tests.support.replica_set import ReplicaSet, running_replica_set

from .checker import violations
from .cluster import ClientsStuck, Cluster
from .history import Event
from .scenarios import SCENARIOS, WITH_DOORS, Faults
from .silence import SILENT_SECONDS, longest_silence, waits


class Summary(NamedTuple):
    scenario: str
    seed: int
    acknowledged: int
    ends: Counter[str]
    kills: dict[str, int]
    reconnects: int
    overruns: int
    refused: Counter[str]
    longest_wait: float
    longest_silence: float
    events: int
    violations: list[str]

    def __str__(self) -> str:
        def counts(of: dict[str, int]) -> str:
            return ", ".join(f"{number} {name}" for name, number in sorted(of.items())) or "none"

        lines = [
            f"scenario        {self.scenario}, seed {self.seed}",
            f"submits         {self.acknowledged} acknowledged",
            f"ends            {counts(self.ends)}",
            f"broken          {counts(self.kills)}",
            f"reconnects      {self.reconnects}",
            f"overruns        {self.overruns}",
            f"refusals        {counts(self.refused)}",
            f"longest wait    {self.longest_wait:.1f} s in the queue",
            f"longest silence {self.longest_silence:.1f} s towards somebody connected; {SILENT_SECONDS:g} s is too long",
            f"history         {self.events} events",
            f"violations      {len(self.violations)}",
        ]
        return "\n".join([*lines, *self.violations[:20]])


def run(
    scenario: str, replica_set: ReplicaSet, folder: Path, *, seconds: float, rate: float, seed: int, workers: int
) -> Summary:
    """Break things for so many seconds under so many submits a second; say what came of it."""
    dice = random.Random(f"{seed} {scenario}")
    loops = max(2, round(rate / workers / 8))  # one takes ten or more a second
    with Cluster(replica_set, folder, workers=workers, loops=loops, rate=rate, seed=seed) as cluster:
        stuck = []
        try:
            SCENARIOS[scenario](Faults(cluster, dice, seconds))
            replica_set.heal()
            cluster.finish()
            cluster.look_again()
            cluster.quit()
        except ClientsStuck as error:  # what clients were told until then may say why
            stuck = [str(error)]
        return summary(scenario, seed, cluster.history(), cluster.kills, stuck)


def summary(scenario: str, seed: int, history: Sequence[Event], kills: dict[str, int], stuck: Sequence[str]) -> Summary:
    last = {event.processid: event for event in history if event.what == "seen"}
    words = {2: "successful", 3: "failed", 4: "cancelled"}
    return Summary(
        scenario=scenario,
        seed=seed,
        acknowledged=len({event.processid for event in history if event.what == "submitted"}),
        ends=Counter(words.get(event.state, "open") for event in last.values()),
        kills=kills,
        reconnects=sum(event.what == "deaf" for event in history),
        overruns=sum(one.ended == "overrun" for event in last.values() for one in event.tries),
        refused=Counter(event.error for event in history if event.what == "refused"),
        longest_wait=max((wait.end - wait.start for _, _, wait in waits(history)), default=0),
        longest_silence=longest_silence(history),
        events=len(history),
        violations=[*stuck, *violations(history)],
    )


def main(arguments: Sequence[str]) -> int:
    parser = argparse.ArgumentParser(prog="make soak SOAK=...", description=__doc__)
    parser.add_argument(
        "--scenario", choices=[*SCENARIOS, "all"], default="all", help="what is broken; all: each in turn"
    )
    parser.add_argument("--minutes", type=float, default=2, help="how long things are broken, in each scenario")
    parser.add_argument("--rate", type=float, default=200, help="submits a second")
    parser.add_argument("--workers", type=int, default=8, help="executors")
    parser.add_argument("--seed", type=int, default=None, help="draws the same faults again")
    parser.add_argument("--keep", action="store_true", help="keep the history and the logs also when all is well")
    given = parser.parse_args(arguments)
    seed = secrets.randbelow(1_000_000) if given.seed is None else given.seed
    scenarios = list(SCENARIOS) if given.scenario == "all" else [given.scenario]
    return max(_soak(scenario, given, seed) for scenario in scenarios)


def _soak(scenario: str, given: argparse.Namespace, seed: int) -> int:
    """Run one on a replica set of its own. What it leaves is kept when there is something to find out."""
    print(f"{scenario}: {given.minutes:g} minutes at {given.rate:g}/s, seed {seed}", flush=True)
    folder = Path(tempfile.mkdtemp(prefix=f"soak-{scenario}-"))
    how = {"seconds": given.minutes * 60, "rate": given.rate, "seed": seed, "workers": given.workers}
    kept = given.keep
    try:
        with running_replica_set(folder / "set", with_doors=scenario in WITH_DOORS) as replica_set:
            said = run(scenario, replica_set, folder, **how)
        print(said, flush=True)
        kept = kept or bool(said.violations)
    except BaseException:
        kept = True
        raise
    finally:
        shutil.rmtree(folder / "set", ignore_errors=True)
        if kept:
            print(f"history and logs of brokers are in {folder}", flush=True)
        else:
            shutil.rmtree(folder)
    return 1 if said.violations else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
