"""A broker is killed and started again on its address: clients go on by themselves."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

from colonies import AsyncColonies, Worker
from tests.support.broker import Broker
from tests.support.colony import make_colony, spec
from tests.support.peer import peer


async def test_subscriptions_and_calls_survive_a_broker_that_is_killed(
    fresh_store: str, start_broker: Callable[..., Broker]
) -> None:
    broker = start_broker(fresh_store)
    async with peer(broker.address) as link:
        keys = await make_colony(link, broker.owner)
    async with AsyncColonies(broker.address, key=keys.executor) as client:
        subscription = client.subscribe("cli")
        first = await client.submit(spec(), prvkey=keys.operator)
        assert (await subscription.next_event()).process.processid == first.processid
        waiting = asyncio.create_task(client.assign(60))
        assert (await waiting).processid == first.processid
        waiting = asyncio.create_task(client.assign(60))
        await client.server_info()
        await asyncio.to_thread(broker.kill)
        await asyncio.to_thread(broker.start)
        second = await client.submit(spec(), prvkey=keys.operator)
        assert (await asyncio.wait_for(waiting, 30)).processid == second.processid
        async with asyncio.timeout(30):
            # The first may be told twice, as submitted and as backlog: an event is only a wake-up.
            while (await subscription.next_event()).process.processid != second.processid:
                pass


async def test_a_worker_goes_on_after_its_broker_was_killed(
    fresh_store: str, start_broker: Callable[..., Broker]
) -> None:
    broker = start_broker(fresh_store)
    async with peer(broker.address) as link:
        keys = await make_colony(link, broker.owner)
    async with AsyncColonies(broker.address, key=keys.operator) as client:
        worker = Worker(broker.address, key=keys.executor)
        worker.function(name="add")(lambda left, right: left + right)
        running = asyncio.create_task(worker.run())
        for round_ in range(2):
            done = await client.submit(spec("add", args=[round_, 2]), wait=True, timeout=60)
            assert done.out == [round_ + 2]
            if round_ == 0:
                await asyncio.to_thread(broker.kill)
                await asyncio.to_thread(broker.start)
        worker.stop()
        await asyncio.wait_for(running, 30)
