"""Ten tabs at work: nothing is done twice, and hardly any is woken for nothing."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

import pytest
from playwright.async_api import BrowserContext

from colonies import AsyncColonies, State
from colonies.wire.identity import Identity
from tests.support.broker import Broker
from tests.support.colony import ColonyKeys, add_executor, spec
from tests.support.peer import Peer

from .conftest import NewPage
from .pages import Tabs

TABS = 10

WORKER = """
import { Worker } from "/sdk/colonies.js";

const worker = new Worker(SERVER, { key: EXECUTOR_KEY });
worker.function("meet", () => new Promise((resolve) => {
  globalThis.part = resolve;
  console.log("met");
}));
worker.function("note", (_, { process }) => console.log(`did ${process.processid}`));
await worker.run();
"""

LISTENER = """
import { Colonies, NothingToAssign } from "/sdk/colonies.js";

globalThis.found = { something: 0, nothing: 0 };
const client = new Colonies(SERVER, { key: EXECUTOR_KEY });
const subscription = client.subscribe("cli", { wake: WAKE });
await subscription.made;
console.log("listens");
for await (const _ of subscription) {
  try {
    const process = await client.assign({ timeout: 0 });
    found.something++;
    await client.closeProcess(process);
  } catch (error) {
    if (!(error instanceof NothingToAssign)) throw error;
    found.nothing++;
  }
}
"""


@pytest.fixture
async def context(new_page: NewPage) -> BrowserContext:
    """One for all: tabs of one visitor, who has a key for each."""
    return (await new_page()).context


@pytest.fixture
async def client(broker: Broker, keys: ColonyKeys) -> AsyncIterator[AsyncColonies]:
    async with AsyncColonies(broker.address, key=keys.operator) as opened:
        yield opened


@pytest.fixture
async def ten_keys(link: Peer, keys: ColonyKeys) -> list[Identity]:
    return [await add_executor(link, keys, f"tab {number}") for number in range(TABS)]


async def test_ten_tabs_do_two_hundred_processes_once_each(
    broker: Broker, client: AsyncColonies, ten_keys: list[Identity], tabs: Tabs, context: BrowserContext
) -> None:
    opened = []
    for key in ten_keys:
        names = {"EXECUTOR_KEY": key.private_key}
        opened.append(await tabs.open(broker.address, WORKER, context=context, names=names))
    async with asyncio.TaskGroup() as tasks:
        meeting = [tasks.create_task(client.submit(spec("meet"), wait=True)) for _ in opened]
        for tab in opened:  # all of them, before one has done anything
            await tab.line("met")
        asked = [tasks.create_task(client.submit(spec("note"), wait=True)) for _ in range(200)]
        for tab in opened:
            await tab.page.evaluate("part()")
    for tab in opened:
        await tab.all_said()
    assert {task.result().assigneeid for task in meeting} == {key.id for key in ten_keys}
    done = [task.result() for task in asked]
    assert {(process.state, process.attempt, len(process.history)) for process in done} == {(State.SUCCESSFUL, 1, 1)}
    did = [(key.id, line) for key, tab in zip(ten_keys, opened, strict=True) for line in tab.lines if line != "met"]
    assert sorted(did) == sorted((process.assigneeid, f"did {process.processid}") for process in done)


@pytest.mark.parametrize(("wake", "processes", "least", "most"), [("one", 200, 0.0, 0.1), ("all", 40, 0.5, 1.0)])
async def test_waking_one_tab_wakes_hardly_any_for_nothing(
    broker: Broker,
    client: AsyncColonies,
    ten_keys: list[Identity],
    tabs: Tabs,
    context: BrowserContext,
    wake: str,
    processes: int,
    least: float,
    most: float,
) -> None:
    opened = []
    for key in ten_keys:
        names = {"EXECUTOR_KEY": key.private_key, "WAKE": wake}
        opened.append(await tabs.open(broker.address, LISTENER, context=context, names=names))
    for tab in opened:
        await tab.line("listens")
    for _ in range(processes):
        assert (await client.submit(spec(), wait=True, timeout=60)).state == State.SUCCESSFUL
    found = [await tab.page.evaluate("found") for tab in opened]
    assert sum(one["something"] for one in found) == processes
    nothing = sum(one["nothing"] for one in found)
    print(f"wake {wake}: {nothing} of {nothing + processes} assigns found nothing")
    assert least <= nothing / (nothing + processes) < most
