"""Retry: a new process, made once however often it is asked for."""

from __future__ import annotations

import asyncio
import hashlib
from typing import Any

import pytest

from colonies.wire import errors
from tests.support.broker import Broker
from tests.support.colony import ColonyKeys, spec
from tests.support.failing import end_many, fail_many, ids_in
from tests.support.peer import Peer, peer


async def retry(link: Peer, keys: ColonyKeys, processid: str) -> dict[str, Any]:
    retried: dict[str, Any] = await link.call(keys.operator, "process.retry", processid=processid)
    return retried


async def test_a_repeat_answers_the_same_process_whoever_asks(link: Peer, keys: ColonyKeys) -> None:
    (failed,) = await fail_many(link, keys, 1)
    first = await retry(link, keys, failed)
    assert (first["retryof"], first["state"]) == (failed, 0)
    assert await retry(link, keys, failed) == first
    assert await link.call(keys.owner, "process.retry", processid=failed) == first
    assert await ids_in(link, keys) == [failed, first["processid"]]


async def test_two_who_retry_in_the_same_moment_make_one_process(broker: Broker, link: Peer, keys: ColonyKeys) -> None:
    failed = await fail_many(link, keys, 20)
    async with peer(broker.address) as other:
        requests = [("process.retry", {"processid": processid}) for processid in failed]
        asked = [*await link.batch(keys.operator, *requests), *await other.batch(keys.owner, *requests)]
        made = [process["processid"] for process in await asyncio.gather(*asked)]
    assert made[:20] == made[20:]
    assert len(await ids_in(link, keys, state=0)) == 20


async def test_the_id_of_a_retry_is_made_of_the_old_one(link: Peer, keys: ColonyKeys) -> None:
    (failed,) = await fail_many(link, keys, 1)
    expected = hashlib.sha256(b"retry" + failed.encode()).hexdigest()[:32]
    assert (await retry(link, keys, failed))["processid"] == expected


async def test_a_retry_that_runs_or_was_successful_is_answered_as_it_is(link: Peer, keys: ColonyKeys) -> None:
    (failed,) = await fail_many(link, keys, 1)
    again = await retry(link, keys, failed)
    await link.call(keys.executor, "process.assign", timeout=10)
    assert (await retry(link, keys, failed))["state"] == 1
    await link.call(keys.executor, "process.close", processid=again["processid"], successful=True)
    assert (await retry(link, keys, failed))["state"] == 2
    with pytest.raises(errors.WrongState):
        await retry(link, keys, again["processid"])


async def test_when_the_retry_failed_too_it_is_the_newest_that_is_retried(link: Peer, keys: ColonyKeys) -> None:
    (first,) = await fail_many(link, keys, 1)
    second = (await retry(link, keys, first))["processid"]
    await end_many(link, keys, 1)
    third = await retry(link, keys, first)
    assert third["retryof"] == second
    await link.call(keys.operator, "process.cancel", processid=third["processid"])
    fourth = await retry(link, keys, second)
    assert fourth["retryof"] == third["processid"]
    assert await retry(link, keys, first) == fourth


async def test_a_link_of_the_chain_that_was_removed_makes_no_second_one(link: Peer, keys: ColonyKeys) -> None:
    (first,) = await fail_many(link, keys, 1)
    second = (await retry(link, keys, first))["processid"]
    await link.call(keys.operator, "process.cancel", processid=second)
    third = await retry(link, keys, second)
    await link.call(keys.operator, "process.remove", processid=second)
    assert await retry(link, keys, first) == third
    assert len(await ids_in(link, keys, state=0)) == 1


async def test_an_id_that_somebody_else_took_is_refused(link: Peer, keys: ColonyKeys) -> None:
    (failed,) = await fail_many(link, keys, 1)
    taken = hashlib.sha256(b"retry" + failed.encode()).hexdigest()[:32]
    await link.call(keys.executor, "process.submit", spec=spec("other"), processid=taken)
    with pytest.raises(errors.Exists):
        await retry(link, keys, failed)
