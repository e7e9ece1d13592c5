"""A key that a page makes for itself: kept, never shown, and good enough for a broker."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator
from typing import Any

from playwright.async_api import Page

from colonies import AsyncColonies, State
from tests.support.broker import Broker
from tests.support.colony import ColonyKeys, spec
from tests.support.peer import Peer

from .chromium import Troubles, launched
from .pages import Tab, Tabs

PAGE = """
import { Worker, pageKey } from "/sdk/colonies.js";

const key = await pageKey("lamp");
const again = await pageKey("lamp");
const another = await pageKey("switch");
console.log(`ids ${key.id} ${again.id} ${another.id}`);
globalThis.work = () => {
  const worker = new Worker(SERVER, { key });
  worker.function("note", (_, { process }) => console.log(`did ${process.processid}`));
  void worker.run();
};
"""

# What any script of the page could get at.
KEPT = """async () => {
  const asked = indexedDB.open("colonies");
  const done = (request) => new Promise((resolve) => (request.onsuccess = () => resolve(request.result)));
  const database = await done(asked);
  const pair = await done(database.transaction("keys").objectStore("keys").get("lamp"));
  database.close();
  const refusals = [];
  for (const format of ["pkcs8", "jwk", "raw"]) {
    await crypto.subtle.exportKey(format, pair.privateKey).catch((error) => refusals.push(error.name));
  }
  return { extractable: pair.privateKey.extractable, refusals, stored: Object.keys(localStorage) };
}"""


async def id_of(tab: Tab, *, since: int = 0) -> str:
    """The id of the page's key, which is the same when it is asked for again and another for another name."""
    _, first, again, another = (await tab.line("ids", since=since)).split()
    assert first == again != another
    return first


async def works(tab: Tab, executor: str, broker: Broker, keys: ColonyKeys, link: Peer) -> None:
    """Add the page's key as an executor, and have the page do something."""
    member = {"executorid": executor, "executorname": "page", "executortype": "cli"}
    await link.call(keys.owner, "executor.add", executor=member, approve=True)
    await tab.page.evaluate("work()")
    async with AsyncColonies(broker.address, key=keys.operator) as client:
        asked = spec("note") | {"conditions": {"executorids": [executor]}}
        process = await client.submit(asked, wait=True, timeout=60)
    assert (process.state, process.assigneeid) == (State.SUCCESSFUL, executor)


async def test_the_key_of_a_page_outlives_it_and_nobody_can_read_it_out(
    broker: Broker, keys: ColonyKeys, link: Peer, tabs: Tabs
) -> None:
    tab = await tabs.open(broker.address, PAGE)
    first = await id_of(tab)
    since = len(tab.lines)
    await tab.load()
    assert await id_of(tab, since=since) == first
    kept = await tab.page.evaluate(KEPT)
    assert kept == {"extractable": False, "refusals": ["InvalidAccessError"] * 3, "stored": []}
    beside = await tabs.open(broker.address, PAGE, context=tab.context)
    assert await id_of(beside) == first
    visitor = await tabs.open(broker.address, PAGE)
    assert await id_of(visitor) != first
    await works(tab, first, broker, keys, link)


AT_ONCE = """
import { pageKey } from "/sdk/colonies.js";

globalThis.idsAtOnce = async () => (await Promise.all([1, 2, 3, 4].map(() => pageKey()))).map(({ id }) => id);
console.log("ready");
"""


async def test_all_that_ask_for_it_at_once_have_one_key(broker: Broker, tabs: Tabs) -> None:
    first = await tabs.open(broker.address, AT_ONCE)
    both = [first, await tabs.open(broker.address, AT_ONCE, context=first.context)]
    for tab in both:
        await tab.line("ready")
    ids = await asyncio.gather(*(tab.page.evaluate("idsAtOnce()") for tab in both))
    assert len({key for of_tab in ids for key in of_tab}) == 1


