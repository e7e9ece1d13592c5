"""Subscriptions, watches and queue groups over a real socket, on both stores."""

from __future__ import annotations

import asyncio
import contextlib

import pytest

from colonies.wire import errors
from colonies.wire.frames import Notification, Response
from tests.support.broker import Broker
from tests.support.colony import ColonyKeys, add_executor, spec
from tests.support.peer import Peer, peer


async def test_a_subscriber_is_told_of_what_starts_to_wait(link: Peer, keys: ColonyKeys) -> None:
    made = await link.call(keys.executor, "subscribe", executortype="cli")
    process = await link.call(keys.operator, "process.submit", spec=spec())
    event = await link.notified()
    assert (event["subscription"], event["event"]) == (made["subscription"], "submitted")
    assert event["process"] == process


async def test_another_type_and_another_state_are_not_heard(link: Peer, keys: ColonyKeys) -> None:
    await link.call(keys.executor, "subscribe", executortype="lamp")
    await link.call(keys.executor, "subscribe", executortype="cli", state=2)
    process = await link.call(keys.operator, "process.submit", spec=spec())
    await link.call(keys.executor, "process.assign", timeout=5)
    await link.call(keys.executor, "process.close", processid=process["processid"], successful=True)
    assert (await link.notified())["event"] == "successful"
    assert link.unread() == 0


async def test_what_waits_already_is_pushed_as_backlog_after_the_reply(link: Peer, keys: ColonyKeys) -> None:
    process = await link.call(keys.operator, "process.submit", spec=spec())
    await link.call(keys.executor, "subscribe", executortype="cli")
    event = await link.notified()
    assert (event["event"], event["process"]["processid"]) == ("backlog", process["processid"])
    kinds = [type(message) for message in link.arrived[-2:]]
    assert kinds == [Response, Notification]


async def test_no_backlog_of_what_the_caller_could_not_take(link: Peer, keys: ColonyKeys) -> None:
    other = await add_executor(link, keys, "other")
    named = {"conditions": {"executorids": [other.id]}, "func": "f"}
    await link.call(keys.operator, "process.submit", spec=named)
    await link.call(keys.operator, "process.submit", spec=spec(executortype="lamp"))
    for executortype in ("cli", "lamp"):
        await link.call(keys.executor, "subscribe", executortype=executortype)
    await link.call(other, "subscribe", executortype="anything")
    assert (await link.notified())["process"]["spec"]["conditions"]["executorids"] == [other.id]
    assert link.unread() == 0


async def test_a_process_that_names_executors_is_heard_by_them_and_users_only(link: Peer, keys: ColonyKeys) -> None:
    other = await add_executor(link, keys, "other", "lamp")
    subscriptions = {
        who: (await link.call(key, "subscribe", executortype="cli"))["subscription"]
        for who, key in (("unnamed", keys.executor), ("named", other), ("user", keys.viewer))
    }
    named = {"conditions": {"executorids": [other.id]}, "func": "f"}
    await link.call(keys.operator, "process.submit", spec=named)
    heard = {(await link.notified())["subscription"] for _ in range(2)}
    assert heard == {subscriptions["named"], subscriptions["user"]}
    await link.call(keys.viewer, "server.info")
    assert link.unread() == 0


async def test_other_colonies_hear_nothing(broker: Broker, link: Peer, keys: ColonyKeys) -> None:
    from tests.support.colony import make_colony

    others = await make_colony(link, broker.owner, name=f"other-{keys.owner.id[:8]}")
    await link.call(others.executor, "subscribe", executortype="cli")
    process = await link.call(keys.operator, "process.submit", spec=spec())
    for method in ("process.get", "process.cancel", "process.explain", "watch", "log.list"):
        with pytest.raises(errors.NotFound):
            await link.call(others.operator, method, processid=process["processid"])
    assert link.unread() == 0


async def test_a_subscription_ends_with_a_message_when_its_time_is_up(link: Peer, keys: ColonyKeys) -> None:
    made = await link.call(keys.executor, "subscribe", executortype="cli", timeout=0.05)
    assert await link.notified("ended") == {**made, "reason": "timeout"}
    await link.call(keys.operator, "process.submit", spec=spec())
    await link.call(keys.executor, "server.info")
    assert link.unread() == 0


async def test_a_cancelled_subscription_hears_nothing_more(link: Peer, keys: ColonyKeys) -> None:
    made = await link.call(keys.executor, "subscribe", executortype="cli")
    with pytest.raises(errors.NotFound):
        await link.call(keys.viewer, "subscription.cancel", **made)
    await link.call(keys.executor, "subscription.cancel", **made)
    assert await link.notified("ended") == {**made, "reason": "cancelled"}
    await link.call(keys.operator, "process.submit", spec=spec())
    assert link.unread() == 0


async def test_a_watch_tells_at_once_when_it_is_so_already(link: Peer, keys: ColonyKeys) -> None:
    process = await link.call(keys.operator, "process.submit", spec=spec())
    await link.call(keys.viewer, "watch", processid=process["processid"], states=[0, 1])
    assert (await link.notified())["event"] == "submitted"
    await link.call(keys.executor, "process.assign", timeout=5)
    assert (await link.notified())["event"] == "assigned"


async def test_wake_one_wakes_one_member_and_the_next_after_the_grace_time(link: Peer, keys: ColonyKeys) -> None:
    members = [await add_executor(link, keys, f"member-{number}") for number in range(3)]
    numbers = [(await link.call(key, "subscribe", executortype="cli", wake="one"))["subscription"] for key in members]
    await link.call(keys.operator, "process.submit", spec=spec())
    woken = [(await link.notified())["subscription"] for _ in range(3)]
    assert sorted(woken) == sorted(numbers)
    times = [message for message in link.arrived if isinstance(message, Notification)]
    assert len(times) == 3


async def test_only_an_executor_can_be_woken_in_turn(link: Peer, keys: ColonyKeys) -> None:
    with pytest.raises(errors.BadRequest):
        await link.call(keys.operator, "subscribe", executortype="cli", wake="one")


async def test_a_client_that_does_not_read_is_closed_as_slow_alone(
    broker: Broker, link: Peer, keys: ColonyKeys
) -> None:
    payload = "x" * 60_000
    made = await link.call(keys.viewer, "subscribe", executortype="cli")
    reading = asyncio.Event()
    async with peer(broker.address, max_queue=1) as slow:
        await slow.call(keys.operator, "subscribe", executortype="cli")
        slow.socket.transport.pause_reading()
        for _ in range(300):
            await link.call(keys.operator, "process.submit", spec=spec(args=[payload]))
            assert (await link.notified())["subscription"] == made["subscription"]
        metrics = await _metric(broker, "colonies_slow_connections_total")
        assert metrics >= 1
        reading.set()
        slow.socket.transport.resume_reading()
        with contextlib.suppress(ConnectionError):
            assert await slow.closed() in (4001, 1006)


async def _metric(broker: Broker, name: str) -> float:
    import httpx

    async with httpx.AsyncClient(trust_env=False) as client:
        text = (await client.get(f"{broker.address}/metrics")).text
    (line,) = [line for line in text.splitlines() if line.startswith(name + " ")]
    return float(line.split()[1])
