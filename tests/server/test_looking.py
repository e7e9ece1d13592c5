"""What operators look at: who they are, figures, the last hour, groups of failures, executors. On both stores."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from colonies.wire import errors
from tests.support.broker import Broker
from tests.support.colony import ColonyKeys, add_executor
from tests.support.failing import end_many, fail_many, submit_many
from tests.support.peer import Peer, peer


async def test_everybody_is_told_who_they_are(link: Peer, keys: ColonyKeys) -> None:
    colony = await link.call(keys.owner, "colony.get")
    names = {"owner": colony["name"], "operator": "operator", "viewer": "viewer", "executor": f"{colony['name']}-cli-0"}
    for role, key in (
        ("owner", keys.owner),
        ("operator", keys.operator),
        ("viewer", keys.viewer),
        ("executor", keys.executor),
    ):
        assert await link.call(key, "member.whoami") == {
            "id": key.id,
            "name": names[role],
            "role": role,
            "colonyid": keys.owner.id,
            "colonyname": colony["name"],
        }


async def test_who_is_no_member_is_told_so(broker: Broker, link: Peer, keys: ColonyKeys) -> None:
    with pytest.raises(errors.Forbidden):
        await link.call(broker.owner, "member.whoami")
    with pytest.raises(errors.NotApproved):
        await link.call(await add_executor(link, keys, "pending", approve=False), "member.whoami")


async def test_the_last_hour_is_told_by_the_minute(link: Peer, keys: ColonyKeys) -> None:
    assert (await link.call(keys.viewer, "stats.history"))["types"] == []
    await fail_many(link, keys, 3)
    await submit_many(link, keys, 2)
    await end_many(link, keys, 2, successful=True)
    (history,) = await until(link, keys, "stats.history", lambda answer: _ended(answer) == (2, 3))
    assert history["executortype"] == "cli"
    assert (len(history["successful"]), len(history["failed"])) == (60, 60)
    # The test may have crossed from one minute into the next.
    assert (sum(history["successful"][-2:]), sum(history["failed"][-2:])) == (2, 3)


def _ended(answer: dict[str, Any]) -> tuple[int, int]:
    types = answer["types"]
    return sum(sum(each["successful"]) for each in types), sum(sum(each["failed"]) for each in types)


async def until(link: Peer, keys: ColonyKeys, method: str, holds: Any) -> list[dict[str, Any]]:
    """Ask until it is so: MongoDB's figures follow the moves a moment later."""
    async with asyncio.timeout(20):
        while not holds(answer := await link.call(keys.viewer, method)):
            pass
    types: list[dict[str, Any]] = answer["types"] if isinstance(answer, dict) else answer
    return types


async def test_failures_are_grouped_by_cause_and_function(link: Peer, keys: ColonyKeys) -> None:
    await fail_many(link, keys, 3)
    (group,) = await until(link, keys, "failure.list", lambda groups: [g["number"] for g in groups] == [3])
    assert (group["executortype"], group["func"], group["cause"]) == ("cli", "sleep", "no")
    assert await link.call(keys.viewer, "failure.list", executortype="other") == []
    await link.call(keys.operator, "process.remove_matching", cause=group["cause"])
    await until(link, keys, "failure.list", lambda groups: groups == [])


async def test_an_executor_shows_when_it_was_connected_and_when_it_asked(
    broker: Broker, link: Peer, keys: ColonyKeys
) -> None:
    assert await seen(link, keys) == (False, False, False)
    async with peer(broker.address) as other:
        await other.call(keys.executor, "server.info")
        assert await seen(link, keys) == (True, True, False)
        in_line = await other.send(keys.executor, "process.assign", timeout=30)
        await other.call(keys.executor, "server.info")
        assert await seen(link, keys) == (True, True, True)
        await submit_many(link, keys, 1)
        await in_line
    async with asyncio.timeout(20):
        while (await seen(link, keys))[0]:
            pass
    assert await seen(link, keys) == (False, True, True)
    await add_executor(link, keys, "pending", "lamp", approve=False)
    cli, lamp = (await link.call(keys.viewer, "stats.get"))["types"]
    assert (cli["executors"], cli["online"], cli["lastseen"] > 0) == (1, 0, True)
    assert (lamp["executors"], lamp["online"], lamp["lastseen"]) == (1, 0, 0)


async def seen(link: Peer, keys: ColonyKeys) -> tuple[bool, bool, bool]:
    """Whether it is online, was ever seen, and ever asked."""
    executor = await link.call(keys.viewer, "executor.get", executorid=keys.executor.id)
    return executor["online"], executor["lastseen"] > 0, executor["lastasked"] > 0


async def test_who_acts_on_members_and_processes_is_in_the_log(broker: Broker, link: Peer, keys: ColonyKeys) -> None:
    other = await add_executor(link, keys, "other", approve=False)
    for action in ("approve", "reject", "remove"):
        await link.call(keys.operator, f"executor.{action}", executorid=other.id)
    (processid,) = await submit_many(link, keys, 1)
    for action in ("cancel", "retry", "remove"):
        await link.call(keys.operator, f"process.{action}", processid=processid)
    lines = [line for line in broker.log().splitlines() if f"by={keys.operator.id[:8]}" in line]
    did = [line.split("did=")[1].split(" by=")[0] for line in lines]
    assert did == [
        f"'approved an executor' executorid={other.id[:8]}",
        f"'rejected an executor' executorid={other.id[:8]}",
        f"'removed an executor' executorid={other.id[:8]}",
        f"cancelled processid={processid}",
        f"retried processid={processid}",
        f"removed processid={processid}",
    ]


async def test_of_very_many_types_those_with_most_to_do_are_told(link: Peer, keys: ColonyKeys) -> None:
    for start in range(0, 600, 200):
        specs = [{"conditions": {"executortype": f"made-up-{start + n:03}"}, "func": "f"} for n in range(200)]
        answers = await link.batch(keys.operator, *(("process.submit", {"spec": each}) for each in specs))
        processes = await asyncio.gather(*answers)
        await asyncio.gather(
            *await link.batch(
                keys.operator,
                *(("process.cancel", {"processid": process["processid"]}) for process in processes),
            )
        )
    await submit_many(link, keys, 1)
    stats = await link.call(keys.viewer, "stats.get")
    assert len(stats["types"]) == 500
    assert stats["left"] == 101
    assert "cli" in {counts["executortype"] for counts in stats["types"]}
