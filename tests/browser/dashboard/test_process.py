"""One process: why it waits, who had it, what it wrote, and what an operator does with it."""

from __future__ import annotations

import json
import re

import pytest
from playwright.async_api import expect

from colonies.wire.errors import Forbidden
from tests.support.broker import Broker
from tests.support.colony import ColonyKeys, add_executor
from tests.support.peer import Peer, peer

from .conftest import Dashboard, Work, go, section, stored
from .lists import short


async def test_every_attempt_is_told_with_how_it_ended(
    dashboard: Dashboard, work: Work, link: Peer, keys: ColonyKeys
) -> None:
    processid = await work.waits("render", maxexectime=0.1, maxretries=5)
    await link.call(keys.operator, "watch", processid=processid, states=[0])
    await link.notified()  # as it waits now
    for _ in range(2):
        await link.call(keys.executor, "process.assign", timeout=10)
        assert (await link.notified())["event"] == "requeued"
    await link.call(keys.executor, "process.assign", timeout=10)
    await link.call(keys.executor, "process.close", processid=processid, successful=True, out=["done"])
    page = await dashboard(f"process/{processid}")
    attempts = section(page, "Attempts").locator("li")
    await expect(attempts).to_have_count(3)
    for number, how in enumerate(("ran too long", "ran too long", "closed as successful")):
        await expect(attempts.nth(number)).to_contain_text(how)
        await expect(attempts.nth(number)).to_contain_text("cli-0")
    await expect(page.locator(".process-head")).to_contain_text("2 of 5 retries used")
    await expect(section(page, "Result")).to_contain_text("done")


async def test_why_it_waits_is_said_and_changes_by_itself(
    dashboard: Dashboard, work: Work, link: Peer, keys: ColonyKeys, broker: Broker
) -> None:
    processid = await work.waits("render", executortype="gpu")
    page = await dashboard(f"process/{processid}")
    why = section(page, "Why it is waiting")
    await expect(why).to_contain_text("there is no executor of type 'gpu' in the colony")
    key = await add_executor(link, keys, "gpu-1", "gpu")
    await expect(why).to_contain_text("1 executor could take it, none is connected")
    async with peer(broker.address) as its_link:
        await its_link.call(key, "server.info")
        await expect(why).to_contain_text("not asking for work")
        await its_link.call(key, "process.assign", timeout=10)
        await expect(page.locator(".process-head .badge")).to_contain_text("running")
        await expect(why).to_have_count(0)
        await expect(section(page, "Attempts")).to_contain_text("gpu-1")
        await its_link.call(key, "process.close", processid=processid, successful=False, errors=["it broke\nhere"])
    await expect(section(page, "Error")).to_contain_text("it broke\nhere")


async def test_limits_say_what_happens_and_when(dashboard: Dashboard, work: Work, keys: ColonyKeys) -> None:
    waiting = await work.waits(maxwaittime=900, executortype="nobody")
    page = await dashboard(f"process/{waiting}")
    head = page.locator(".process-head")
    await expect(head).to_contain_text(re.compile(r"Limit ?fails in \d+ \w+ unless it is taken"))
    again = await work.runs("again", maxexectime=3600, maxretries=1)
    await go(page, f"process/{again}")
    await expect(head).to_contain_text(re.compile(r"goes back to the queue in \d+ \w+ unless it is closed"))
    await work.link.call(keys.executor, "process.close", processid=again, successful=True)
    once = await work.runs("once", maxexectime=3600)
    await go(page, f"process/{once}")
    await expect(head.get_by_role("heading")).to_have_text("once")
    await expect(head).to_contain_text(re.compile(r"fails in \d+ \w+ unless it is closed"))


async def test_only_the_attempts_that_are_kept_are_listed_and_that_is_said(
    dashboard: Dashboard, work: Work, link: Peer, keys: ColonyKeys
) -> None:
    processid = await work.waits()
    for _ in range(23):
        await link.call(keys.executor, "process.assign", timeout=10)
        await link.call(keys.executor, "process.hand_back", processid=processid)
    page = await dashboard(f"process/{processid}")
    await expect(section(page, "Attempts").locator("li")).to_have_count(20)
    await expect(section(page, "Attempts")).to_contain_text("The last 20 are kept; 3 before them are not.")
    await expect(section(page, "Attempts").locator("li").first).to_contain_text("handed back by its executor")


async def test_whatever_was_superseded_leads_to_the_newer_one(dashboard: Dashboard, work: Work) -> None:
    older = await work.waits("show", latestkey="sky")
    newer = await work.waits("show", latestkey="sky")
    page = await dashboard(f"process/{older}")
    head = page.locator(".process-head")
    await expect(head).to_contain_text("Superseded by")
    await expect(section(page, "Error")).to_have_count(0)  # nothing went wrong
    await head.get_by_role("link", name=short(newer)).click()
    await expect(head.locator(".badge")).to_contain_text("waiting")
    assert newer in page.url


