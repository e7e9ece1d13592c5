"""What measures many brokers measures what it says: every step of every process, and none that did not happen."""

from __future__ import annotations

import math
from pathlib import Path

import pytest

from bench.cluster import latency, tables
from bench.cluster.arithmetic import MANY, Costs, costs, reach
from bench.cluster.measure import Measurement, options_of
from bench.cluster.throughput import Run
from tests.support.replica_set import ReplicaSet


def a_run(**given: object) -> Run:
    """One broker at 100 processes a second, which is told of nothing, on a machine that has nothing else to do."""
    quiet: dict[str, object] = {"what": "1 works", "seconds": 10.0, "processes": 1000, "brokers": [0.1], "beside": []}
    quiet |= {"mongods": [0.2, 0.1, 0.1], "load": 0.1, "neighbours": 0.0, "elected": False, "repeated": 0}
    quiet |= {"changes": 0.0, "lag": 0.0, "claims": 1000.0, "moves": 3000.0, "batches": 300.0}
    return Run(**{**quiet, **given})  # type: ignore[arg-type]


# — how it counts —


def test_a_press_is_shown_when_the_lamp_has_it_or_a_later_one() -> None:
    assert latency.shown([(0, 1.0), (3, 2.0), (2, 3.0), (4, 4.0)]) == {0: 1.0, 1: 2.0, 2: 2.0, 3: 2.0, 4: 4.0}


def test_latencies_begin_when_something_was_due_and_what_never_came_is_later_than_all() -> None:
    one = latency.latency("", [1.0, 2.0, 3.0, 4.0], {0: 1.010, 1: 2.020, 3: 4.030})
    assert (one.number, one.missing) == (4, 1)
    assert (round(one.p50), round(one.most, 1)) == (20, math.inf)


@pytest.mark.parametrize(("part", "value"), [(0.5, 50), (0.9, 90), (0.99, 99), (1, 100), (0.001, 1)])
def test_a_percentile_is_one_of_the_values(part: float, value: int) -> None:
    assert latency.percentile(list(range(1, 101)), part) == value


def test_what_a_change_costs_is_told_from_what_a_process_costs() -> None:
    nothing = a_run(beside=[0.01, 0.01], mongods=[0.23, 0.1, 0.1], streams=10)
    everything = a_run(beside=[0.07, 0.07], mongods=[0.26, 0.1, 0.1], streams=10, changes=6000.0)
    found = costs(a_run(), nothing, everything)
    assert found.process == pytest.approx(0.001)
    assert found.changes == pytest.approx(3)
    assert found.change == pytest.approx(0.12 * 10 / 6000)
    assert [found.primary, found.others] == pytest.approx([0.002, 0.002])
    # Ten streams and three changes: thirty times a change for a broker.
    assert [found.passed, found.told] == pytest.approx([0.0003 / 30, 0.0006 / 30])


def test_what_many_brokers_could_do_is_what_their_cores_have_time_for() -> None:
    cost = Costs(process=0.001, change=0.0001, changes=3, primary=0.002, others=0, passed=0.00001, told=0.0001)
    one, ten = reach(cost, 1), reach(cost, 10)
    assert [one.rate, one.primary] == pytest.approx([1000, 2])
    assert ten.rate == pytest.approx(10 / (0.001 + 3 * 0.9 * 0.0001))
    # Of nine others 0.9 are told and 8.1 are not.
    assert ten.primary == pytest.approx(ten.rate * (0.002 + 3 * (0.9 * 0.0001 + 8.1 * 0.00001)))
    assert ten.rate_when_all_hear_all == pytest.approx(10 / (0.001 + 3 * 9 * 0.0001))


def test_it_says_what_limits() -> None:
    assert tables.limit(a_run(brokers=[0.95])) == "a broker's core"
    assert tables.limit(a_run(brokers=[0.5] * 200, load=1.0)) == "all cores, most by brokers"
    assert tables.limit(a_run()) == "waiting"
    assert tables.limit(a_run(elected=True)) == "an election"


# — what it does, for a moment —


def measurement(replica_set: ReplicaSet, folder: Path, parts: str) -> Measurement:
    few = "--brokers 2 --seconds 1 --load-seconds 1 --warm-up 0.5 --producers 4 --workers 4 --window 8"
    return Measurement(options_of(["--parts", parts, *few.split()]), replica_set, folder)


async def test_at_a_pace_everything_that_was_due_is_accounted_for(
    replica_set: ReplicaSet, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    made = measurement(replica_set, tmp_path, "lamp,assign")
    await made.run()
    lamp, assign = made.measured.lamp, made.measured.assign
    assert lamp
    assert assign
    assert [(one.what, one.number, one.missing) for one in (*lamp.latencies, *assign.latencies)] == [
        ("submit acknowledged", 20, 0),
        ("event at the lamp", 20, 0),
        ("lamp shows it, or a later one", 20, 0),
        ("submit acknowledged", 20, 0),
        ("worker has it", 20, 0),
    ]
    assert all(0 < one.p50 <= one.p90 <= one.p99 <= one.most for one in (*lamp.latencies, *assign.latencies))
    assert "promised: under 50 ms" in capsys.readouterr().out


async def test_as_fast_as_it_goes_every_broker_works_and_changes_are_read_where_they_are_to_be(
    replica_set: ReplicaSet, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    made = measurement(replica_set, tmp_path, "throughput")
    await made.run()
    runs = {run.what: run for run in made.measured.runs}
    assert list(runs) == ["1 works", "2 work", "1 works, 1 hear nothing of it", "1 works, 1 hear all of it"]
    assert all(run.processes and run.claims and run.moves >= run.batches > 0 for run in runs.values())
    assert [len(run.brokers + run.beside) for run in runs.values()] == [1, 2, 2, 2]
    assert [bool(run.changes) for run in runs.values()] == [False, True, False, True]
    assert [run.streams for run in runs.values()] == [0, 0, 9, 9]
    assert [one.brokers for one in made.measured.reaches] == list(MANY)
    assert made.measured.costs
    assert made.measured.costs.changes > 1
    told = capsys.readouterr().out
    assert all(what in told for what in runs)
