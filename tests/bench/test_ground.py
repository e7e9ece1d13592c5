"""Brokers that are started for a measurement."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from pathlib import Path

import pytest

from broker.bench import connections
from broker.bench.colony import Colony, colony_at, colony_on
from broker.bench.ground import on_store
from broker.bench.lifecycle import Crowd, lifecycle
from broker.bench.link import Link, in_time
from broker.bench.meters import Meter
from broker.bench.results import Idle
from broker.bench.setting import Setting
from broker.bench.submit import submit
from colonies.cli.failure import Failure
from tests.cli.waiting import is_alive

from . import reports


async def one_lifecycle(setting: Setting) -> object:
    return await lifecycle(setting, Crowd(1, 1))


async def test_a_broker_that_is_started_again_has_what_was_stored(tmp_path: Path) -> None:
    async with on_store(f"sqlite:{tmp_path / 'x.db'}").place() as place:
        async with colony_at(place, remove=False) as colony:
            await colony.add_executors(["bench"])
        again = await place.afresh()
        assert not is_alive(*place.broker.pids)
        assert is_alive(*again.broker.pids)
        link = await Link(again.address).connect()
        (stored,) = await in_time(link.ask(colony.operator, "executor.list"))
        assert len(stored) == 1
        link.close()
    assert not is_alive(*again.broker.pids)


async def test_connections_are_held_at_a_broker_that_did_nothing_before(monkeypatch: pytest.MonkeyPatch) -> None:
    """What adding their executors left free in it would take them in."""
    measured: list[int] = []
    idle = connections._idle

    async def noted(setting: Setting, server: str, address: str, meter: Meter, number: int, keys: list[str]) -> Idle:
        measured.extend(meter.pids)
        return await idle(setting, server, address, meter, number, keys)

    monkeypatch.setattr(connections, "_idle", noted)
    ground = on_store("")
    setting = Setting(ground, reports.MACHINE, 0.1, 1, lambda _: None)
    async with colony_on(ground) as colony:
        added = list(colony.place.broker.pids)
        found = await connections._at_broker(setting, colony, 3)
    assert found.connections == 3
    assert len(measured) == 1
    assert measured != added


@pytest.mark.parametrize("measure", [lambda setting: submit(setting, batch=10, inflight=2), one_lifecycle])
async def test_what_clients_were_told_is_held_against_the_store(
    measure: Callable[[Setting], Awaitable[object]], monkeypatch: pytest.MonkeyPatch
) -> None:
    setting = Setting(on_store(""), reports.MACHINE, 0.1, 1, lambda _: None)
    await measure(setting)
    stored_as = Colony.stored_as

    async def less(colony: Colony, state: str) -> int:
        return await stored_as(colony, state) - 1

    monkeypatch.setattr(Colony, "stored_as", less)
    with pytest.raises(Failure, match="clients were told"):
        await measure(setting)
