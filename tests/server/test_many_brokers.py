"""Two brokers on one MongoDB, as processes: what is done at one is known at the other."""

from __future__ import annotations

import contextlib
from collections.abc import AsyncIterator, Callable
from typing import Any, NamedTuple

import pytest

from colonies.wire import errors
from tests.conftest import database
from tests.support.broker import Broker
from tests.support.colony import ColonyKeys, add_executor, make_colony, spec
from tests.support.peer import Peer, peer


class Two(NamedTuple):
    """here and there: a connection to each of two brokers."""

    here: Peer
    there: Peer
    keys: ColonyKeys
    first: Broker
    second: Broker


@pytest.fixture
async def two(mongodb: str, start_broker: Callable[..., Broker]) -> AsyncIterator[Two]:
    first = start_broker(address := database(mongodb))
    second = start_broker(address, owner=first.owner)
    async with contextlib.AsyncExitStack() as opened:
        here = await opened.enter_async_context(peer(first.address))
        there = await opened.enter_async_context(peer(second.address))
        yield Two(here, there, await make_colony(here, first.owner), first, second)


async def events(link: Peer, number: int) -> list[tuple[str, int]]:
    """The next events at a link, with the attempt that each tells of."""
    told = [await link.notified() for _ in range(number)]
    return [(event["event"], event["process"]["attempt"]) for event in told]


async def test_whoever_subscribed_at_one_hears_what_is_done_at_the_other(two: Two) -> None:
    here, there, keys = two.here, two.there, two.keys
    for state in (0, 1, 2):
        await there.call(keys.viewer, "subscribe", executortype="cli", state=state)
    process = await here.call(keys.operator, "process.submit", spec=spec(args=["x"]))
    assert await events(there, 1) == [("submitted", 0)]
    await here.call(keys.executor, "process.assign", timeout=10)
    assert await events(there, 1) == [("assigned", 1)]
    await here.call(keys.executor, "process.hand_back", processid=process["processid"])
    assert await events(there, 1) == [("requeued", 1)]
    running = await here.call(keys.executor, "process.assign", timeout=10)
    assert (await there.notified())["process"] == running
    closed = await here.call(
        keys.executor, "process.close", processid=process["processid"], successful=True, out=["done"]
    )
    assert (await there.notified())["process"] == closed
    assert there.unread() == 0


async def test_what_is_stored_already_assigned_is_told_as_two_steps(two: Two) -> None:
    here, there, keys = two.here, two.there, two.keys
    for state in (0, 1):
        await there.call(keys.viewer, "subscribe", executortype="cli", state=state)
    await here.call(keys.viewer, "subscribe", executortype="cli", state=1)
    waiting = await here.send(keys.executor, "process.assign", timeout=10)
    await here.call(keys.executor, "server.info")  # its place in line was taken before this was answered
    await here.call(keys.operator, "process.submit", spec=spec())
    await waiting
    assert await events(there, 2) == [("submitted", 0), ("assigned", 1)]


async def test_each_hears_of_its_own_changes_once(two: Two) -> None:
    here, keys = two.here, two.keys
    await here.call(keys.viewer, "subscribe", executortype="cli")
    await two.there.call(keys.viewer, "subscribe", executortype="cli")
    for link in (here, two.there, here):
        await link.call(keys.operator, "process.submit", spec=spec())
    for link in (here, two.there):
        assert await events(link, 3) == [("submitted", 0)] * 3
        assert link.unread() == 0


async def test_what_goes_on_before_it_is_read_is_told_as_it_was(two: Two) -> None:
    here, there, keys = two.here, two.there, two.keys
    await there.call(keys.viewer, "subscribe", executortype="cli", state=1)
    submits = [("process.submit", {"spec": spec(args=[number])}) for number in range(50)]
    for answer in await here.batch(keys.operator, *submits):
        await answer
    for _ in submits:
        assign = ("process.assign", {"timeout": 0})
        (assigned,) = await here.batch(keys.executor, assign)
        process = await assigned
        done: dict[str, Any] = {"processid": process["processid"], "successful": True, "out": [1]}
        await here.call(keys.executor, "process.close", **done)
    told = [(await there.notified())["process"] for _ in submits]
    assert {(process["state"], process["attempt"], *process["out"]) for process in told} == {(1, 1)}
    assert len({process["processid"] for process in told}) == len(submits)
    assert {len(process["history"]) for process in told} == {1}
    assert {process["history"][0]["ended"] for process in told} == {""}


