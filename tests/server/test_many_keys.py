"""A gateway speaks for many lamps on one connection; nobody speaks for any number of them."""

from __future__ import annotations

import asyncio

import pytest

from broker.settings import Settings
from colonies.wire import errors
from colonies.wire.errors import CloseCode
from colonies.wire.identity import Identity
from tests.support.broker import Broker
from tests.support.peer import Peer, peer


async def test_a_connection_signs_with_so_many_keys_and_no_more(broker: Broker, link: Peer) -> None:
    async with peer(broker.address) as gateway:
        first = Identity.generate()
        keys = [first, *(Identity.generate() for _ in range(Settings().max_keys - 1))]
        await asyncio.gather(*[await gateway.send(key, "server.info") for key in keys])
        assert await gateway.call(first, "server.info")
        with pytest.raises(errors.Overloaded, match=r"4096 keys have signed on this connection.*open another"):
            await gateway.call(Identity.generate(), "server.info")
        assert await gateway.closed() == CloseCode.OVERLOADED
    assert await link.call(first, "server.info")