@contextlib.asynccontextmanager
async def insecure_tab(broker: Broker, troubles: Troubles, script: str) -> AsyncIterator[Tab]:
    """A page that came over plain http from another host than this one."""
    async with launched("--host-resolver-rules=MAP lamp.test 127.0.0.1") as browser:

        async def new_page(_: Any) -> Page:
            page = await browser.new_page()
            troubles.watch(page)
            return page

        yield await Tabs(new_page).open(f"http://lamp.test:{broker.port}", script)


async def test_without_a_secure_context_the_key_lies_in_the_pages_storage(
    broker: Broker, keys: ColonyKeys, link: Peer, troubles: Troubles
) -> None:
    async with insecure_tab(broker, troubles, PAGE) as tab:
        first = await id_of(tab)
        assert await tab.page.evaluate("typeof crypto.subtle") == "undefined"
        since = len(tab.lines)
        await tab.load()
        assert await id_of(tab, since=since) == first
        stored: dict[str, str] = await tab.page.evaluate("({ ...localStorage })")
        assert stored.keys() == {"colonies.lamp", "colonies.switch"}
        await works(tab, first, broker, keys, link)


# Somebody brings a key to a page, and comes back.
BROUGHT = """
import { Colonies, Identity, forgetKey, keepKey, keptKey, pageKey } from "/sdk/colonies.js";

Object.assign(globalThis, { Colonies, Identity, forgetKey, keepKey, keptKey, pageKey });
console.log("ready");
"""
BRING = "([key]) => keepKey('lamp', key).then(({ id }) => id, (error) => error.message)"
FIND = "async () => (await keptKey('lamp'))?.id ?? null"
ASK_WHO = "async () => (await new Colonies(location.origin, { key: await keptKey('lamp') }).whoami()).role"


async def test_a_key_that_somebody_brings_is_kept_so_that_nothing_reads_it_out(
    broker: Broker, keys: ColonyKeys, tabs: Tabs
) -> None:
    tab = await tabs.open(broker.address, BROUGHT)
    await tab.line("ready")
    assert await tab.page.evaluate(FIND) is None
    assert await tab.page.evaluate(BRING, [keys.operator.private_key]) == keys.operator.id
    since = len(tab.lines)
    await tab.load()
    await tab.line("ready", since=since)
    assert await tab.page.evaluate(FIND) == keys.operator.id
    assert await tab.page.evaluate("async () => (await pageKey('lamp')).id") == keys.operator.id
    assert await tab.page.evaluate(KEPT) == {"extractable": False, "refusals": ["InvalidAccessError"] * 3, "stored": []}
    assert await tab.page.evaluate(ASK_WHO) == "operator"


async def test_another_key_takes_the_place_of_one_that_was_kept_until_it_is_forgotten(
    broker: Broker, keys: ColonyKeys, tabs: Tabs
) -> None:
    tab = await tabs.open(broker.address, BROUGHT)
    await tab.line("ready")
    for key in (keys.operator, keys.viewer):
        await tab.page.evaluate(BRING, [key.private_key])
    assert await tab.page.evaluate(FIND) == keys.viewer.id
    told = await tab.page.evaluate(BRING, ["no key at all"])
    assert "64 hex characters" in told
    assert "no key at all" not in told
    assert await tab.page.evaluate(FIND) == keys.viewer.id
    await tab.page.evaluate("forgetKey('lamp')")
    assert await tab.page.evaluate(FIND) is None


async def test_without_a_secure_context_a_key_that_somebody_brings_is_not_kept(
    broker: Broker, keys: ColonyKeys, troubles: Troubles
) -> None:
    async with insecure_tab(broker, troubles, BROUGHT) as tab:
        await tab.line("ready")
        assert "cannot keep a key" in await tab.page.evaluate(BRING, [keys.operator.private_key])
        assert await tab.page.evaluate("({ ...localStorage })") == {}
        made = await tab.page.evaluate("async () => (await pageKey('lamp')).id")
        assert await tab.page.evaluate(FIND) == made
        await tab.page.evaluate("forgetKey('lamp')")
        assert await tab.page.evaluate(FIND) is None
