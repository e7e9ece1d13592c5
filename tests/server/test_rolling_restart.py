"""Brokers are restarted one after the other under clients that go on all the time: nobody notices but by a pause."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from colonies import AsyncColonies, State, WorkContext, Worker
from tests.conftest import database
from tests.sdk.working import working
from tests.support.broker import Broker
from tests.support.colony import ColonyKeys, add_executor, make_colony, spec
from tests.support.javascript import Program, as_globals, running_node
from tests.support.peer import peer
from tests.support.traffic import Traffic

PATIENCE = 60.0
BROKERS = 3


@pytest.fixture
def brokers(mongodb: str, start_broker: Callable[..., Broker]) -> list[Broker]:
    """Several on one database."""
    store = database(mongodb)
    first = start_broker(store)
    return [first, *(start_broker(store, owner=first.owner) for _ in range(BROKERS - 1))]


@pytest.fixture
async def keys(brokers: Sequence[Broker]) -> ColonyKeys:
    async with peer(brokers[0].address) as link:
        return await make_colony(link, brokers[0].owner, executors=3)


async def run_on(client: AsyncColonies, executorid: str, executortype: str, func: str = "add") -> str:
    """Have a process done by this very executor: it is done only if that one is at work."""
    conditions = {"executortype": executortype, "executorids": [executorid]}
    process = await client.submit({**spec(func, args=[1, 2]), "conditions": conditions}, wait=True, timeout=PATIENCE)
    assert (process.state, process.out) == (State.SUCCESSFUL, [3])
    return process.processid


async def test_all_three_are_restarted_and_no_request_fails_and_no_worker_stays_away(
    brokers: Sequence[Broker], keys: ColonyKeys
) -> None:
    addresses = [broker.address for broker in brokers]
    traffic = Traffic(addresses, keys)
    async with traffic.running(submitters=2), AsyncColonies(addresses, key=keys.operator) as client:
        for broker in brokers:
            await all_work(client, keys)
            assert await asyncio.to_thread(broker.stop) == 0
            # Before it is back: whoever was with it has gone to another one.
            for processid in await all_work(client, keys):
                await traffic.wait_heard(processid)
            await asyncio.to_thread(broker.start)
    assert traffic.refused == []
    assert {process.state for process in traffic.ended.values()} == {State.SUCCESSFUL}
    assert set(traffic.ran.values()) == {1}
    # What was for somebody whose wait ended in that very moment goes to another one, before anybody has seen it.
    assert {attempt.ended for process in traffic.ended.values() for attempt in process.history[:-1]} <= {"handed_back"}
    assert traffic.ended.keys() <= traffic.ran.keys()


async def all_work(client: AsyncColonies, keys: ColonyKeys) -> list[str]:
    """Return once each executor has done something that was asked for just now."""
    return [await run_on(client, executor.id, "cli") for executor in keys.executors]


async def test_what_a_worker_has_in_hand_is_closed_over_its_next_connection(
    brokers: Sequence[Broker], keys: ColonyKeys
) -> None:
    """It is not given to anybody else, although its broker stops while it runs."""
    addresses = [broker.address for broker in brokers]
    begun, may_end = asyncio.Event(), asyncio.Event()
    worker = Worker(addresses, key=keys.executor)

    @worker.function
    async def hold(context: WorkContext) -> int:
        begun.set()
        await may_end.wait()
        await context.log("held")
        return context.process.attempt

    async with AsyncColonies(addresses, key=keys.operator) as client, working(worker):
        process = await client.submit(spec("hold"))
        await asyncio.wait_for(begun.wait(), PATIENCE)
        for broker in brokers:
            assert await asyncio.to_thread(broker.stop) == 0
            await asyncio.to_thread(broker.start)
        may_end.set()
        async with asyncio.timeout(PATIENCE):
            done = (await client.watch(process.processid).next_event()).process
        assert (done.state, done.attempt, done.out) == (State.SUCCESSFUL, 1, [1])
        assert [line.message for line in await client.get_logs(process.processid)] == ["held"]


# — in JavaScript —

SCRIPT = """
import { Colonies, Worker } from "colonies";

const worker = new Worker(SERVERS, { key: EXECUTOR });
const ran = {};
worker.function("add", async ([left, right], context) => {
  ran[context.process.processid] = (ran[context.process.processid] ?? 0) + 1;
  await context.log("added");
  return left + right;
});
let isOver = false;
worker.function("end", ([left, right]) => {
  isOver = true;
  return left + right;
});
const client = new Colonies(SERVERS, { key: OPERATOR });
const working = worker.run();
const spec = { conditions: { executortype: "page" }, func: "add", args: [1, 2] };
let done = 0;
while (!isOver) {
  const process = await client.submit(spec, { wait: true });
  if (process.state !== 2 || process.out[0] !== 3) console.log(`wrong ${process.state}`);
  done++;
}
worker.stop();
await working;
await client.close();
const most = Math.max(...Object.values(ran));
console.log(`over ${done > 0} ${most}`);
"""


@asynccontextmanager
async def page(brokers: Sequence[Broker], keys: ColonyKeys, folder: Path) -> AsyncIterator[tuple[Program, str]]:
    """A program of Node.js that submits and works all the time, and the executor that it is."""
    async with peer(brokers[0].address) as link:
        executor = await add_executor(link, keys, "page", "page")
    names = {"OPERATOR": keys.operator.private_key, "EXECUTOR": executor.private_key}
    given = as_globals(SERVERS=[broker.address for broker in brokers], **names)
    files = {"names.mjs": given, "page.mjs": SCRIPT}
    async with running_node(folder, "--import", "./names.mjs", "page.mjs", files=files) as program:
        yield program, executor.id


async def test_a_program_in_javascript_does_not_notice_either(
    brokers: Sequence[Broker], keys: ColonyKeys, tmp_path: Path
) -> None:
    addresses = [broker.address for broker in brokers]
    async with (
        AsyncColonies(addresses, key=keys.operator) as client,
        page(brokers, keys, tmp_path) as (program, executorid),
    ):
        for broker in brokers:
            await run_on(client, executorid, "page")
            assert await asyncio.to_thread(broker.stop) == 0
            await run_on(client, executorid, "page")
            await asyncio.to_thread(broker.start)
        await run_on(client, executorid, "page", "end")
        assert await program.code() == 0
        assert program.lines == ["over true 1"]
