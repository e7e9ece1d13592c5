"""Failures: by cause and function, the last one first, and every process in full."""

from __future__ import annotations

from playwright.async_api import expect

from tests.support.colony import ColonyKeys, add_executor, spec
from tests.support.peer import Peer

from .conftest import Dashboard, Work, go
from .lists import groups, ids, lists, rows


async def test_a_failure_appears_by_itself_is_read_aloud_and_takes_no_focus(dashboard: Dashboard, work: Work) -> None:
    page = await dashboard("failures")
    await expect(page.locator("main")).to_contain_text("Nothing has failed. What fails shows up here by itself.")
    await page.keyboard.press("/")
    await page.keyboard.type("d")
    await work.fails("convert", error="disk full")
    await expect(groups(page, "disk full")).to_have_count(1)
    await expect(rows(page, "convert")).to_contain_text("disk full")
    await expect(page.locator("[role=status]", has_text="1 more process failed")).to_have_count(1)
    await expect(page.locator("[data-search]")).to_be_focused()
    await expect(page.locator("[data-search]")).to_have_value("d")


async def test_failures_are_grouped_by_cause_and_function_the_last_one_first(dashboard: Dashboard, work: Work) -> None:
    for number in range(3):
        await work.fails("convert", error=f"disk {number} is full")
    await work.fails("thumbnail", error="disk 7 is full")
    last = await work.fails("convert", error="no such film")
    page = await dashboard("failures")
    await expect(groups(page).locator(".number")).to_have_text(["1", "1", "3"])
    await expect(groups(page).locator(".cause > a")).to_have_text(["no such film", "disk # is full", "disk # is full"])
    await expect(groups(page).locator(".place")).to_have_text(["convert of cli", "thumbnail of cli", "convert of cli"])
    await expect(page.locator("main")).to_contain_text("5 failed processes, for 3 causes")
    await groups(page).first.locator(".times a").click()
    assert page.url.endswith(f"#/process/{last}")


async def test_a_group_opens_to_its_processes_and_the_way_leads_back(dashboard: Dashboard, work: Work) -> None:
    await work.fails("thumbnail", error="disk 7 is full")
    mine = [await work.fails("convert", error=f"disk {number} is full\n  at step {number}") for number in range(3)]
    page = await dashboard("failures")
    await groups(page, "convert").get_by_role("link", name="disk # is full").click()
    await lists(page, *reversed(mine))
    await expect(page.get_by_role("heading", name="disk # is full")).to_be_visible()
    error = rows(page).first.get_by_label("the errors", exact=True)
    assert await error.inner_text() == "disk 2 is full\n  at step 2"
    await page.get_by_role("link", name="All causes").click()
    await expect(ids(page)).to_have_count(4)
    await rows(page, "thumbnail").locator(".func").click()
    await expect(page.get_by_role("heading", level=1)).to_have_text("Process")


async def test_a_long_error_is_cut_and_shown_whole_when_asked(dashboard: Dashboard, work: Work) -> None:
    whole = "it broke\n" + "x" * 5000
    await work.fails(error=whole)
    page = await dashboard("failures?cause=it+broke")
    error = rows(page).get_by_label("the errors", exact=True)
    await expect(error).to_have_text(whole[:2000] + "…")
    await rows(page).get_by_role("button", name="Show all (4.9 KB)").click()
    await expect(error).to_have_text(whole)
    await rows(page).get_by_role("button", name="Show less").click()
    await expect(error).to_have_text(whole[:2000] + "…")


async def test_text_is_found_in_errors_and_in_arguments(dashboard: Dashboard, work: Work) -> None:
    by_error = await work.fails(error="Disk full", args=["winter"])
    by_argument = await work.fails(error="no such film", args=["the DISK of spring"])
    await work.fails(error="no such film", args=["autumn"])
    page = await dashboard("failures")
    await page.get_by_label("Text in errors or arguments").fill("disk")
    await lists(page, by_argument, by_error)
    await expect(groups(page)).to_have_count(1)
    assert page.url.endswith("#/failures?text=disk")
    await page.get_by_role("button", name="Clear").click()
    await expect(ids(page)).to_have_count(3)
    await expect(page.get_by_label("Text in errors or arguments")).to_have_value("")


async def test_type_and_function_narrow_causes_and_processes(
    dashboard: Dashboard, work: Work, link: Peer, keys: ColonyKeys
) -> None:
    await add_executor(link, keys, "hall", "lamp")
    await work.fails("convert", error="no film")
    thumbnail = await work.fails("thumbnail", error="no film")
    page = await dashboard("failures")
    await page.get_by_label("Function").fill("thumbnail")
    await lists(page, thumbnail)
    await expect(groups(page)).to_have_count(1)
    await page.get_by_label("Type").select_option("lamp")
    await expect(page.locator("main")).to_contain_text("No failed process matches the filter.")
    assert page.url.endswith("#/failures?type=lamp&func=thumbnail")


async def test_what_named_executors_failed_at_is_a_group_of_its_own(
    dashboard: Dashboard, work: Work, link: Peer, keys: ColonyKeys
) -> None:
    await work.fails("convert", error="no film")
    named = spec("convert") | {"conditions": {"executorids": [keys.executor.id]}}
    processid = (await link.call(keys.operator, "process.submit", spec=named))["processid"]
    await link.call(keys.executor, "process.assign", timeout=10)
    await link.call(keys.executor, "process.close", processid=processid, successful=False, errors=["no film"])
    page = await dashboard("failures")
    group = groups(page, "named executors")
    await expect(group.get_by_role("button", name="Retry 1…")).to_be_visible()
    await group.get_by_role("link", name="no film").click()
    await lists(page, processid)
    await go(page, "queue?state=failed&type=(none)")
    await lists(page, processid)


async def test_a_text_with_a_number_finds_its_cause_and_whose_count_it_is_is_said(
    dashboard: Dashboard, work: Work
) -> None:
    await work.fails(error="disk 7 is full")
    await work.fails(error="disk 8 is full")
    page = await dashboard("failures")
    await expect(groups(page)).to_have_count(1)
    await expect(page.locator("main")).not_to_contain_text("in all")
    await go(page, "failures?text=disk%207")
    await expect(rows(page)).to_have_count(1)
    await expect(groups(page, "disk # is full")).to_have_count(1)
    await expect(page.locator("main")).to_contain_text("2 failed processes, for 1 cause, in all")