async def test_values_are_folded_and_copied_whole(
    dashboard: Dashboard, work: Work, link: Peer, keys: ColonyKeys
) -> None:
    numbers = list(range(250))
    processid = await work.runs(args=["holiday", numbers], kwargs={"deep": {"er": {"est": {"treasure": 1}}}})
    page = await dashboard(f"process/{processid}", permissions=["clipboard-read", "clipboard-write"])
    arguments = section(page, "Arguments")
    await expect(arguments).to_contain_text('"holiday"')
    await expect(arguments).not_to_contain_text("249")
    await arguments.locator("summary", has_text="250 elements").click()
    await arguments.get_by_role("button", name="Show 100 more of 250 members").click()
    await arguments.get_by_role("button", name="Show 50 more of 250 members").click()
    await expect(arguments).to_contain_text("249")
    await expect(arguments).not_to_contain_text("treasure: 1")
    await arguments.locator("summary", has_text="est").last.click()
    await expect(arguments).to_contain_text("treasure: 1")
    await arguments.get_by_role("button", name="Copy the arguments as JSON").click()
    await expect(arguments.locator("button [role=status]").first).to_have_text("Copied")
    copied = json.loads(await page.evaluate("navigator.clipboard.readText()"))
    assert copied == {"args": ["holiday", numbers], "kwargs": {"deep": {"er": {"est": {"treasure": 1}}}}}


async def test_removing_asks_first_and_leaves_nothing(
    dashboard: Dashboard, work: Work, link: Peer, keys: ColonyKeys
) -> None:
    processid = await work.fails()
    page = await dashboard(f"process/{processid}")
    head = page.locator(".process-head")
    await head.get_by_role("button", name="Remove", exact=True).click()
    assert len(await stored(link, keys)) == 1
    await head.get_by_role("button", name="Remove for good").click()
    said = page.locator("main").get_by_text("was removed, with its log")
    await expect(said).to_be_focused()
    await expect(head).to_have_count(0)
    assert await stored(link, keys) == []
    await said.get_by_role("link", name="To its queue").click()
    await expect(page.get_by_role("heading", level=1)).to_have_text("Queue cli")


async def test_cancelling_asks_first_and_a_retry_leads_to_the_new_one(
    dashboard: Dashboard, work: Work, link: Peer, keys: ColonyKeys
) -> None:
    processid = await work.waits()
    page = await dashboard(f"process/{processid}")
    head = page.locator(".process-head")
    await head.get_by_role("button", name="Cancel", exact=True).click()
    assert (await link.call(keys.operator, "process.get", processid=processid))["state"] == 0
    await head.get_by_role("button", name="Cancel it").click()
    await expect(head.locator(".badge")).to_contain_text("cancelled")
    await head.get_by_role("button", name="Retry", exact=True).click()
    await expect(head.locator(".badge")).to_contain_text("waiting")
    (again,) = await stored(link, keys, state=0)
    assert again["retryof"] == processid
    assert again["processid"] in page.url
    await head.get_by_role("link", name=short(processid)).click()
    await expect(head.locator(".badge")).to_contain_text("cancelled")
    await expect(head).to_contain_text(f"Retried as{short(again['processid'])}")
    await expect(head).to_contain_text(", waiting")


async def test_what_is_not_there_is_said_and_another_is_looked_for(dashboard: Dashboard, work: Work) -> None:
    page = await dashboard("process/0123456789abcdef")
    await expect(page.locator("main")).to_contain_text("There is no process 0123456789abcdef in this colony.")
    await expect(page.locator("main")).to_contain_text("It may have been removed")
    processid = await work.waits()
    await page.get_by_label("Id of a process").fill(f" {processid} ")
    await page.keyboard.press("Enter")
    await expect(page.locator(".process-head .badge")).to_contain_text("waiting")


async def test_a_viewer_sees_it_all_and_may_do_nothing(
    dashboard: Dashboard, work: Work, link: Peer, keys: ColonyKeys
) -> None:
    processid = await work.fails(error="it broke")
    page = await dashboard(f"process/{processid}", role="viewer")
    await expect(section(page, "Error")).to_contain_text("it broke")
    for name in ("Retry", "Cancel", "Remove"):
        await expect(page.locator("main").get_by_role("button", name=name)).to_have_count(0)
    with pytest.raises(Forbidden):
        await link.call(keys.viewer, "process.retry", processid=processid)
