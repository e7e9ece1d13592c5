"""How a worker begins and ends: approval, removal, signals, and nothing left behind."""

from __future__ import annotations

import asyncio
import signal
import subprocess
import sys

import pytest

from colonies import AsyncColonies, Worker, errors
from tests.support.broker import Broker
from tests.support.colony import ColonyKeys, add_executor, spec
from tests.support.peer import Peer

from .working import working

PATIENCE = 30


# — approval —


async def test_a_worker_waits_until_it_is_approved(
    client: AsyncColonies, broker: Broker, link: Peer, keys: ColonyKeys, caplog: pytest.LogCaptureFixture
) -> None:
    key = await add_executor(link, keys, "pending", approve=False)
    worker = Worker(broker.address, key=key)
    worker.function(name="f")(lambda: 1)
    async with working(worker):
        submitted = await client.submit(spec("f"))
        async with asyncio.timeout(PATIENCE):
            while "trying on" not in caplog.text:
                await client.get_stats()
        await client.approve_executor(key.id)
        async with client.watch(submitted.processid) as moves:
            assert (await moves.next_event()).process.out == [1]


async def test_an_executor_that_is_removed_ends_its_worker(
    client: AsyncColonies, broker: Broker, keys: ColonyKeys
) -> None:
    worker = Worker(broker.address, key=keys.executor, grace_seconds=PATIENCE)
    started = asyncio.Event()

    @worker.function
    async def f() -> None:
        started.set()

    running = asyncio.create_task(worker.run())
    await client.submit(spec("f"))
    await asyncio.wait_for(started.wait(), PATIENCE)
    await client.remove_executor(keys.executor.id)
    with pytest.raises(errors.UnknownIdentity):
        await asyncio.wait_for(running, PATIENCE)


# — stopping —


async def test_a_stopping_worker_lets_what_runs_finish(client: AsyncColonies, broker: Broker, keys: ColonyKeys) -> None:
    worker = Worker(broker.address, key=keys.executor, grace_seconds=PATIENCE)
    started, release = asyncio.Event(), asyncio.Event()

    @worker.function
    async def slow() -> str:
        started.set()
        await release.wait()
        return "in time"

    running = asyncio.create_task(worker.run())
    first = await client.submit(spec("slow"))
    await asyncio.wait_for(started.wait(), PATIENCE)
    second = await client.submit(spec("slow"))
    worker.stop()
    release.set()
    await asyncio.wait_for(running, PATIENCE)
    assert (await client.get_process(first.processid)).out == ["in time"]
    assert (await client.get_process(second.processid)).attempt == 0


async def test_a_worker_that_is_cancelled_hands_back_what_it_holds(
    client: AsyncColonies, broker: Broker, keys: ColonyKeys
) -> None:
    worker = Worker(broker.address, key=keys.executor, concurrency=2)
    started = [asyncio.Event(), asyncio.Event()]
    cleaned = asyncio.Event()

    @worker.function
    async def forever(number: int) -> None:
        started[number].set()
        try:
            await asyncio.Event().wait()
        finally:
            cleaned.set()

    running = asyncio.create_task(worker.run())
    held = [await client.submit(spec("forever", args=[number])) for number in range(2)]
    for event in started:
        await asyncio.wait_for(event.wait(), PATIENCE)
    running.cancel()
    with pytest.raises(asyncio.CancelledError):
        await running
    assert cleaned.is_set()
    for process in held:
        found = await client.get_process(process.processid)
        assert (found.state.name, found.history[0].ended) == ("WAITING", "handed_back")


async def test_a_worker_that_stops_while_it_waits_takes_nothing_more(
    client: AsyncColonies, broker: Broker, link: Peer, keys: ColonyKeys
) -> None:
    async with AsyncColonies(broker.address, key=keys.executor) as shared:
        worker = Worker(shared, concurrency=3)
        worker.function(name="quick")(lambda: 1)
        async with working(worker):
            await client.submit(spec("quick"), wait=True)
        # The client is still there, and so are the places in line that nobody stands in any more.
        submitted = await client.submit(spec("quick"))
        other = await add_executor(link, keys, "other")
        assert (await client.assign(PATIENCE, prvkey=other)).processid == submitted.processid


PROGRAM = """
import sys, threading
from colonies import Worker
worker = Worker(sys.argv[1], key=sys.argv[2], grace_seconds=0.1)

@worker.function
def forever(context):
    print("started", flush=True)
    context.cancelled.wait()

worker.run_forever()
print("ended", flush=True)
"""


def start_program(*arguments: str) -> subprocess.Popen[str]:
    return subprocess.Popen([sys.executable, "-c", PROGRAM, *arguments], stdout=subprocess.PIPE, text=True)


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
async def test_a_signal_stops_a_worker_that_runs_for_ever(
    client: AsyncColonies, broker: Broker, keys: ColonyKeys, number: signal.Signals
) -> None:
    submitted = await client.submit(spec("forever"))
    program = start_program(broker.address, keys.executor.private_key)
    with program:
        assert program.stdout is not None
        try:
            assert await asyncio.to_thread(program.stdout.readline) == "started\n"
            program.send_signal(number)
            assert await asyncio.to_thread(program.stdout.readline) == "ended\n"
            assert await asyncio.to_thread(program.wait, PATIENCE) == 0
        finally:
            program.kill()
    found = await client.get_process(submitted.processid)
    assert (found.state.name, found.history[0].ended) == ("WAITING", "handed_back")
