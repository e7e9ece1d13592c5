"""Submit, assign, close and what else moves a process, over a real socket and on both stores."""

from __future__ import annotations

import asyncio

import pytest

from colonies.wire import errors
from colonies.wire.identity import Identity
from tests.support.broker import Broker
from tests.support.colony import ColonyKeys, add_executor, spec
from tests.support.peer import Peer, peer


async def test_a_process_is_submitted_assigned_and_closed(link: Peer, keys: ColonyKeys) -> None:
    submitted = await link.call(keys.operator, "process.submit", spec=spec("echo", args=[1, "two", b"3"]))
    assert (submitted["state"], submitted["attempt"]) == (0, 0)
    assigned = await link.call(keys.executor, "process.assign", timeout=10)
    assert assigned["processid"] == submitted["processid"]
    assert (assigned["state"], assigned["attempt"], assigned["assigneeid"]) == (1, 1, keys.executor.id)
    assert assigned["spec"]["args"] == [1, "two", b"3"]
    closed = await link.call(
        keys.executor, "process.close", processid=assigned["processid"], successful=True, attempt=1, out=["done"]
    )
    assert (closed["state"], closed["out"]) == (2, ["done"])
    stored = await link.call(keys.viewer, "process.get", processid=assigned["processid"])
    assert stored == closed
    assert [(line["executorid"], line["ended"]) for line in stored["history"]] == [(keys.executor.id, "successful")]


async def test_a_caller_in_line_gets_what_is_submitted_later(link: Peer, keys: ColonyKeys) -> None:
    waiting = await link.send(keys.executor, "process.assign", timeout=30)
    await link.call(keys.viewer, "stats.get")
    submitted = await link.call(keys.operator, "process.submit", spec=spec())
    assigned = await asyncio.wait_for(waiting, 20)
    assert assigned["processid"] == submitted["processid"]


async def test_nothing_to_assign_is_said_when_the_time_is_up(link: Peer, keys: ColonyKeys) -> None:
    for timeout in (0, 0.05):
        with pytest.raises(errors.NothingToAssign):
            await link.call(keys.executor, "process.assign", timeout=timeout)


async def test_priority_comes_first_then_the_order_of_submission(link: Peer, keys: ColonyKeys) -> None:
    requests = [
        ("process.submit", {"spec": spec(func, priority=priority)})
        for func, priority in (("a", 0), ("b", 0), ("urgent", 1), ("c", 0), ("later", -1))
    ]
    await asyncio.gather(*await link.batch(keys.operator, *requests))
    order = [(await link.call(keys.executor, "process.assign", timeout=5))["spec"]["func"] for _ in requests]
    assert order == ["urgent", "a", "b", "c", "later"]


async def test_latest_takes_the_newest_whatever_its_priority(link: Peer, keys: ColonyKeys) -> None:
    for func, priority in (("old", 5), ("older", 9), ("newest", -3)):
        await link.call(keys.operator, "process.submit", spec=spec(func, priority=priority))
    assigned = await link.call(keys.executor, "process.assign", timeout=5, latest=True)
    assert assigned["spec"]["func"] == "newest"


async def test_a_process_for_named_executors_goes_to_them_alone(link: Peer, keys: ColonyKeys) -> None:
    other = await add_executor(link, keys, "other")
    lamp = await add_executor(link, keys, "lamp", "lamp")
    by_name = {"conditions": {"executornames": ["lamp"]}, "func": "by_name"}
    by_id = {"conditions": {"executorids": [other.id], "executortype": "cli"}, "func": "by_id"}
    for wanted in (by_name, by_id):
        await link.call(keys.operator, "process.submit", spec=wanted)
    with pytest.raises(errors.NothingToAssign):
        await link.call(keys.executor, "process.assign", timeout=0)
    assert (await link.call(other, "process.assign", timeout=5))["spec"]["func"] == "by_id"
    assert (await link.call(lamp, "process.assign", timeout=5))["spec"]["func"] == "by_name"


async def test_a_named_executor_of_another_type_never_gets_it(link: Peer, keys: ColonyKeys) -> None:
    both = {"conditions": {"executorids": [keys.executor.id], "executortype": "lamp"}, "func": "f"}
    process = await link.call(keys.operator, "process.submit", spec=both)
    with pytest.raises(errors.NothingToAssign):
        await link.call(keys.executor, "process.assign", timeout=0)
    said = await link.call(keys.viewer, "process.explain", processid=process["processid"])
    assert "is of type 'cli', not 'lamp'" in said["reasons"][0]


