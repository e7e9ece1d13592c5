"""The log of a process: as it grows, in order, and still where somebody reads."""

from __future__ import annotations

from playwright.async_api import expect

from tests.support.colony import ColonyKeys
from tests.support.peer import Peer

from .conftest import Dashboard, Work


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


async def test_the_log_stays_where_the_reader_is_and_counts_what_comes(
    dashboard: Dashboard, work: Work, link: Peer, keys: ColonyKeys
) -> None:
    processid = await work.runs()
    await write(link, keys, processid, range(1, 601))
    page = await dashboard(f"process/{processid}", viewport={"width": 1440, "height": 1600})
    lines = page.locator(".log .message")
    await expect(lines).to_have_count(500)
    await expect(lines.last).to_be_in_viewport()
    await page.get_by_role("button", name="Show 100 earlier lines").click()
    await expect(lines).to_have_count(600)
    await expect(lines.first).to_have_text("line 1")
    await page.locator(".log .lines").evaluate("(list) => { list.scrollTop = 400; }")
    await expect(page.get_by_role("button", name="Follow the end")).to_be_visible()
    await write(link, keys, processid, range(601, 604))
    await expect(page.get_by_role("button", name="Follow the end, 3 new lines")).to_be_visible()
    await expect(lines).to_have_count(600)
    assert await page.locator(".log .lines").evaluate("(list) => list.scrollTop") == 400
    await page.get_by_role("button", name="Follow the end").click()
    await expect(lines.last).to_have_text("line 603")
    await expect(lines.last).to_be_in_viewport()
    await write(link, keys, processid, range(604, 605))
    await expect(lines.last).to_have_text("line 604")
    await expect(lines.last).to_be_in_viewport()


async def write(link: Peer, keys: ColonyKeys, processid: str, numbers: range) -> None:
    for number in numbers:
        await link.call(keys.executor, "log.add", processid=processid, message=f"line {number}")
