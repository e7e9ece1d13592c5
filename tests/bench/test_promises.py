"""What was promised beside what was measured."""

from __future__ import annotations

import re
from typing import Any

import msgspec
import pytest

from broker.bench.outcome import refuse_broken
from broker.bench.promises import with_promises
from broker.bench.results import Promise
from colonies.cli.failure import Failure

from . import reports


def promised(store: str = "sqlite", **results: Any) -> list[Promise]:
    return with_promises(reports.report(store, **results)).promises


def reached(store: str = "sqlite", **results: Any) -> list[bool | None]:
    return [promise.reached for promise in promised(store, **results)]


@pytest.mark.parametrize(
    ("results", "said"),
    [
        ({"lifecycle": [reports.lifecycle(0.25)]}, [True]),
        ({"lifecycle": [reports.lifecycle(0.249)]}, [False]),
        ({"lifecycle": [reports.lifecycle(0.2, producers=8, workers=8)]}, [True]),
        ({"lifecycle": [reports.lifecycle(0.2, producers=8, workers=9)]}, []),
        ({"submit": reports.submit(0.8)}, [True]),
        ({"submit": reports.submit(0.79)}, [False]),
        ({"latency": reports.latency(1.5)}, [True, True]),
        ({"latency": reports.latency(1.6)}, [False, True]),
        ({"latency": reports.latency(None)}, [False, False]),
        ({"fanout": reports.fanout(0.8)}, [True]),
        ({"fanout": reports.fanout(0.79)}, [False]),
        ({"connections": reports.connections(1.5)}, [True, True]),
        ({"connections": reports.connections(1.6, cores=0.03)}, [False, False]),
        ({"backlog": reports.backlog(1.3)}, [True, True, True]),
        ({"backlog": reports.backlog(1.31, late=251)}, [False, False, True]),
    ],
)
def test_each_is_kept_or_not(results: dict[str, Any], said: list[bool]) -> None:
    assert reached(**results) == said


def test_each_store_has_its_own() -> None:
    assert reached("mongodb 6.0", lifecycle=[reports.lifecycle(0.1)]) == [True]
    assert reached("mongodb 6.0", latency=reports.latency(4.1)) == [False, True]
    assert reached("mongodb 6.0", submit=reports.submit(0.1)) == []


def test_it_is_said_in_the_unit_of_the_promise() -> None:
    (memory, idle) = promised(connections=reports.connections(1.234, cores=0.0123))
    assert (memory.promised, memory.measured) == ("≤ 1.5 ×", "1.23 ×")
    assert (idle.promised, idle.measured) == ("< 3 % of a core", "1.23 % of a core")
    assert promised(latency=reports.latency(None))[0].measured == "never"


@pytest.mark.parametrize(
    "results",
    [
        {"connections": reports.connections(None, cores=None)},
        {"connections": reports.connections(1.0, cores=None)},
        {"backlog": reports.backlog(1.0, spent=reports.UNSEEN)},
    ],
)
def test_what_was_not_seen_is_neither_kept_nor_broken(results: dict[str, Any]) -> None:
    report = with_promises(reports.report(**results))
    unseen = [promise for promise in report.promises if promise.measured == "not seen"]
    assert unseen
    assert all(promise.reached is None and promise.not_judged for promise in unseen)
    refuse_broken(report)


def test_those_that_are_broken_are_named() -> None:
    report = with_promises(reports.report(connections=reports.connections(1.6)))
    with pytest.raises(Failure, match="a promise was not kept: 5,000 idle connections, memory of each"):
        refuse_broken(report)


def test_the_worse_of_wall_and_processor_time_is_judged() -> None:
    (wall, *_) = promised(backlog=reports.backlog(1.1, wall=1.4))
    assert (wall.what[-9:], wall.measured, wall.reached) == ("wall time", "1.4 ×", False)
    (cpu, *_) = promised(backlog=reports.backlog(1.2, wall=1.1))
    assert (cpu.what[-14:], cpu.measured, cpu.reached) == ("processor time", "1.2 ×", True)


SHORT = msgspec.structs.replace(reports.SPENT, seconds=1.0)
FEW = msgspec.structs.replace(reports.percentiles(), count=10)


@pytest.mark.parametrize(
    ("field", "measured", "asked", "why"),
    [
        ("lifecycle", reports.lifecycle(0.3), {"inflight": 1000}, "processes on their way: 1000,"),
        ("lifecycle", reports.lifecycle(0.1), {"spent": SHORT}, "1 s were measured"),
        ("submit", reports.submit(0.9), {"inflight": 64}, "frames on their way: 64,"),
        ("submit", reports.submit(0.9), {"spent": SHORT}, "1 s were measured"),
        ("latency", reports.latency(1.0), {"due_to_worker": FEW}, "10 submits"),
        ("fanout", reports.fanout(0.9), {"inflight": 64}, "messages on their way: 64,"),
        ("fanout", reports.fanout(0.9), {"broker": reports.deliveries("broker", SHORT)}, "1 s were measured"),
        ("connections", reports.connections(1.0), {"seconds": 1.0}, "1 s were measured"),
        ("backlog", reports.backlog(1.0, assigns=120, fired=99), {}, "120 assigns|99 limits"),
    ],
)
def test_what_was_asked_for_otherwise_is_not_judged(field: str, measured: Any, asked: dict[str, Any], why: str) -> None:
    run = msgspec.structs.replace(measured, **asked)
    results: dict[str, Any] = {field: [run] if field == "lifecycle" else run}
    report = with_promises(reports.report(**results))
    assert report.promises
    for promise in report.promises:
        assert promise.reached is None
        assert re.search(why, promise.not_judged)
    refuse_broken(report)
