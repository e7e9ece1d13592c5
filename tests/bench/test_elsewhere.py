"""A broker that is not on the machine that measures."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from broker.bench.bench import Bench
from broker.bench.ground import Running
from broker.bench.meters import OfMetrics
from broker.bench.submit import submit
from broker.bench.tables import print_report
from tests.support.broker import Broker, running_broker


@pytest.fixture
def broker(tmp_path: Path) -> Iterator[Broker]:
    with running_broker(f"sqlite:{tmp_path / 'broker.db'}", tmp_path) as started:
        yield started


class Elsewhere(Running):
    """As if it were behind a tunnel."""

    async def is_here(self) -> bool:
        return False


async def test_one_of_this_machine_is_known_by_when_it_was_started(broker: Broker) -> None:
    assert await Running(broker.address, broker.owner).is_here()


@pytest.mark.parametrize("said", ["colonies_ready 1", "process_start_time_seconds 1.5e+09"])
async def test_one_that_is_no_program_of_this_machine_is_elsewhere(said: str, monkeypatch: pytest.MonkeyPatch) -> None:
    meter = OfMetrics("http://127.0.0.1:1")
    name, _, value = said.partition(" ")
    monkeypatch.setattr(meter, "_said", lambda: {name: float(value)})
    assert not await meter.is_here()


async def test_it_is_held_against_nothing_of_this_machine(broker: Broker, capsys: pytest.CaptureFixture[str]) -> None:
    bench = Bench(Elsewhere(broker.address, broker.owner), 0.2, 1, lambda _: None)
    await bench.begin()
    bench.add(submit=await submit(bench.setting(0.2), batch=100, inflight=4))
    report = bench.report()
    assert report.submit is not None
    rate = report.submit.rate
    assert rate.per_second > 0
    assert (rate.verifications, rate.of_verifications, rate.of_commits) == (None, None, None)
    assert (report.on_this_machine, report.promises) == (False, [])
    print_report(report)
    assert "no promise is judged" in capsys.readouterr().out
