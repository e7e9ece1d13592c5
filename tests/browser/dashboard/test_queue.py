"""The queue of one type, or of all: how it stands, and the processes that match a filter."""

from __future__ import annotations

import pytest
from playwright.async_api import Browser, Page, expect

from tests.browser.chromium import NO_SOCKET, Troubles
from tests.browser.way import way_to
from tests.support.broker import Broker
from tests.support.colony import ColonyKeys, add_executor
from tests.support.failing import submit_many
from tests.support.peer import Peer

from .conftest import Dashboard, Work, go
from .lists import ids, leave_buttons, lists, rows, short


def figure(page: Page, label: str) -> str:
    return f".queue-head .figure:has(.what:text-is('{label}')) .value"


async def test_what_waits_stands_oldest_first_and_all_else_newest_first(dashboard: Dashboard, work: Work) -> None:
    successful = [await work.succeeds(), await work.succeeds()]
    waiting = [await work.waits(), await work.waits()]
    page = await dashboard("queue/cli")
    await lists(page, *waiting)
    await page.get_by_role("link", name="successful").click()
    await lists(page, *reversed(successful))
    await page.get_by_role("link", name="all 4").click()
    await lists(page, *reversed(successful + waiting))


async def test_a_queue_says_how_it_stands_and_what_is_wrong(
    dashboard: Dashboard, work: Work, link: Peer, keys: ColonyKeys
) -> None:
    await add_executor(link, keys, "hall", "lamp")
    await work.succeeds()
    for _ in range(3):
        await work.fails()
    await work.runs()
    await work.waits()
    await work.waits(executortype="lamp")
    page = await dashboard("queue/cli")
    for label, value in (
        ("waiting now", "1"),
        ("running now", "1"),
        ("successful in the last minute", "1"),
        ("failed in the last minute", "3"),
        ("executors connected", "1 of 1"),
        ("executors busy", "1"),
    ):
        await expect(page.locator(figure(page, label))).to_have_text(value)
    await expect(page.locator(".tabs a")).to_have_text(
        ["waiting 1", "running 1", "successful 1", "failed 3", "cancelled 0", "all 6"]
    )
    await expect(page.locator(".wrong")).to_have_text("cli: 3 failures in the last minute, 75 % of what ended")
    await expect(page.locator(".queue-head canvas")).to_be_visible()
    await page.get_by_label("Type", exact=True).select_option("")
    await expect(page.locator(figure(page, "waiting now"))).to_have_text("2")
    await expect(page.locator(figure(page, "executors connected"))).to_have_text("1 of 2")


async def test_a_list_follows_what_happens(dashboard: Dashboard, work: Work, link: Peer, keys: ColonyKeys) -> None:
    page = await dashboard("queue/cli")
    await expect(page.locator("main")).to_contain_text("Nothing is waiting.")
    await expect(page.locator(".pager")).to_have_count(0)
    first, second = await work.waits(), await work.waits()
    await lists(page, first, second)
    await link.call(keys.executor, "process.assign", timeout=10)
    await lists(page, second)
    await go(page, "queue/cli?state=running")
    await lists(page, first)
    await expect(rows(page).locator(".who")).to_contain_text("cli-0")  # by its name


async def test_nothing_jumps_under_whoever_reads(
    dashboard: Dashboard, work: Work, link: Peer, keys: ColonyKeys
) -> None:
    await submit_many(link, keys, 40)
    page = await dashboard("queue/cli?state=all")
    read = rows(page).nth(30)
    processid = await read.get_attribute("data-id")
    await read.scroll_into_view_if_needed()
    before = await read.bounding_box()
    newest = [await work.waits() for _ in range(3)]
    await expect(rows(page).first.locator(".short")).to_have_text(short(newest[-1]))
    after = await page.locator(f"[data-id='{processid}']").bounding_box()
    assert before
    assert after
    assert abs(before["y"] - after["y"]) < 2


async def test_a_list_waits_while_somebody_is_at_a_button(dashboard: Dashboard, work: Work) -> None:
    first = await work.waits()
    page = await dashboard("queue/cli?state=all")
    await lists(page, first)
    await rows(page).get_by_role("button", name="Cancel").hover()
    second = await work.waits()
    await expect(page.locator(".held")).to_have_text("There is news. It waits while you are at a button.")
    await lists(page, first)
    await leave_buttons(page)
    await lists(page, second, first)
    await expect(page.locator(".held")).to_be_empty()


async def test_a_pointer_that_was_left_at_a_button_holds_nothing(
    dashboard: Dashboard, chromium: Browser, work: Work
) -> None:
    first = await work.waits()
    context = await chromium.new_context()
    await context.clock.install()
    page = await dashboard("queue/cli?state=all", context=context)
    await lists(page, first)
    await rows(page).get_by_role("button", name="Cancel").hover()
    second = await work.waits()
    await expect(page.locator(".held")).not_to_be_empty()
    await context.clock.run_for(5000)
    await lists(page, second, first)


async def test_pages_say_where_they_are_and_lead_on_and_back(
    dashboard: Dashboard, link: Peer, keys: ColonyKeys
) -> None:
    waiting = await submit_many(link, keys, 120)
    page = await dashboard("queue/cli")
    where = page.get_by_role("navigation", name="Pages")
    await expect(where).to_contain_text("1–50 of 120 waiting")
    await where.get_by_role("link", name="Newer").click()
    await expect(where).to_contain_text("51–100 of 120 waiting")
    await lists(page, *waiting[50:100])
    await where.get_by_role("link", name="Newer").click()
    await expect(where).to_contain_text("101–120 of 120 waiting")
    await expect(where.get_by_role("link", name="Newer")).to_have_count(0)
    await rows(page).first.locator(".func").click()
    await expect(page.get_by_role("heading", level=1)).to_have_text("Process")
    await page.go_back()
    await expect(where).to_contain_text("101–120 of 120 waiting")
    await where.get_by_role("link", name="Older").click()
    await lists(page, *waiting[50:100])