async def test_a_watch_a_log_and_the_activity_reach_over(two: Two) -> None:
    here, there, keys = two.here, two.there, two.keys
    process = await here.call(keys.operator, "process.submit", spec=spec())
    processid = process["processid"]
    await there.call(keys.viewer, "watch", processid=processid)
    await there.call(keys.viewer, "log.subscribe", processid=processid)
    await here.call(keys.executor, "process.assign", timeout=10)
    await here.call(keys.executor, "log.add", processid=processid, message="a line")
    assert (await there.notified("log"))["seq"] == 1
    await here.call(keys.executor, "process.close", processid=processid, successful=False, errors=["no"])
    told = await there.notified()
    assert (told["event"], told["process"]["errors"]) == ("failed", ["no"])
    await there.call(keys.viewer, "activity.subscribe")
    await here.call(keys.operator, "process.submit", spec=spec(executortype="any-other"))
    (activity,) = (await there.notified("activity"))["events"]
    assert (activity["event"], activity["executortype"]) == ("submitted", "any-other")


async def test_a_cancel_reaches_whoever_runs_it(two: Two) -> None:
    here, there, keys = two.here, two.there, two.keys
    await here.call(keys.operator, "process.submit", spec=spec())
    process = await there.call(keys.executor, "process.assign", timeout=10)
    await here.call(keys.operator, "process.cancel", processid=process["processid"])
    assert await there.notified("cancelled") == {"processid": process["processid"], "attempt": 1}


async def test_what_names_an_executor_reaches_it_at_another_broker(two: Two) -> None:
    here, there, keys = two.here, two.there, two.keys
    other = await add_executor(here, keys, "other")
    for key in (keys.executor, other):
        await there.call(key, "subscribe", executortype="cli")
    conditions = {"executorids": [keys.executor.id]}
    await here.call(keys.operator, "process.submit", spec={"conditions": conditions, "func": "f"})
    assert (await there.notified())["subscription"] == 1
    assert there.unread() == 0


async def test_who_is_removed_at_one_is_sent_away_at_the_other(two: Two) -> None:
    here, there, keys = two.here, two.there, two.keys
    await there.call(keys.executor, "subscribe", executortype="cli")
    waiting = await there.send(keys.executor, "process.assign", timeout=60)
    await there.call(keys.executor, "server.info")
    await here.call(keys.operator, "executor.remove", executorid=keys.executor.id)
    with pytest.raises(errors.UnknownIdentity):
        await waiting
    assert (await there.notified("ended"))["reason"] == "cancelled"
    with pytest.raises(errors.UnknownIdentity):
        await there.call(keys.executor, "process.assign", timeout=0)


async def test_who_is_rejected_at_one_is_sent_away_at_the_other(two: Two) -> None:
    here, there, keys = two.here, two.there, two.keys
    waiting = await there.send(keys.executor, "process.assign", timeout=60)
    await there.call(keys.executor, "server.info")
    await here.call(keys.operator, "executor.reject", executorid=keys.executor.id)
    with pytest.raises(errors.NotApproved):
        await waiting


async def online(link: Peer, keys: ColonyKeys, wanted: bool) -> dict[str, Any]:
    """The only executor, once a broker shows it as connected, or not."""
    await link.call(keys.viewer, "stats.subscribe", interval=0.25)
    while (await link.notified("stats"))["stats"]["types"][0]["online"] != wanted:
        pass
    (executor,) = await link.call(keys.viewer, "executor.list")
    assert executor["online"] is wanted
    found: dict[str, Any] = executor
    return found


async def test_an_executor_is_online_wherever_it_is_connected(two: Two) -> None:
    async with peer(two.first.address) as own:
        await own.call(two.keys.executor, "server.info")
        assert (await online(two.there, two.keys, True))["lastseen"]
    async with peer(two.second.address) as link:
        assert (await online(link, two.keys, False))["lastseen"]


async def test_nobody_is_online_at_a_broker_that_was_killed(two: Two) -> None:
    await two.here.call(two.keys.executor, "server.info")
    await online(two.there, two.keys, True)
    two.first.kill()
    async with peer(two.second.address) as link:
        assert (await online(link, two.keys, False))["lastseen"]
