"""A broker that stands still: nothing waits for it for ever."""

from __future__ import annotations

import os
import signal
from collections.abc import Iterator
from pathlib import Path

import pytest

from broker.bench import colony as bench_colony
from broker.bench import link, plans, program
from broker.bench.colony import colony_at
from broker.bench.ground import Place
from broker.bench.meters import OfMetrics
from colonies.cli.failure import Failure
from tests.support.broker import Broker, running_broker


@pytest.fixture
def broker(tmp_path: Path) -> Iterator[Broker]:
    with running_broker(f"sqlite:{tmp_path / 'broker.db'}", tmp_path) as started:
        yield started
        os.kill(started.pid, signal.SIGCONT)


async def test_what_is_asked_has_a_limit_and_the_colony_that_remains_is_named(
    broker: Broker, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    place = Place(broker.address, broker.owner, OfMetrics(broker.address))

    async def measure() -> None:
        async with colony_at(place, remove=True) as colony:
            monkeypatch.setattr(link, "ANSWER_SECONDS", 0.1)
            monkeypatch.setattr(bench_colony, "REMOVE_SECONDS", 0.1)
            os.kill(broker.pid, signal.SIGSTOP)
            await colony.add_users(1)

    with pytest.raises(TimeoutError):
        await measure()
    said = capsys.readouterr().err
    assert "the colony bench-" in said
    assert f"at {broker.address} remains: remove it with `colonies colony remove" in said


async def test_a_load_that_says_nothing_is_given_up(broker: Broker, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(program, "SILENCE_SECONDS", 0.1)
    os.kill(broker.pid, signal.SIGSTOP)
    plan = plans.Connections(address=broker.address, number=1, seconds=0.1)

    async def load() -> None:
        async with program.running([plan], lambda _: None):
            """It never comes to that."""

    with pytest.raises(Failure, match=r"the load gave up \(connections\): it said nothing for 0.1 s"):
        await load()