async def test_a_page_that_an_address_leads_to_makes_no_place_up(
    dashboard: Dashboard, link: Peer, keys: ColonyKeys
) -> None:
    waiting = await submit_many(link, keys, 120)
    page = await dashboard("queue/cli")
    await page.get_by_role("link", name="Newer").click()
    await lists(page, *waiting[50:100])
    other = await dashboard(page.url.split("#/")[1], role="viewer")
    await lists(other, *waiting[50:100])
    where = other.get_by_role("navigation", name="Pages")
    await expect(where).to_contain_text("50 of 120 waiting, further on")
    await where.get_by_role("link", name="To the first page").click()
    await lists(other, *waiting[:50])


@pytest.mark.parametrize(
    ("label", "said", "address"),
    [
        ("Function", "render", "func=render"),
        ("Label", "nightly", "label=nightly"),
        ("Text in arguments or errors", "WINTER", "text=WINTER"),
    ],
)
async def test_a_filter_is_in_the_address_and_gives_a_colleague_the_same_list(
    dashboard: Dashboard, work: Work, label: str, said: str, address: str
) -> None:
    await work.waits("convert")
    wanted = await work.waits("render", label="nightly", args=["winter.mov"])
    page = await dashboard("queue/cli?state=all")
    await page.get_by_label(label, exact=True).fill(said)
    await lists(page, wanted)
    assert page.url.endswith(f"#/queue/cli?state=all&{address}")
    other = await dashboard(page.url.split("#/")[1], role="viewer")
    await lists(other, wanted)
    await expect(other.get_by_label(label, exact=True)).to_have_value(said)


async def test_times_bound_what_was_submitted(dashboard: Dashboard, work: Work, link: Peer, keys: ColonyKeys) -> None:
    first, second = await work.waits(), await work.waits()
    between = (await link.call(keys.viewer, "process.get", processid=second))["submissiontime"]
    page = await dashboard(f"queue/cli?since={between}")
    await lists(page, second)
    await go(page, f"queue/cli?before={between}")
    await lists(page, first)


async def test_a_time_is_the_same_for_a_colleague_in_another_zone(dashboard: Dashboard, work: Work) -> None:
    await work.waits()
    page = await dashboard("queue/cli", timezone_id="Asia/Tokyo")
    await page.get_by_label("Submitted before").fill("2001-01-01T00:30")
    await expect(page.locator("main")).to_contain_text("No process matches the filter.")
    assert page.url.endswith("#/queue/cli?before=2000-12-31T15%3A30Z")
    other = await dashboard(page.url.split("#/")[1], role="viewer", timezone_id="America/New_York")
    await expect(other.get_by_label("Submitted before")).to_have_value("2000-12-31T10:30")


async def test_whoever_leaves_a_field_is_done_with_it(dashboard: Dashboard, chromium: Browser, work: Work) -> None:
    await work.fails("convert")
    context = await chromium.new_context()
    await context.clock.install()
    page = await dashboard("queue/cli?state=failed", context=context)
    await context.clock.pause_at(await page.evaluate("Date.now()") + 1000)
    await page.get_by_label("Function").fill("render")
    await page.keyboard.press("Tab")
    assert page.url.endswith("?state=failed&func=render")


async def test_a_space_at_the_end_of_what_is_written_stays(dashboard: Dashboard, work: Work) -> None:
    wanted = await work.waits(args=["disk full"])
    await work.waits(args=["diskfull"])
    page = await dashboard("queue/cli")
    field = page.get_by_label("Text in arguments or errors")
    await field.press_sequentially("disk ")
    await expect(page.locator("input.is-set")).to_have_count(1)
    await field.press_sequentially("full")
    await lists(page, wanted)


async def test_another_type_is_another_queue_under_the_same_filter(dashboard: Dashboard, work: Work) -> None:
    await work.waits("blink", executortype="lamp", label="hall")
    await work.waits("blink", executortype="lamp")
    await work.waits("convert", label="hall")
    page = await dashboard("queue?label=hall")
    await expect(ids(page)).to_have_count(2)
    await expect(rows(page, "blink").locator(".who")).to_have_text("lamp")
    await page.get_by_label("Type", exact=True).select_option("lamp")
    await expect(ids(page)).to_have_count(1)
    assert page.url.endswith("#/queue/lamp?label=hall")
    await expect(page.get_by_role("heading", level=1)).to_have_text("Queue lamp")


async def test_a_lost_connection_leaves_the_list_and_it_catches_up(
    broker: Broker, dashboard: Dashboard, work: Work, troubles: Troubles
) -> None:
    troubles.allow(NO_SOCKET)
    first = await work.waits()
    async with way_to(broker.address) as way:
        page = await dashboard("queue/cli", address=way.address)
        await lists(page, first)
        way.cut()
        await expect(page.locator(".connection")).to_contain_text("Connection lost")
        await expect(page.locator(".fresh")).to_have_attribute("data-stale", "true")
        second = await work.waits()
        await lists(page, first)  # greyed, and not empty
        way.clear()
        await lists(page, first, second)
        await page.close()
