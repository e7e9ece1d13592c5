"""The overview: what is wrong in words, and figures that change by themselves."""

from __future__ import annotations

import re

from playwright.async_api import Page, expect

from colonies.wire.identity import Identity
from tests.support.broker import Broker
from tests.support.colony import ColonyKeys, add_executor
from tests.support.peer import Peer, peer

from .conftest import Dashboard, Work


def figure(page: Page, executortype: str, label: str) -> str:
    return f"tr:has(th:has-text('{executortype}')) td[data-label='{label}']"


async def test_figures_change_by_themselves(dashboard: Dashboard, work: Work) -> None:
    page = await dashboard()
    await work.runs()
    await expect(page.locator(figure(page, "cli", "running"))).to_have_text("1")
    await work.waits()
    await work.waits()
    await expect(page.locator(figure(page, "cli", "waiting"))).to_contain_text("2")
    await expect(page.locator(figure(page, "cli", "executors"))).to_contain_text("1 of 1 connected, 1 busy")


async def test_what_ended_is_counted_by_the_minute(dashboard: Dashboard, work: Work) -> None:
    page = await dashboard()
    await work.succeeds()
    await work.fails()
    await work.fails()
    await expect(page.locator(figure(page, "cli", "done a minute"))).to_have_text("1")
    await expect(page.locator(figure(page, "cli", "failed a minute"))).to_have_text("2")
    await expect(page.locator(figure(page, "cli", "failed, stored"))).to_have_text("2")


async def test_nothing_wrong_is_said_with_what_that_means(dashboard: Dashboard) -> None:
    page = await dashboard()
    await expect(page.locator(".words")).to_contain_text("All is well")
    await expect(page.locator(".words")).to_contain_text("some executor is connected wherever something waits")


async def test_what_waits_for_nobody_is_said_in_words_and_leads_to_its_queue(
    dashboard: Dashboard, keys: ColonyKeys, link: Peer, work: Work
) -> None:
    await add_executor(link, keys, "hall", "lamp")
    page = await dashboard()
    await work.waits(executortype="lamp")
    await work.waits(executortype="mill")
    words = page.locator(".words")
    await expect(words).to_contain_text("lamp: 1 waiting, no executor was ever connected")
    await words.get_by_role("link", name="mill: 1 waiting, there is no executor of this type").click()
    await expect(page.get_by_role("heading", level=1)).to_have_text("Queue mill")
    assert page.url.endswith("#/queue/mill?state=waiting")
    await expect(page).to_have_title(re.compile(r"^\(2\) "))


async def test_many_failures_are_said_in_words(dashboard: Dashboard, work: Work) -> None:
    page = await dashboard()
    for _ in range(3):
        await work.fails()
    await expect(page.locator(".words")).to_contain_text("cli: 3 failures in the last minute, 100 % of what ended")


async def test_what_runs_on_an_executor_that_is_gone_is_said(
    broker: Broker, dashboard: Dashboard, work: Work, link: Peer, keys: ColonyKeys
) -> None:
    key = await add_executor(link, keys, "hall", "lamp")
    await work.waits(executortype="lamp")
    async with peer(broker.address) as its_link:
        await its_link.call(key, "process.assign", timeout=10)
    page = await dashboard()
    await expect(page.locator(figure(page, "lamp", "executors"))).to_have_text(
        "0 of 1 connected, 1 busy, 1 of them gone"
    )
    await page.get_by_role("link", name="lamp: 1 running on an executor that has not been connected for").click()
    assert page.url.endswith("#/executors?state=away&type=lamp")
    await expect(page.locator(".executor")).to_contain_text("What it runs (1)")


async def test_executors_that_wait_for_approval_are_said(
    dashboard: Dashboard, keys: ColonyKeys, link: Peer, work: Work
) -> None:
    page = await dashboard()
    await expect(page.locator(".words")).to_contain_text("All is well")
    await add_executor(link, keys, "new", approve=False)
    await expect(page.locator(".words")).to_contain_text("1 executor waits for approval")


async def test_a_type_with_a_strange_name_leads_to_its_own_queue(
    dashboard: Dashboard, keys: ColonyKeys, link: Peer, work: Work
) -> None:
    name = "a/b?c=d#e <img src=x onerror=alert(1)>%"
    await work.waits(executortype=name)
    page = await dashboard()
    await page.locator("tbody th a").get_by_text(name).click()
    await expect(page.get_by_role("heading", level=1)).to_have_text(f"Queue {name}")
    await page.reload()
    await expect(page.get_by_role("heading", level=1)).to_have_text(f"Queue {name}")
    assert await page.locator("main img").count() == 0


async def test_one_of_many_types_is_found_by_its_name(dashboard: Dashboard, work: Work) -> None:
    for number in range(20):
        await work.waits(executortype=f"mill-{number}")
    page = await dashboard()
    await expect(page.locator("tbody tr")).to_have_count(21)
    await page.keyboard.press("/")
    await page.keyboard.type("MILL-7")
    await expect(page.locator("tbody tr")).to_have_count(1)
    assert page.url.endswith("#/overview?type=MILL-7")
    await page.reload()
    await expect(page.locator("tbody tr")).to_have_count(1)


async def test_a_colony_without_anything_says_what_will_be_there(
    dashboard: Dashboard, link: Peer, keys: ColonyKeys
) -> None:
    await link.call(keys.owner, "executor.remove", executorid=keys.executor.id)
    page = await dashboard()
    await expect(page.locator("main")).to_contain_text("No types yet")


async def test_the_owner_of_a_colony_sees_it_too(dashboard: Dashboard, work: Work) -> None:
    await work.waits()
    page = await dashboard(role="owner")
    await expect(page.locator(figure(page, "cli", "waiting"))).to_contain_text("1")
    assert isinstance(work.keys.owner, Identity)
