"""Activity, logs and live figures over a real socket, on both stores."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any

import pytest

from colonies.wire import errors
from colonies.wire.frames import Notification
from tests.support.broker import Broker
from tests.support.colony import ColonyKeys, add_executor, make_colony, spec
from tests.support.failing import fail_many, submit_many
from tests.support.peer import Peer, peer

# — activity —


async def events(link: Peer, number: int) -> list[dict[str, Any]]:
    """The next events of the one activity subscription, in as many pushes as it takes."""
    heard: list[dict[str, Any]] = []
    while len(heard) < number:
        heard += (await link.notified("activity"))["events"]
    return heard


async def test_every_change_is_told_in_brief_and_in_order(link: Peer, keys: ColonyKeys) -> None:
    await link.call(keys.viewer, "activity.subscribe")
    (processid,) = await fail_many(link, keys, 1, label="x" * 200)
    submitted, assigned, failed = await events(link, 3)
    assert [event["event"] for event in (submitted, assigned, failed)] == ["submitted", "assigned", "failed"]
    assert {event["processid"] for event in (submitted, assigned, failed)} == {processid}
    assert (assigned["state"], assigned["attempt"], assigned["executorid"]) == (1, 1, keys.executor.id)
    assert (failed["error"], failed["executortype"], failed["func"]) == ("no", "cli", "sleep")
    assert (submitted["executorid"], submitted["label"]) == ("", "x" * 128)


async def test_what_skipped_the_queue_is_told_as_submitted_and_assigned(link: Peer, keys: ColonyKeys) -> None:
    await link.call(keys.owner, "activity.subscribe")
    in_line = await link.send(keys.executor, "process.assign", timeout=30)
    await link.call(keys.viewer, "server.info")
    await link.call(keys.operator, "process.submit", spec=spec())
    await in_line
    assert [event["event"] for event in await events(link, 2)] == ["submitted", "assigned"]


async def test_nothing_is_lost_without_being_counted(link: Peer, keys: ColonyKeys) -> None:
    await link.call(keys.viewer, "activity.subscribe")
    await submit_many(link, keys, 1000)
    accounted = 0
    while accounted < 1000:
        push = await link.notified("activity")
        assert len(push["events"]) <= 200
        accounted += len(push["events"]) + push["missed"]
    assert accounted == 1000


async def test_executors_are_told_of_their_own_by_subscribe_alone(link: Peer, keys: ColonyKeys) -> None:
    with pytest.raises(errors.Forbidden):
        await link.call(keys.executor, "activity.subscribe")


async def test_another_colony_is_not_heard(broker: Broker, link: Peer, keys: ColonyKeys) -> None:
    others = await make_colony(link, broker.owner, name=f"o{keys.owner.id[:8]}")
    await link.call(keys.viewer, "activity.subscribe")
    await submit_many(link, others, 1)
    (own,) = await submit_many(link, keys, 1)
    assert [event["processid"] for event in await events(link, 1)] == [own]


# — logs —


async def test_each_new_line_of_the_process_is_told_by_its_number(link: Peer, keys: ColonyKeys) -> None:
    other, followed = [await _assigned(link, keys) for _ in range(2)]
    made = await link.call(keys.viewer, "log.subscribe", processid=followed)
    for processid in (other, followed, followed):
        await link.call(keys.executor, "log.add", processid=processid, message="a line")
    for seq in (1, 2):
        assert await link.notified("log") == {**made, "processid": followed, "seq": seq}
    assert link.unread() == 0


async def _assigned(link: Peer, keys: ColonyKeys) -> str:
    await link.call(keys.operator, "process.submit", spec=spec())
    processid: str = (await link.call(keys.executor, "process.assign", timeout=10))["processid"]
    return processid


async def test_a_line_that_was_refused_is_not_told(link: Peer, keys: ColonyKeys) -> None:
    processid = await _assigned(link, keys)
    await link.call(keys.viewer, "log.subscribe", processid=processid)
    with pytest.raises(errors.NotAssignedToYou):
        await link.call(await add_executor(link, keys, "other"), "log.add", processid=processid, message="mine")
    assert link.unread() == 0


async def test_the_log_of_another_colony_is_not_found(broker: Broker, link: Peer, keys: ColonyKeys) -> None:
    others = await make_colony(link, broker.owner, name=f"o{keys.owner.id[:8]}")
    with pytest.raises(errors.NotFound):
        await link.call(others.viewer, "log.subscribe", processid=await _assigned(link, keys))


# — figures —


async def figures(link: Peer, **wanted: int) -> dict[str, Any]:
    """The first push in which type `cli` has these figures."""
    while True:
        for counts in (await link.notified("stats"))["stats"]["types"]:
            if counts["executortype"] == "cli" and counts.items() >= wanted.items():
                found: dict[str, Any] = counts
                return found


async def test_figures_come_at_once_and_whenever_they_differ(broker: Broker, link: Peer, keys: ColonyKeys) -> None:
    async with peer(broker.address) as follower:
        await follower.call(keys.viewer, "stats.subscribe", interval=0.25)
        await figures(follower, waiting=0, executors=1, online=0, lastseen=0)
        await submit_many(link, keys, 2)
        await figures(follower, waiting=2)
        await link.call(keys.executor, "process.assign", timeout=10)
        await figures(follower, waiting=1, running=1, online=1, busy=1)
        await link.call(keys.operator, "process.cancel_matching", state=1)
        await figures(follower, running=0, busy=0, cancelled=1)


async def test_a_failure_shows_in_the_state_and_in_the_minute(broker: Broker, link: Peer, keys: ColonyKeys) -> None:
    async with peer(broker.address) as follower:
        await follower.call(keys.viewer, "stats.subscribe", interval=0.25)
        await fail_many(link, keys, 3)
        await figures(follower, failed=3, failedminute=3, successfulminute=0)
        await link.call(keys.operator, "process.remove_matching", state=3)
        await figures(follower, failed=0, failedminute=3)


async def test_an_interval_out_of_range_is_refused(link: Peer, keys: ColonyKeys) -> None:
    for interval in (0.2, 61):
        with pytest.raises(errors.BadRequest):
            await link.call(keys.viewer, "stats.subscribe", interval=interval)


# — all of them —

SUBSCRIPTIONS = ("stats.subscribe", "activity.subscribe", "log.subscribe")


async def subscribe_to_all(link: Peer, keys: ColonyKeys) -> list[int]:
    processid = await _assigned(link, keys)
    params: dict[str, dict[str, Any]] = {"log.subscribe": {"processid": processid}}
    made = [await link.call(keys.viewer, name, **params.get(name, {})) for name in SUBSCRIPTIONS]
    return [each["subscription"] for each in made]


def endings(link: Peer) -> dict[int, str]:
    told = [message for message in link.arrived if isinstance(message, Notification) and message.name == "ended"]
    return {message.params["subscription"]: message.params["reason"] for message in told}


async def test_they_end_with_their_member_and_on_request(link: Peer, keys: ColonyKeys) -> None:
    stats, *others = await subscribe_to_all(link, keys)
    await link.call(keys.viewer, "subscription.cancel", subscription=stats)
    assert endings(link) == {stats: "cancelled"}
    await link.call(keys.owner, "user.remove", userid=keys.viewer.id)
    assert endings(link) == dict.fromkeys([stats, *others], "cancelled")


async def test_they_end_when_the_broker_stops(fresh_store: str, start_broker: Callable[..., Broker]) -> None:
    broker = start_broker(fresh_store)
    async with peer(broker.address) as link:
        numbers = await subscribe_to_all(link, await make_colony(link, broker.owner))
        stopped = asyncio.create_task(asyncio.to_thread(broker.stop))
        await link.closed()
        assert await stopped == 0
    assert endings(link) == dict.fromkeys(numbers, "draining")
