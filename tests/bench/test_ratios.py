"""Figures beside what the machine can do."""

from __future__ import annotations

import pytest

from broker.bench import ratios
from broker.bench.fanout import fanout
from broker.bench.ground import on_store
from broker.bench.latency import latency
from broker.bench.setting import Setting
from broker.bench.tables import print_report

from . import reports


@pytest.fixture
def setting() -> Setting:
    return Setting(on_store(""), reports.MACHINE, 0.2, 1, lambda _: None)


def test_a_rate_is_of_v_and_a_time_in_verifications() -> None:
    assert ratios.of_verifications(4_000, 16_000) == 0.25
    assert ratios.in_verifications(0.001, 16_000) == 16
    assert ratios.of_commit(3.0, 1.5) == 2
    assert ratios.of_commit(None, 1.5) is None


def test_elsewhere_there_is_none() -> None:
    assert ratios.rate_of(10, reports.MACHINE, None).of_commits is None
    assert ratios.of_verifications(4_000, None) is ratios.in_verifications(1, None) is ratios.mean(None, 1) is None


async def test_deliveries_are_of_v(setting: Setting) -> None:
    found = await fanout(setting, subscribers=5, inflight=1)
    for one in (found.broker, found.starlette, found.broadcast):
        assert one.of_verifications
        assert 1_000 < one.per_second / one.of_verifications < 1_000_000


async def test_latencies_are_of_a_commit_alone(setting: Setting) -> None:
    found = await latency(setting, rate=40)
    assert len(found.of_commit) == 6
    assert found.commit_ms
    for name, ratio in found.of_commit.items():
        assert ratio == pytest.approx(getattr(found, name).p50 / found.commit_ms, abs=0.001)


def test_tables_show_them(capsys: pytest.CaptureFixture[str]) -> None:
    print_report(reports.whole())
    said = capsys.readouterr().out
    assert "p50, commits" in said
    assert "verifications" in said
    assert "6.25" in said
