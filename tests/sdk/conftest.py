"""A strange broker, a dialogue that has heard its hello, and an operator's client of the real one."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from colonies import AsyncColonies
from tests.support.broker import Broker
from tests.support.colony import ColonyKeys

from .strange_broker import StrangeBroker
from .talk import Talk


@pytest.fixture
async def strange() -> AsyncIterator[StrangeBroker]:
    async with StrangeBroker.open() as opened:
        yield opened


@pytest.fixture
def in_given_order(monkeypatch: pytest.MonkeyPatch) -> None:
    """Clients go to the addresses that they are given in that order, and not in one of their own."""
    monkeypatch.setattr("colonies.attempts.shuffled", list)


@pytest.fixture
def talk() -> Talk:
    made = Talk()
    made.open()
    return made


@pytest.fixture
async def client(broker: Broker, keys: ColonyKeys) -> AsyncIterator[AsyncColonies]:
    async with AsyncColonies(broker.address, key=keys.operator) as opened:
        yield opened