async def test_latestkey_leaves_at_most_one_waiting(link: Peer, keys: ColonyKeys) -> None:
    ids = []
    for value in range(10):
        wanted = spec("set_lamp", args=[value], latestkey="lamp")
        ids.append((await link.call(keys.operator, "process.submit", spec=wanted))["processid"])
    page = await link.call(keys.viewer, "process.list", state=0)
    assert [process["processid"] for process in page["processes"]] == [ids[-1]]
    first = await link.call(keys.viewer, "process.get", processid=ids[0])
    assert (first["state"], first["errors"]) == (4, [f"superseded by {ids[1]}"])


async def test_a_submit_repeated_after_a_lost_reply_is_stored_once(link: Peer, keys: ColonyKeys) -> None:
    first = await link.call(
        keys.operator, "process.submit", spec=spec(), processid="my-own-id-0001" + keys.owner.id[:8]
    )
    again = await link.call(keys.operator, "process.submit", spec=spec(), processid=first["processid"])
    assert again == first
    with pytest.raises(errors.Exists):
        await link.call(keys.operator, "process.submit", spec=spec("other"), processid=first["processid"])
    with pytest.raises(errors.Exists):
        await link.call(keys.executor, "process.submit", spec=spec(), processid=first["processid"])


async def test_closing_again_the_same_way_is_answered_and_changes_nothing(link: Peer, keys: ColonyKeys) -> None:
    await link.call(keys.operator, "process.submit", spec=spec())
    process = await link.call(keys.executor, "process.assign", timeout=5)
    same = {"processid": process["processid"], "successful": True, "attempt": 1}
    closed = await link.call(keys.executor, "process.close", **same, out=[1])
    again = await link.call(keys.executor, "process.close", **same, out=[2])
    assert again == closed
    with pytest.raises(errors.WrongState):
        await link.call(keys.executor, "process.close", processid=process["processid"], successful=False)
    assert await link.call(keys.viewer, "process.get", processid=process["processid"]) == closed


async def test_a_close_after_the_deadline_is_refused_and_changes_nothing(link: Peer, keys: ColonyKeys) -> None:
    wanted = spec(maxexectime=0.05, maxretries=0)
    await link.call(keys.operator, "process.submit", spec=wanted)
    process = await link.call(keys.executor, "process.assign", timeout=5)
    await link.call(keys.viewer, "watch", processid=process["processid"], states=[3])
    assert (await link.notified())["event"] == "failed"
    with pytest.raises(errors.DeadlinePassed) as refused:
        await link.call(keys.executor, "process.close", processid=process["processid"], successful=True, out=["late"])
    assert "0.05 s" in refused.value.message
    stored = await link.call(keys.viewer, "process.get", processid=process["processid"])
    assert (stored["state"], stored["out"]) == (3, [])
    assert stored["errors"] == ["maxexectime 0.05 s exceeded, 0 retries used up"]


async def test_an_overrun_goes_back_to_the_queue_until_its_retries_are_used_up(link: Peer, keys: ColonyKeys) -> None:
    process = await link.call(keys.operator, "process.submit", spec=spec(maxexectime=0.1, maxretries=2))
    await link.call(keys.viewer, "watch", processid=process["processid"], states=[0, 3])
    assert (await link.notified())["event"] == "submitted"
    for attempt in (1, 2, 3):
        assigned = await link.call(keys.executor, "process.assign", timeout=10)
        assert assigned["attempt"] == attempt
        event = await link.notified()
        assert event["event"] == ("requeued" if attempt < 3 else "failed")
    stored = event["process"]
    assert (stored["retries"], stored["errors"]) == (2, ["maxexectime 0.1 s exceeded, 2 retries used up"])
    assert [line["ended"] for line in stored["history"]] == ["overrun"] * 3


async def test_a_process_that_nobody_takes_fails_at_maxwaittime(link: Peer, keys: ColonyKeys) -> None:
    process = await link.call(keys.operator, "process.submit", spec=spec(maxwaittime=0.1))
    await link.call(keys.viewer, "watch", processid=process["processid"], states=[3])
    event = await link.notified()
    assert event["process"]["errors"] == ["maxwaittime 0.1 s exceeded"]


