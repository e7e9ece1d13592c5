"""`--retain`: what ended longer ago goes by itself, and what has not ended stays."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

from colonies.wire import errors
from colonies.wire.identity import Identity
from tests.support.broker import Broker
from tests.support.colony import make_colony, spec
from tests.support.peer import Peer, peer

TWO_SECONDS = str(2 / 86_400)


async def test_what_ended_goes_and_what_waits_stays(fresh_store: str, start_broker: Callable[..., Broker]) -> None:
    broker = start_broker(fresh_store, "--retain", TWO_SECONDS)
    async with peer(broker.address) as link:
        keys = await make_colony(link, broker.owner)
        ended, waiting = [await link.call(keys.operator, "process.submit", spec=spec()) for _ in range(2)]
        await link.call(keys.operator, "process.cancel", processid=ended["processid"])
        async with asyncio.timeout(60):
            await gone(link, keys.viewer, ended["processid"])
        kept = await link.call(keys.viewer, "process.get", processid=waiting["processid"])
    assert kept["state"] == 0
    assert "old processes were removed" in broker.log()


async def gone(link: Peer, key: Identity, processid: str) -> None:
    while True:
        try:
            await link.call(key, "process.get", processid=processid)
        except errors.NotFound:
            return
        await asyncio.sleep(0.1)  # nobody is told of a removal
