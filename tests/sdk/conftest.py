"""A strange broker, and a dialogue that has heard its hello."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from .strange_broker import StrangeBroker
from .talk import Talk


@pytest.fixture
async def strange() -> AsyncIterator[StrangeBroker]:
    async with StrangeBroker.open() as opened:
        yield opened


@pytest.fixture
def talk() -> Talk:
    made = Talk()
    made.open()
    return made