async def test_a_process_of_a_later_attempt_is_not_yours(link: Peer, keys: ColonyKeys) -> None:
    await link.call(keys.operator, "process.submit", spec=spec())
    process = await link.call(keys.executor, "process.assign", timeout=5)
    back = await link.call(keys.executor, "process.hand_back", processid=process["processid"], attempt=1)
    assert (back["state"], back["retries"], back["history"][0]["ended"]) == (0, 0, "handed_back")
    with pytest.raises(errors.NotAssignedToYou):
        await link.call(keys.executor, "process.close", processid=process["processid"], successful=True)
    other = await add_executor(link, keys, "other")
    assert (await link.call(other, "process.assign", timeout=5))["attempt"] == 2
    for attempt in ({}, {"attempt": 1}):
        with pytest.raises(errors.NotAssignedToYou):
            await link.call(keys.executor, "process.close", processid=process["processid"], successful=True, **attempt)


async def test_an_assign_that_is_repeated_gives_back_what_nobody_heard_of(
    broker: Broker, link: Peer, keys: ColonyKeys
) -> None:
    for number in range(2):
        await link.call(keys.operator, "process.submit", spec=spec(args=[number]))
    kept = await link.call(keys.executor, "process.assign", timeout=0, claimid="the-first")
    lost = await link.call(keys.executor, "process.assign", timeout=0, claimid="the-second")
    assert lost["history"][0]["claimid"] == "the-second"
    async with peer(broker.address) as other:
        again = await other.call(keys.executor, "process.assign", timeout=0, claimid="the-second", repeated=True)
        assert (again["processid"], again["attempt"], again["retries"]) == (lost["processid"], 2, 0)
        with pytest.raises(errors.NothingToAssign):  # what was assigned under other names is somebody's
            await other.call(keys.executor, "process.assign", timeout=0, claimid="the-third", repeated=True)
        with pytest.raises(errors.NothingToAssign):  # and of what was given back nothing is left to give back
            await other.call(keys.executor, "process.assign", timeout=0, claimid="the-second-", repeated=True)
    await link.call(keys.executor, "process.close", processid=kept["processid"], successful=True, attempt=1)
    with pytest.raises(errors.NotAssignedToYou):
        await link.call(keys.executor, "process.close", processid=lost["processid"], successful=True, attempt=1)


async def test_a_place_in_line_is_left_when_its_assign_is_repeated_elsewhere(
    broker: Broker, link: Peer, keys: ColonyKeys
) -> None:
    old = await link.send(keys.executor, "process.assign", timeout=60, claimid="a-long-wait")
    await link.call(keys.executor, "server.info")
    async with peer(broker.address) as other:
        again = await other.send(keys.executor, "process.assign", timeout=60, claimid="a-long-wait", repeated=True)
        with pytest.raises(errors.NothingToAssign):
            await old
        await link.call(keys.operator, "process.submit", spec=spec())
        assert (await again)["attempt"] == 1


async def test_what_is_stored_for_a_caller_in_line_bears_its_name(link: Peer, keys: ColonyKeys) -> None:
    waiting = await link.send(keys.executor, "process.assign", timeout=20, claimid="in-line-1")
    await link.call(keys.executor, "server.info")
    await link.call(keys.operator, "process.submit", spec=spec())
    assert (await waiting)["history"][0]["claimid"] == "in-line-1"


async def test_cancelling_is_heard_by_the_executor_that_runs_it(link: Peer, keys: ColonyKeys) -> None:
    await link.call(keys.operator, "process.submit", spec=spec())
    process = await link.call(keys.executor, "process.assign", timeout=5)
    cancelled = await link.call(keys.operator, "process.cancel", processid=process["processid"])
    assert cancelled["state"] == 4
    assert await link.notified("cancelled") == {"processid": process["processid"], "attempt": 1}
    with pytest.raises(errors.WrongState) as refused:
        await link.call(keys.executor, "process.close", processid=process["processid"], successful=True)
    assert "cancelled since" in refused.value.message


async def test_retry_is_a_new_process_with_the_same_spec(link: Peer, keys: ColonyKeys) -> None:
    await link.call(keys.operator, "process.submit", spec=spec(args=["x"]))
    process = await link.call(keys.executor, "process.assign", timeout=5)
    with pytest.raises(errors.WrongState):
        await link.call(keys.operator, "process.retry", processid=process["processid"])
    await link.call(keys.executor, "process.close", processid=process["processid"], successful=False, errors=["no"])
    again = await link.call(keys.operator, "process.retry", processid=process["processid"])
    assert again["processid"] != process["processid"]
    assert (again["retryof"], again["spec"], again["state"]) == (process["processid"], process["spec"], 0)


