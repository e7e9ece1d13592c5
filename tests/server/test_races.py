"""Twenty executors race for two thousand processes, on one broker and on two over one MongoDB."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Callable, Sequence

from colonies.wire import errors
from colonies.wire.identity import Identity
from colonies.wire.model import State
from tests.conftest import database
from tests.support.broker import Broker
from tests.support.colony import ColonyKeys, add_executor, make_colony, spec
from tests.support.failing import ids_in
from tests.support.peer import Peer, peer

PROCESSES = 2000
RACERS = 20


async def test_on_one_broker_each_process_is_assigned_once(
    fresh_store: str, start_broker: Callable[..., Broker]
) -> None:
    await race([start_broker(fresh_store)])


async def test_on_two_brokers_over_one_mongodb_each_process_is_assigned_once(
    mongodb: str, start_broker: Callable[..., Broker]
) -> None:
    first = start_broker(address := database(mongodb))
    await race([first, start_broker(address, owner=first.owner)])


async def race(brokers: Sequence[Broker]) -> None:
    """Submit at every broker, take at every broker, and account for each process."""
    async with peer(brokers[0].address) as link:
        keys = await make_colony(link, brokers[0].owner)
        racers = [await add_executor(link, keys, f"racer-{number}") for number in range(RACERS)]
        taken: Counter[str] = Counter()
        async with asyncio.TaskGroup() as tasks:
            for number, key in enumerate(racers):
                tasks.create_task(run(brokers[number % len(brokers)], key, taken))
            submitting = [tasks.create_task(submit(broker, keys, PROCESSES // len(brokers))) for broker in brokers]
        submitted = [processid for task in submitting for processid in task.result()]
        assert set(taken.values()) == {1}
        assert sorted(taken) == sorted(submitted)
        await nothing_is_left(link, keys)


async def submit(broker: Broker, keys: ColonyKeys, number: int) -> list[str]:
    submitted: list[str] = []
    async with peer(broker.address) as own:
        for start in range(0, number, 200):
            requests = [("process.submit", {"spec": spec(args=[start + each])}) for each in range(200)]
            submitted += [
                process["processid"] for process in await asyncio.gather(*await own.batch(keys.operator, *requests))
            ]
    return submitted


async def run(broker: Broker, key: Identity, taken: Counter[str]) -> None:
    """Take and close until all are taken. Every assignment must be the first attempt."""
    async with peer(broker.address) as own:
        while taken.total() < PROCESSES:
            try:
                process = await own.call(key, "process.assign", timeout=0.2)
            except errors.NothingToAssign:
                continue
            assert process["attempt"] == 1
            taken[process["processid"]] += 1
            await own.call(key, "process.close", processid=process["processid"], successful=True, attempt=1)


async def nothing_is_left(link: Peer, keys: ColonyKeys) -> None:
    """By what is stored; and by the figures, in which on MongoDB another broker's last moves come a moment later."""
    ended: set[str] = set()
    for state in State:
        ids = await ids_in(link, keys, state=int(state))
        assert not ids or state == State.SUCCESSFUL
        ended.update(ids)
    assert len(ended) == PROCESSES
    await link.call(keys.viewer, "stats.subscribe", interval=0.25)
    figures = (-1, -1, -1)
    while figures != (0, 0, PROCESSES):
        (counts,) = (await link.notified("stats"))["stats"]["types"]
        figures = counts["waiting"], counts["running"], counts["successful"]
