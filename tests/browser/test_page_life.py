"""What becomes of a page's work when the page goes: it is left, closed, crashes, sleeps and comes back."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable

import pytest
from playwright.async_api import BrowserContext, Page

from colonies import AsyncColonies, State
from colonies.wire.identity import Identity
from tests.support.broker import Broker
from tests.support.colony import ColonyKeys, add_executor, spec
from tests.support.peer import Peer

from .chromium import Troubles, launched
from .pages import Tab, Tabs

# Takes one process and has it in its hands.
HOLDER = """
import { Colonies, pageKey } from "/sdk/colonies.js";

const client = new Colonies(SERVER, { key: globalThis.EXECUTOR_KEY ?? (await pageKey()) });
console.log(`is ${client.id}`);
await new Promise((resolve) => (globalThis.start = resolve));
const process = await client.assign({ timeout: 60 });
console.log(`holds ${process.processid}`);
"""

# Has one in the midst of a function.
WORKER = """
import { Worker } from "/sdk/colonies.js";

addEventListener("pageshow", ({ persisted }) => console.log(`shown, persisted: ${persisted}`));
const worker = new Worker(SERVER, { key: EXECUTOR_KEY });
worker.function("sleep", (_, { process }) => new Promise((resolve) => {
  globalThis.wake = resolve;
  console.log(`holds ${process.processid}`);
}));
worker.function("note", (_, { process }) => console.log(`did ${process.processid}`));
await worker.run();
"""


@pytest.fixture
async def other(link: Peer, keys: ColonyKeys) -> Identity:
    """Another executor, who takes what somebody gave back."""
    return await add_executor(link, keys, "other")


async def leave(tab: Tab) -> None:
    await tab.page.goto("about:blank")


async def close(tab: Tab) -> None:
    await tab.page.close(run_before_unload=True)


@pytest.mark.parametrize("go", [leave, close])
@pytest.mark.parametrize("whose", ["key in hex", "key of the page"])
async def test_a_page_that_goes_hands_back_what_it_holds(
    broker: Broker,
    keys: ColonyKeys,
    link: Peer,
    other: Identity,
    tabs: Tabs,
    whose: str,
    go: Callable[[Tab], Awaitable[None]],
) -> None:
    given = {"EXECUTOR_KEY": keys.executor.private_key} if whose == "key in hex" else {}
    tab = await tabs.open(broker.address, HOLDER, names=given)
    executor = (await tab.line("is ")).split()[1]
    if not given:
        member = {"executorid": executor, "executorname": "page", "executortype": "cli"}
        await link.call(keys.owner, "executor.add", executor=member, approve=True)
    await tab.page.evaluate("start()")
    asked = await link.call(keys.operator, "process.submit", spec=spec())
    await tab.line(f"holds {asked['processid']}")
    taken = await link.send(other, "process.assign", timeout=60)
    await go(tab)
    process = await taken
    assert (process["processid"], process["attempt"], process["retries"]) == (asked["processid"], 2, 0)


async def test_a_worker_whose_page_goes_hands_back_what_it_is_at(
    broker: Broker, keys: ColonyKeys, link: Peer, other: Identity, tabs: Tabs
) -> None:
    tab = await tabs.open(broker.address, WORKER, names={"EXECUTOR_KEY": keys.executor.private_key})
    asked = await link.call(keys.operator, "process.submit", spec=spec())
    await tab.line(f"holds {asked['processid']}")
    taken = await link.send(other, "process.assign", timeout=60)
    await leave(tab)
    process = await taken
    assert (process["processid"], process["attempt"], process["retries"]) == (asked["processid"], 2, 0)


async def test_what_a_tab_held_that_crashed_goes_back_at_its_deadline(
    broker: Broker, keys: ColonyKeys, link: Peer, other: Identity, tabs: Tabs
) -> None:
    tab = await tabs.open(broker.address, WORKER, names={"EXECUTOR_KEY": keys.executor.private_key})
    asked = await link.call(keys.operator, "process.submit", spec=spec(maxexectime=3, maxretries=1))
    await tab.line(f"holds {asked['processid']}")
    taken = await link.send(other, "process.assign", timeout=60)
    await crash(tab)
    process = await taken
    assert (process["processid"], process["attempt"], process["retries"]) == (asked["processid"], 2, 1)


async def crash(tab: Tab) -> None:
    """End the tab's process, so that nothing in it can do anything about it."""
    session = await tab.context.new_cdp_session(tab.page)
    async with tab.page.expect_event("crash"):
        crashing = asyncio.ensure_future(session.send("Page.crash"))
    crashing.cancel()  # nobody is left who could answer
    await asyncio.wait([crashing])


async def test_two_tabs_with_one_key_share_its_work_and_do_not_fight(
    broker: Broker, keys: ColonyKeys, tabs: Tabs
) -> None:
    names = {"EXECUTOR_KEY": keys.executor.private_key}
    first = await tabs.open(broker.address, WORKER, names=names)
    both = [first, await tabs.open(broker.address, WORKER, names=names, context=first.context)]
    async with AsyncColonies(broker.address, key=keys.operator) as client:
        for _ in range(2):  # the second time: both have gone on
            said = [len(tab.lines) for tab in both]
            async with asyncio.TaskGroup() as tasks:
                sleeping = [tasks.create_task(client.submit(spec("sleep"), wait=True)) for _ in both]
                for tab, since in zip(both, said, strict=True):
                    await tab.line("holds", since=since)
                asked = [tasks.create_task(client.submit(spec("note"), wait=True)) for _ in range(20)]
                for tab in both:
                    await tab.page.evaluate("wake()")
            done = [task.result() for task in asked]
            assert {(one.state, one.attempt) for one in (*done, *(task.result() for task in sleeping))} == {
                (State.SUCCESSFUL, 1)
            }
            did = []
            for tab, since in zip(both, said, strict=True):
                await tab.all_said()
                did += [line for line in tab.lines[since:] if line.startswith("did")]
            assert sorted(did) == sorted(f"did {process.processid}" for process in done)


async def test_a_worker_goes_on_when_its_page_comes_back_out_of_the_browsers_memory(
    broker: Broker, keys: ColonyKeys, troubles: Troubles
) -> None:
    async with launched(without=("--disable-back-forward-cache",)) as browser:

        async def new_page(_: BrowserContext | None) -> Page:
            page = await browser.new_page()
            troubles.watch(page)
            return page

        tab = await Tabs(new_page).open(broker.address, WORKER, names={"EXECUTOR_KEY": keys.executor.private_key})
        async with AsyncColonies(broker.address, key=keys.operator) as client:
            assert (await client.submit(spec("note"), wait=True, timeout=60)).state == State.SUCCESSFUL
            await tab.page.goto(f"{broker.address}/readyz")
            asked = await client.submit(spec("note"))
            # It is shown as it was, and so it does not load.
            await tab.page.go_back(wait_until="commit")
            await tab.line("shown, persisted: true")
            await tab.line(f"did {asked.processid}")
