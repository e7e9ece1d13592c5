"""One process: why it waits, who had it, what it wrote, and what an operator does with it."""

from __future__ import annotations

from typing import Any

import pytest
from playwright.async_api import Page, expect

from colonies.wire.errors import Forbidden
from tests.browser.chromium import Troubles
from tests.support.broker import Broker
from tests.support.colony import ColonyKeys, add_executor
from tests.support.peer import Peer, peer

from .conftest import Dashboard, Work, go, stored
from .hostile import BACKWARDS, EMOJI, LONG, MARKUP, UNBROKEN, expect_unharmed


def section(page: Page, title: str) -> Any:
    return page.locator("main section").filter(has=page.get_by_role("heading", name=title, exact=True))


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


async def test_the_log_grows_in_order_and_each_line_stands_there_once(
    dashboard: Dashboard, work: Work, link: Peer, keys: ColonyKeys
) -> None:
    processid = await work.runs()
    await link.call(keys.executor, "log.add", processid=processid, message="before")
    page = await dashboard(f"process/{processid}")
    lines = page.locator(".log .message")
    await expect(lines).to_have_text(["before"])
    for number in range(30):
        await link.call(keys.executor, "log.add", processid=processid, message=f"line {number}")
    await expect(lines).to_have_text(["before", *(f"line {number}" for number in range(30))])
    await link.call(keys.executor, "process.close", processid=processid, successful=True)
    await expect(page.locator(".process-head .badge")).to_contain_text("successful")
    await expect(lines).to_have_count(31)


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
    await head.get_by_role("link", name="Retried as").click()
    await expect(head.locator(".badge")).to_contain_text("waiting")
    (again,) = await stored(link, keys, state=0)
    assert again["retryof"] == processid
    assert again["processid"] in page.url
    await expect(head).to_contain_text(f"Retry of{processid[:8]}")


async def test_what_is_not_there_is_said_and_no_error(dashboard: Dashboard, troubles: Troubles) -> None:
    page = await dashboard("process/0123456789abcdef")
    await expect(page.locator("main")).to_contain_text("there is no process 0123456789abcdef in your colony")


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


@pytest.mark.parametrize("width", [390, 1440])
async def test_hostile_values_are_text_and_break_no_layout(
    dashboard: Dashboard, work: Work, link: Peer, keys: ColonyKeys, width: int
) -> None:
    processid = await work.runs(
        func=f"{BACKWARDS}{MARKUP}"[:250],
        label=EMOJI + UNBROKEN,
        args=[MARKUP, LONG[:80_000], {BACKWARDS: EMOJI}],
        env={"HOME": MARKUP},
    )
    for message in (MARKUP, LONG[:16_000], BACKWARDS, EMOJI):
        await link.call(keys.executor, "log.add", processid=processid, message=message)
    await link.call(keys.executor, "attribute.set", processid=processid, key=MARKUP[:200], value=MARKUP)
    errors = [MARKUP, LONG[:50_000], BACKWARDS, UNBROKEN]
    await link.call(
        keys.executor, "process.close", processid=processid, successful=False, errors=errors, out=[MARKUP, LONG]
    )
    page = await dashboard(f"process/{processid}", viewport={"width": width, "height": 844})
    await expect(page.locator(".log .message")).to_have_count(4)
    await expect(page.locator(".log .message").first).to_have_text(MARKUP)
    await expect(section(page, "4 errors")).to_contain_text(MARKUP)
    await section(page, "4 errors").get_by_role("button", name="Show all (48.8 KB)").click()
    await expect_unharmed(page)
    for place in ("overview", "activity", "failures"):
        await go(page, place)
        await expect_unharmed(page)
