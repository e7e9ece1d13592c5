"""One action on everything that matches a filter, over a real socket and on both stores."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from broker.engine.matching import PAGE
from colonies.wire import errors
from colonies.wire.frames import Notification, Response
from tests.support.broker import Broker
from tests.support.colony import ColonyKeys, spec
from tests.support.failing import end_many, fail_many, ids_in, submit_many
from tests.support.peer import Peer, peer

NUMBER = 2 * PAGE + 44


async def matching(link: Peer, keys: ColonyKeys, action: str, **wanted: Any) -> dict[str, int]:
    answer: dict[str, int] = await link.call(keys.operator, f"process.{action}_matching", **wanted)
    return answer


def progress_of(link: Peer) -> list[dict[str, int]]:
    """What was told of the request that was answered last, in its order."""
    response = link.arrived[-1]
    assert isinstance(response, Response)
    told = [message for message in link.arrived if isinstance(message, Notification) and message.name == "progress"]
    return [message.params for message in told if message.params["id"] == response.id]


async def test_every_failure_is_retried_once_and_a_repeat_makes_nothing(link: Peer, keys: ColonyKeys) -> None:
    failed = await fail_many(link, keys, NUMBER)
    assert await matching(link, keys, "retry", state=3) == {"matched": NUMBER, "done": NUMBER}
    page = await link.call(keys.viewer, "process.list", state=0, limit=500, newest=False)
    assert [process["retryof"] for process in page["processes"]] == failed
    assert await matching(link, keys, "retry", state=3) == {"matched": NUMBER, "done": 0}
    assert len(await ids_in(link, keys, state=0)) == NUMBER


async def test_progress_begins_at_nothing_rises_and_ends_at_what_is_answered(link: Peer, keys: ColonyKeys) -> None:
    await submit_many(link, keys, NUMBER)
    answer = await matching(link, keys, "cancel", state=0)
    told = progress_of(link)
    done = [each["done"] for each in told]
    assert (done[0], done[-1]) == (0, answer["done"])
    assert done == sorted(done)
    assert {each["matched"] for each in told} == {NUMBER}


async def test_a_dry_run_counts_and_changes_nothing(link: Peer, keys: ColonyKeys) -> None:
    waiting = await submit_many(link, keys, 5)
    assert await matching(link, keys, "cancel", dryrun=True, limit=2) == {"matched": 5, "done": 0}
    assert await ids_in(link, keys, state=0) == waiting


async def test_a_limit_takes_the_oldest_first(link: Peer, keys: ColonyKeys) -> None:
    waiting = await submit_many(link, keys, NUMBER)
    answer = await matching(link, keys, "cancel", state=0, limit=NUMBER - 10)
    assert answer == {"matched": NUMBER, "done": NUMBER - 10}
    assert await ids_in(link, keys, state=0) == waiting[-10:]


async def test_only_what_matches_is_touched(link: Peer, keys: ColonyKeys) -> None:
    kept = await submit_many(link, keys, 3, label="keep")
    await submit_many(link, keys, 3, label="go")
    assert await matching(link, keys, "cancel", label="go") == {"matched": 3, "done": 3}
    assert await ids_in(link, keys, state=0) == kept


async def test_what_runs_is_cancelled_too_and_its_executor_hears_it(link: Peer, keys: ColonyKeys) -> None:
    await submit_many(link, keys, 2)
    running = await link.call(keys.executor, "process.assign", timeout=10)
    assert await matching(link, keys, "cancel") == {"matched": 2, "done": 2}
    cancelled = [message for message in link.arrived if isinstance(message, Notification)]
    assert [m.params["processid"] for m in cancelled if m.name == "cancelled"] == [running["processid"]]
    assert len(await ids_in(link, keys, state=4)) == 2


async def test_without_a_state_retry_takes_what_failed_and_what_was_cancelled(link: Peer, keys: ColonyKeys) -> None:
    failed = await fail_many(link, keys, 2)
    (cancelled,) = await submit_many(link, keys, 1)
    await link.call(keys.operator, "process.cancel", processid=cancelled)
    await submit_many(link, keys, 1)
    assert await matching(link, keys, "retry") == {"matched": 3, "done": 3}
    page = await link.call(keys.viewer, "process.list", state=0)
    assert {process["retryof"] for process in page["processes"]} == {*failed, cancelled, ""}


async def test_what_has_ended_is_removed_and_nothing_else(link: Peer, keys: ColonyKeys) -> None:
    await fail_many(link, keys, NUMBER)
    await submit_many(link, keys, 3)
    await end_many(link, keys, 1, successful=True)
    (waiting, running) = await ids_in(link, keys, state=0)
    await link.call(keys.executor, "process.assign", timeout=10)
    assert await matching(link, keys, "remove") == {"matched": NUMBER + 1, "done": NUMBER + 1}
    assert sorted(await ids_in(link, keys)) == sorted([waiting, running])
    assert await matching(link, keys, "remove") == {"matched": 0, "done": 0}


@pytest.mark.parametrize(("action", "state"), [("retry", 0), ("retry", 2), ("cancel", 3), ("remove", 1)])
async def test_a_state_in_which_nothing_can_be_done_is_refused(
    link: Peer, keys: ColonyKeys, action: str, state: int
) -> None:
    with pytest.raises(errors.BadRequest) as refused:
        await matching(link, keys, action, state=state)
    assert refused.value.field == "state"


@pytest.mark.parametrize("action", ["retry", "cancel", "remove"])
async def test_only_operators_may(link: Peer, keys: ColonyKeys, action: str) -> None:
    for key in (keys.viewer, keys.executor):
        with pytest.raises(errors.Forbidden):
            await link.call(key, f"process.{action}_matching")


async def test_it_leaves_one_line_in_the_log_without_what_was_searched_for(
    broker: Broker, link: Peer, keys: ColonyKeys
) -> None:
    await submit_many(link, keys, 3, label="lined")
    await matching(link, keys, "cancel", label="lined", state=0)
    await matching(link, keys, "remove", text="a secret", label="lined")
    lines = [line for line in broker.log().splitlines() if "label=lined" in line and keys.operator.id[:8] in line]
    assert [("did=cancelled" in line, "matched=3 done=3" in line) for line in lines] == [(True, True), (False, False)]
    assert "wanted=state=0,label=lined" in lines[0]
    assert "wanted=label=lined,text" in lines[1]
    assert "secret" not in lines[1]


async def test_others_are_answered_while_it_runs(link: Peer, keys: ColonyKeys) -> None:
    await submit_many(link, keys, NUMBER)
    running = await link.send(keys.operator, "process.cancel_matching", executortype="cli")
    await link.call(keys.executor, "process.submit", spec=spec(executortype="other"))
    assert not running.done()
    assert (await running)["done"] == NUMBER


async def test_it_ends_when_its_socket_closes_and_what_was_done_stays_done(
    broker: Broker, link: Peer, keys: ColonyKeys
) -> None:
    await submit_many(link, keys, 20 * PAGE, label="cut off")
    async with peer(broker.address) as other:
        await other.send(keys.operator, "process.cancel_matching", label="cut off")
        assert (await other.notified("progress"))["done"] == 0
    line = await logged(broker, "label=cut off")
    done = int(line.split(" done=")[1].split()[0])
    assert done < 20 * PAGE
    # What was on its way when the socket closed is still carried out, and is at most the page under way.
    assert done <= len(await ids_in(link, keys, state=4)) <= done + PAGE


async def logged(broker: Broker, words: str) -> str:
    """Wait for a line of the broker's log."""
    async with asyncio.timeout(20):
        while True:
            for line in broker.log().splitlines():
                if words in line:
                    return line
            await asyncio.sleep(0.01)
