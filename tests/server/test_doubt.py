"""What a database did and did not answer for: whoever asks again learns of it, and subscribers of the same broker too."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest

from colonies.wire import errors
from tests.conftest import database
from tests.support.broker import Broker, running_broker
from tests.support.colony import ColonyKeys, spec
from tests.support.mongod import Mongod
from tests.support.peer import Peer, peer

# It is done, and the majority was not there to make it last.
NOT_REPLICATED = {"code": 64, "errmsg": "waiting for replication timed out", "errInfo": {"wtimeout": True}}
PROCESSID = "a-process-in-doubt"


@pytest.fixture
def broker(mongod: Mongod, tmp_path: Path) -> Iterator[Broker]:
    with running_broker(database(mongod.address), tmp_path) as started:
        yield started


@pytest.fixture
async def ear(broker: Broker) -> AsyncIterator[Peer]:
    async with peer(broker.address) as link:
        yield link


async def test_a_submit_and_a_close_that_were_in_doubt_are_told_when_they_are_repeated(
    mongod: Mongod, keys: ColonyKeys, link: Peer, ear: Peer
) -> None:
    for state in (0, 2):
        await ear.call(keys.viewer, "subscribe", executortype="cli", state=state)
    submit = {"spec": spec(), "processid": PROCESSID}
    with mongod.failing("insert", writeConcernError=NOT_REPLICATED), pytest.raises(errors.Unavailable):
        await link.call(keys.operator, "process.submit", **submit)
    await link.call(keys.operator, "process.submit", **submit)
    await link.call(keys.operator, "process.submit", **submit)
    running = await link.call(keys.executor, "process.assign", timeout=10)
    close = {"processid": PROCESSID, "successful": True, "attempt": running["attempt"]}
    with mongod.failing("update", writeConcernError=NOT_REPLICATED), pytest.raises(errors.Unavailable):
        await link.call(keys.executor, "process.close", **close)
    await link.call(keys.executor, "process.close", **close)
    await link.call(keys.executor, "process.close", **close)
    last = await link.call(keys.operator, "process.submit", spec=spec("last"))
    assert await told(ear, last["processid"]) == [
        ("submitted", PROCESSID, 0),
        ("successful", PROCESSID, 1),
        ("submitted", last["processid"], 0),
    ]


async def told(ear: Peer, last: str) -> list[tuple[str, str, int]]:
    """What it is told, up to when this one is submitted; that it should look itself it may be told at any time."""
    heard: list[tuple[str, str, int]] = []
    async with asyncio.timeout(60):
        while not heard or heard[-1][1] != last:
            push = await ear.notified()
            if push["event"] != "backlog":
                heard.append((push["event"], push["process"]["processid"], push["process"]["attempt"]))
    return heard
