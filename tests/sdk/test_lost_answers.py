"""Answers of a real broker that never arrive, and brokers that stop: nothing is done twice, nobody is left waiting."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

import pytest

from colonies import AsyncColonies, errors
from tests.conftest import database
from tests.support.broker import Broker
from tests.support.colony import ColonyKeys, make_colony, spec
from tests.support.peer import peer

from .strange_broker import Wire

PATIENCE = 30


async def test_a_submit_whose_answer_was_lost_is_stored_once(broker: Broker, keys: ColonyKeys) -> None:
    async with Wire.to(broker.port) as wire, AsyncColonies(wire.address, key=keys.operator) as client:
        await client.server_info()
        wire.hold()
        submitting = asyncio.create_task(client.submit(spec()))
        await wire.wait_held()
        wire.cut()
        submitted = await submitting
        page = await client.get_processes()
    assert (page.total, page.processes[0].processid) == (1, submitted.processid)


async def test_a_close_whose_answer_was_lost_is_answered_as_the_first_would_have_been(
    broker: Broker, keys: ColonyKeys
) -> None:
    async with Wire.to(broker.port) as wire, AsyncColonies(wire.address, key=keys.executor) as client:
        await client.submit(spec(), prvkey=keys.operator)
        process = await client.assign(PATIENCE)
        wire.hold()
        closing = asyncio.create_task(client.close_process(process, out=[1]))
        await wire.wait_held()
        wire.cut()
        closed = await closing
    assert (closed.state.name, closed.out, closed.attempt) == ("SUCCESSFUL", [1], 1)


async def test_what_was_assigned_in_an_answer_that_was_lost_is_assigned_again(broker: Broker, keys: ColonyKeys) -> None:
    async with Wire.to(broker.port) as wire, AsyncColonies(wire.address, key=keys.executor) as client:
        await client.server_info()
        await client.submit(spec(), prvkey=keys.operator)
        wire.hold()
        assigning = asyncio.create_task(client.assign(PATIENCE))
        await wire.wait_held()
        wire.cut()
        async with asyncio.timeout(PATIENCE):
            process = await assigning
    assert (process.attempt, process.retries) == (2, 0)
    assert [line.ended for line in process.history] == ["handed_back", ""]
    assert len({line.claimid for line in process.history}) == 1


async def test_a_log_line_whose_answer_was_lost_is_not_added_twice(broker: Broker, keys: ColonyKeys) -> None:
    async with Wire.to(broker.port) as wire, AsyncColonies(wire.address, key=keys.executor) as client:
        await client.submit(spec(), prvkey=keys.operator)
        process = await client.assign(PATIENCE)
        wire.hold()
        logging = asyncio.create_task(client.add_log(process.processid, "once"))
        await wire.wait_held()
        wire.cut()
        with pytest.raises(errors.ConnectionLost):
            await logging
        assert [line.message for line in await client.get_logs(process.processid)] == ["once"]


@pytest.mark.usefixtures("in_given_order")
async def test_what_waits_at_a_broker_that_stops_goes_on_at_another(
    mongodb: str, start_broker: Callable[..., Broker]
) -> None:
    store = database(mongodb)
    first = start_broker(store)
    other = start_broker(store, owner=first.owner)
    async with peer(first.address) as link:
        keys = await make_colony(link, first.owner)
    async with (
        AsyncColonies([first.address, other.address], key=keys.executor) as client,
        client.subscribe("cli") as subscription,
    ):
        assigning = asyncio.create_task(client.assign(60))
        await client.server_info()
        assert await asyncio.to_thread(first.stop) == 0
        submitted = await client.submit(spec(), prvkey=keys.operator)
        async with asyncio.timeout(PATIENCE):
            assert (await assigning).processid == submitted.processid
            assert (await subscription.next_event()).process.processid == submitted.processid