async def test_env_becomes_attributes_and_an_assignee_adds_its_own(link: Peer, keys: ColonyKeys) -> None:
    submitted = await link.call(keys.operator, "process.submit", spec=spec(env={"TEST": "testenv"}))
    assert submitted["attributes"] == [{"key": "TEST", "value": "testenv", "kind": "env"}]
    process = await link.call(keys.executor, "process.assign", timeout=5)
    for value in (1, {"deep": [2**64 - 1, b"\x00", "a.b$c"]}):
        await link.call(keys.executor, "attribute.set", processid=process["processid"], key="k", value=value)
    listed = await link.call(keys.viewer, "attribute.list", processid=process["processid"])
    assert listed[1:] == [{"key": "k", "value": {"deep": [2**64 - 1, b"\x00", "a.b$c"]}, "kind": "out"}]
    other = await add_executor(link, keys, "other")
    with pytest.raises(errors.NotAssignedToYou):
        await link.call(other, "attribute.set", processid=process["processid"], key="k", value=0)


async def test_the_log_of_a_process_is_written_by_its_assignee_alone(link: Peer, keys: ColonyKeys) -> None:
    await link.call(keys.operator, "process.submit", spec=spec())
    process = await link.call(keys.executor, "process.assign", timeout=5)
    for message in ("one", "two"):
        await link.call(keys.executor, "log.add", processid=process["processid"], message=message)
    lines = await link.call(keys.viewer, "log.list", processid=process["processid"])
    assert [(line["seq"], line["message"], line["attempt"]) for line in lines] == [(1, "one", 1), (2, "two", 1)]
    other = await add_executor(link, keys, "other")
    with pytest.raises(errors.NotAssignedToYou):
        await link.call(other, "log.add", processid=process["processid"], message="mine")


async def test_removing_an_executor_sends_what_it_runs_back(link: Peer, keys: ColonyKeys) -> None:
    await link.call(keys.operator, "process.submit", spec=spec())
    process = await link.call(keys.executor, "process.assign", timeout=5)
    in_line = await link.send(keys.executor, "process.assign", timeout=30)
    await link.call(keys.owner, "executor.remove", executorid=keys.executor.id)
    with pytest.raises(errors.UnknownIdentity):
        await asyncio.wait_for(in_line, 20)
    other = await add_executor(link, keys, "other")
    assigned = await link.call(other, "process.assign", timeout=10)
    assert (assigned["processid"], assigned["attempt"], assigned["retries"]) == (process["processid"], 2, 0)
    assert assigned["history"][0]["ended"] == "removed"


async def test_a_caller_whose_socket_closes_leaves_the_line_at_once(
    broker: Broker, link: Peer, keys: ColonyKeys
) -> None:
    async with peer(broker.address) as other:
        await other.send(keys.executor, "process.assign", timeout=60)
        await other.call(keys.executor, "server.info")
    await link.call(keys.viewer, "server.info")
    process = await link.call(keys.operator, "process.submit", spec=spec())
    assigned = await link.call(keys.executor, "process.assign", timeout=20)
    assert (assigned["processid"], assigned["retries"]) == (process["processid"], 0)


async def test_twenty_executors_race_and_each_process_is_assigned_once(
    broker: Broker, link: Peer, keys: ColonyKeys
) -> None:
    executors = [await add_executor(link, keys, f"racer-{number}") for number in range(20)]
    requests = [("process.submit", {"spec": spec(args=[number])}) for number in range(200)]
    submitted = await asyncio.gather(*await link.batch(keys.operator, *requests))
    taken: list[str] = []

    async def race(key: Identity) -> None:
        async with peer(broker.address) as own:
            try:
                while True:
                    process = await own.call(key, "process.assign", timeout=0)
                    assert process["attempt"] == 1
                    taken.append(process["processid"])
                    await own.call(key, "process.close", processid=process["processid"], successful=True, attempt=1)
            except errors.NothingToAssign:
                return

    async with asyncio.TaskGroup() as racers:
        for key in executors:
            racers.create_task(race(key))
    assert sorted(taken) == sorted(process["processid"] for process in submitted)
