"""The worker against a real broker: how functions end, and how a worker stops."""

from __future__ import annotations

import asyncio
import threading
from typing import Any

import pytest

from colonies import AsyncColonies, Failed, WorkContext, Worker, errors
from colonies.wire.identity import Identity
from tests.support.broker import Broker
from tests.support.colony import ColonyKeys, spec

from .working import working


async def test_what_a_function_returns_is_out_and_what_it_raises_is_the_error(
    client: AsyncColonies, broker: Broker, keys: ColonyKeys
) -> None:
    worker = Worker(broker.address, key=keys.executor, concurrency=2)

    @worker.function
    def add(left: int, right: int) -> int:
        return left + right

    @worker.function(name="greet")
    async def anything(name: str, context: WorkContext) -> list[str]:
        await context.log("hello")
        await context.set_attribute("greeted", name)
        return [name, context.env["LANG"]]

    @worker.function
    def fail() -> None:
        raise ZeroDivisionError("by nothing")

    @worker.function
    def give_up() -> None:
        raise Failed("no", "really no", out=[1])

    async with working(worker):
        assert (await client.submit(spec("add", args=[1], kwargs={"right": 2}), wait=True)).out == [3]
        greeted = await client.submit(spec("greet", args=["you"], env={"LANG": "se"}), wait=True)
        assert greeted.out == ["you", "se"]
        assert {attribute.key for attribute in greeted.attributes} == {"LANG", "greeted"}
        assert [line.message for line in await client.get_logs(greeted.processid)] == ["hello"]
        failed = await client.submit(spec("fail"), wait=True)
        assert failed.state.name == "FAILED"
        assert "ZeroDivisionError: by nothing" in failed.errors[0]
        given_up = await client.submit(spec("give_up"), wait=True)
        assert (given_up.errors, given_up.out) == (["no", "really no"], [1])
        unknown = await client.submit(spec("unheard_of"), wait=True)
        assert "no function 'unheard_of'" in unknown.errors[0]


async def test_a_blocking_function_does_not_hold_up_the_connection(
    client: AsyncColonies, broker: Broker, keys: ColonyKeys
) -> None:
    worker = Worker(broker.address, key=keys.executor, concurrency=2)
    release = threading.Event()
    worker.function(name="block")(lambda: release.wait(30))
    worker.function(name="quick")(lambda: "done")
    async with working(worker):
        blocked = await client.submit(spec("block"))
        assert (await client.submit(spec("quick"), wait=True)).out == ["done"]
        assert (await client.get_process(blocked.processid)).state.name == "RUNNING"
        release.set()
        async with client.watch(blocked.processid) as events:
            assert (await events.next_event()).event == "successful"


async def test_a_cancel_is_heard_and_the_worker_goes_on(
    client: AsyncColonies, broker: Broker, keys: ColonyKeys
) -> None:
    worker = Worker(broker.address, key=keys.executor)
    started, ended = asyncio.Event(), asyncio.Event()

    @worker.function
    async def forever() -> None:
        started.set()
        try:
            await asyncio.Event().wait()
        finally:
            ended.set()

    worker.function(name="quick")(lambda: 1)
    async with working(worker):
        process = await client.submit(spec("forever"))
        await asyncio.wait_for(started.wait(), 20)
        await client.cancel(process.processid)
        await asyncio.wait_for(ended.wait(), 20)
        assert (await client.submit(spec("quick"), wait=True)).out == [1]


async def test_what_runs_too_long_is_cancelled_and_left_to_the_broker(
    client: AsyncColonies, broker: Broker, keys: ColonyKeys
) -> None:
    worker = Worker(broker.address, key=keys.executor)
    attempts: list[int] = []

    @worker.function
    async def slow(context: WorkContext) -> None:
        attempts.append(context.process.attempt)
        await asyncio.Event().wait()

    async with working(worker):
        done = await client.submit(spec("slow", maxexectime=0.2, maxretries=1), wait=True)
    assert done.errors == ["maxexectime 0.2 s exceeded, 1 retry used up"]
    assert attempts == [1, 2]


async def test_a_stopping_worker_hands_back_what_it_does_not_finish(
    client: AsyncColonies, broker: Broker, keys: ColonyKeys
) -> None:
    worker = Worker(broker.address, key=keys.executor, grace_seconds=0.1)
    started = asyncio.Event()

    @worker.function
    async def forever() -> None:
        started.set()
        await asyncio.Event().wait()

    async with working(worker):
        process = await client.submit(spec("forever"))
        await asyncio.wait_for(started.wait(), 20)
    found = await client.get_process(process.processid)
    assert (found.state.name, found.retries, found.history[0].ended) == ("WAITING", 0, "handed_back")


async def test_a_result_that_cannot_be_stored_fails_the_process(
    client: AsyncColonies, broker: Broker, keys: ColonyKeys
) -> None:
    worker = Worker(broker.address, key=keys.executor)
    results: dict[str, Any] = {"huge": "x" * 400_000, "strange": object()}
    worker.function(name="give")(lambda name: results[name])
    async with working(worker):
        for name in results:
            done = await client.submit(spec("give", args=[name]), wait=True)
            assert done.state.name == "FAILED"
            assert "the result was refused" in done.errors[0]


async def test_a_key_that_may_not_work_ends_the_worker_with_a_sentence(broker: Broker) -> None:
    with pytest.raises(errors.UnknownIdentity, match="nobody here knows the key"):
        await Worker(broker.address, key=Identity.generate()).run()
