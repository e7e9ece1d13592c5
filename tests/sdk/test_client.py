"""The Python client against a real broker, on both stores."""

from __future__ import annotations

import asyncio
import inspect
import subprocess
import sys
from pathlib import Path

import pytest

from colonies import AsyncColonies, Colonies, Conditions, Process, ProcessSpec, SubscriptionEnded, errors
from colonies.client import METHOD_NAMES
from colonies.wire.identity import Identity
from colonies.wire.messages import METHODS
from tests.support.broker import Broker
from tests.support.colony import ColonyKeys, add_executor, spec
from tests.support.peer import Peer

ROOT = Path(__file__).parents[2]


async def test_submit_wait_gives_the_finished_process(broker: Broker, keys: ColonyKeys) -> None:
    async with AsyncColonies(broker.address, key=keys.operator.private_key) as client:
        waiting = asyncio.create_task(client.submit(spec("echo"), wait=True))
        process = await client.assign(20, prvkey=keys.executor)
        await client.close_process(process, keys.executor, out=["hello"])
        done = await waiting
    assert (done.state.name, done.out) == ("SUCCESSFUL", ["hello"])


async def test_a_typed_spec_is_submitted_as_it_is(broker: Broker, keys: ColonyKeys) -> None:
    async with AsyncColonies(broker.address, key=keys.operator) as client:
        wanted = ProcessSpec(conditions=Conditions(executortype="cli"), func="f", args=[1, b"2"], maxexectime=2.5)
        process = await client.submit(wanted)
        assert (process.spec.args, process.spec.maxexectime) == ([1, b"2"], 2.5)
        assert await client.get_process(process.processid) == process


async def test_calls_of_one_turn_leave_as_one_frame(broker: Broker, keys: ColonyKeys) -> None:
    async with AsyncColonies(broker.address, key=keys.operator) as client:
        await client.server_info()
        before = await _metric(broker, "colonies_verifications_total")
        await asyncio.gather(*(client.submit(spec(args=[number])) for number in range(50)))
        after = await _metric(broker, "colonies_verifications_total")
    assert after - before == 1


async def test_a_subscription_gives_processes_and_ends_with_its_time(broker: Broker, keys: ColonyKeys) -> None:
    async with AsyncColonies(broker.address, key=keys.executor) as client:
        subscription = client.subscribe("cli", timeout=1)
        process = await client.submit(spec(), prvkey=keys.operator)
        heard = [told async for told in subscription]
        assert [told.processid for told in heard][:1] == [process.processid]
        with pytest.raises(SubscriptionEnded, match="timeout"):
            await subscription.next_event()


async def test_the_guides_subscription_calls_back_and_raises_when_its_time_is_up(
    broker: Broker, keys: ColonyKeys
) -> None:
    heard: list[Process] = []
    async with AsyncColonies(broker.address) as client:
        await client.submit_process_spec(spec(), keys.operator.private_key)
        with pytest.raises(SubscriptionEnded):
            await client.subscribe_processes("cli", 0.5, 0, keys.executor.private_key, heard.append)
    assert len(heard) == 1


async def test_a_refused_subscription_says_why(broker: Broker, keys: ColonyKeys) -> None:
    async with AsyncColonies(broker.address, key=Identity.generate()) as client:
        with pytest.raises(errors.UnknownIdentity):
            await client.subscribe("cli").next_event()


async def test_a_cancelled_assign_loses_no_process(broker: Broker, link: Peer, keys: ColonyKeys) -> None:
    async with AsyncColonies(broker.address, key=keys.executor) as client:
        waiting = asyncio.create_task(client.assign(60))
        await client.server_info()
        waiting.cancel()
        process = await link.call(keys.operator, "process.submit", spec=spec())
        other = await add_executor(link, keys, "other")
        given = await client.assign(20, prvkey=other)
    assert given.processid == process["processid"]


async def test_nobody_there_is_said_in_a_sentence() -> None:
    async with AsyncColonies("http://127.0.0.1:9", key=Identity.generate(), connect_seconds=0.3) as client:
        with pytest.raises(errors.Unreachable, match="connection refused; is it running"):
            await client.server_info()


async def test_calls_without_a_key_say_what_is_missing(broker: Broker) -> None:
    async with AsyncColonies(broker.address) as client:
        with pytest.raises(errors.BadRequest, match="prvkey"):
            await client.server_info()


def test_a_wrong_address_is_refused_at_once() -> None:
    with pytest.raises(ValueError, match="write it as http"):
        Colonies("ftp://somewhere")


def test_the_blocking_client_does_the_same(broker: Broker, keys: ColonyKeys) -> None:
    with Colonies(broker.address, key=keys.operator.private_key) as client:
        submitted = client.submit(spec("f"))
        process = client.assign_process(keys.owner.id, 10, keys.executor.private_key)
        assert process.processid == submitted.processid
        client.close_process(process.processid, keys.executor.private_key)
        assert client.get_process(process.processid).state.name == "SUCCESSFUL"
        assert [found.processid for found in client.iter_processes(limit=1)] == [process.processid]
        with client.watch(process.processid) as events:
            assert next(iter(events)).processid == process.processid


def test_the_blocking_client_is_what_the_generator_writes() -> None:
    path = ROOT / "sdk_py" / "colonies" / "blocking.py"
    code = "import generate_blocking as g; print(g.formatted(g.generated()), end='')"
    made = subprocess.run([sys.executable, "-c", code], cwd=ROOT / "sdk_py", capture_output=True, text=True, check=True)
    assert made.stdout == path.read_text(), "run: python sdk_py/generate_blocking.py"


def test_every_method_of_the_wire_has_a_method_of_the_client() -> None:
    assert set(METHOD_NAMES) == set(METHODS)
    for name in METHOD_NAMES.values():
        for client in (AsyncColonies, Colonies):
            assert inspect.isfunction(getattr(client, name)), name


def test_importing_the_sdk_imports_nothing_of_the_broker_or_the_command_line() -> None:
    code = "import sys, colonies; print([m for m in sys.modules if m.split('.')[0] in ('broker', 'typer', 'rich', 'motor')])"
    found = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert found.stdout.strip() == "[]"


async def _metric(broker: Broker, name: str) -> float:
    import httpx

    async with httpx.AsyncClient(trust_env=False) as client:
        text = (await client.get(f"{broker.address}/metrics")).text
    (line,) = [line for line in text.splitlines() if line.startswith(name + " ")]
    return float(line.split()[1])
