"""A broker on a MongoDB that is too slow: `/readyz` says so, requests end within their limits, and it heals by itself."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from colonies.wire import errors
from tests.conftest import database
from tests.support.broker import Broker, running_broker
from tests.support.colony import make_colony, spec
from tests.support.mongod import Mongod
from tests.support.peer import peer

SOON = 20.0  # the limit of a call is five seconds, and the machine may be busy
LONGER_THAN_A_CALL_MS = 8000


@pytest.fixture
def broker(mongod: Mongod, tmp_path: Path) -> Iterator[Broker]:
    with running_broker(database(mongod.address), tmp_path) as started:
        yield started


async def ready(broker: Broker) -> tuple[int, str]:
    async with httpx.AsyncClient(trust_env=False) as client:
        answer = await client.get(f"{broker.address}/readyz", timeout=SOON)
        return answer.status_code, answer.text


async def test_a_database_that_takes_no_write_in_time_is_said_and_what_is_repeated_then_is_done_once(
    mongod: Mongod, broker: Broker
) -> None:
    processid = "0" * 32
    async with peer(broker.address) as link:
        keys = await make_colony(link, broker.owner)
        assert await ready(broker) == (200, "ready\n")
        with mongod.failing("insert", "update", blockConnection=True, blockTimeMS=LONGER_THAN_A_CALL_MS):
            status, why = await ready(broker)
            assert (status, why.startswith("the store is unavailable: ")) == (503, True)
            async with asyncio.timeout(SOON):
                with pytest.raises(errors.Unavailable):
                    await link.call(keys.operator, "process.submit", spec=spec(), processid=processid)
        async with asyncio.timeout(60):
            while (await ready(broker))[0] != 200:
                pass
            again = await link.call(keys.operator, "process.submit", spec=spec(), processid=processid)
        assert again["processid"] == processid
        page = await link.call(keys.viewer, "process.list", limit=10)
    assert [one["processid"] for one in page["processes"]] == [processid]
    said = broker.log()
    assert "the store cannot be reached" in said
    assert "the store answers again" in said
    assert "Traceback" not in said
