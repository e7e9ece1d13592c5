"""Activity: what happens, as it happens, with its gaps."""

from __future__ import annotations

import asyncio

from playwright.async_api import Page, expect

from .conftest import Dashboard, Work, go

ROWS = ".activity-list li:not(.gap)"


async def seen(page: Page, work: Work, func: str) -> None:
    """Have something happen until the page has heard of it: then it listens."""
    row = page.locator(ROWS, has_text=func).first
    while not await row.count():
        await work.waits(func, executortype="nobody")
        await asyncio.sleep(0.05)
    # Of those some may still be on their way; they come in their order.
    await work.waits(f"{func}, last", executortype="nobody")
    await expect(page.locator(ROWS, has_text=f"{func}, last").first).to_be_visible()


async def test_every_change_is_shown_newest_first(dashboard: Dashboard, work: Work) -> None:
    page = await dashboard("activity")
    await seen(page, work, "first")
    processid = await work.fails("convert", error="disk full", label="nightly")
    rows = page.locator(ROWS, has_text="convert")
    await expect(rows).to_have_count(3)
    assert [text.split()[1] for text in await rows.locator(".event").all_inner_texts()] == [
        "failed",
        "running",
        "waiting",
    ]
    await expect(rows.first).to_contain_text("disk full")
    await rows.first.get_by_role("link").click()
    assert page.url.endswith(f"#/process/{processid}")


async def test_a_pause_holds_what_comes_and_counts_it(dashboard: Dashboard, work: Work) -> None:
    page = await dashboard("activity")
    await seen(page, work, "before")
    await page.get_by_role("button", name="Pause").click()
    for _ in range(3):
        await work.waits("during")
    await expect(page.locator("main")).to_contain_text("Paused. 3 changes since.")
    await expect(page.locator(ROWS, has_text="during")).to_have_count(0)
    await page.get_by_role("button", name="Go on").click()
    await expect(page.locator(ROWS, has_text="during")).to_have_count(3)


async def test_a_hidden_tab_is_told_nothing_and_says_so_afterwards(dashboard: Dashboard, work: Work) -> None:
    page = await dashboard("activity")
    await seen(page, work, "before")
    await turn(page, hidden=True)
    figures = page.get_by_role("link", name="Queue").locator(".tally")
    for _ in range(2):  # figures come, and do not bring the list with them
        before = await figures.inner_text()
        await work.waits("unheard")
        await expect(figures).not_to_have_text(before)
    await turn(page, hidden=False)
    await expect(page.locator(".activity-list .gap")).to_have_count(1)
    await seen(page, work, "after")
    await expect(page.locator(ROWS, has_text="before").first).to_be_visible()
    await expect(page.locator(ROWS, has_text="unheard")).to_have_count(0)


async def turn(page: Page, *, hidden: bool) -> None:
    """Hide the page, or show it. Chromium without a screen hides none, so it is told that it is."""
    state = "hidden" if hidden else "visible"
    await page.evaluate(
        """(state) => {
          Object.defineProperty(document, "hidden", { configurable: true, value: state === "hidden" });
          Object.defineProperty(document, "visibilityState", { configurable: true, value: state });
          document.dispatchEvent(new Event("visibilitychange"));
        }""",
        state,
    )


async def test_a_filter_is_in_the_address(dashboard: Dashboard, work: Work) -> None:
    page = await dashboard("activity")
    await seen(page, work, "noise")
    await work.fails("convert", error="disk full")
    await expect(page.locator(ROWS, has_text="convert")).to_have_count(3)
    await page.get_by_label("Function, label, error or id").fill("DISK")
    await expect(page.locator(ROWS)).to_have_count(1)
    assert page.url.endswith("#/activity?text=DISK")
    await page.get_by_label("State").select_option("waiting")
    await expect(page.locator("main")).to_contain_text("None of the last changes matches.")
    await page.go_back()
    await expect(page.get_by_role("heading", level=1)).to_have_text("Overview")


async def test_it_never_grows_beyond_its_bound(dashboard: Dashboard, work: Work) -> None:
    page = await dashboard("activity")
    await seen(page, work, "first")
    await asyncio.gather(*[work.waits("many") for _ in range(700)])
    await work.waits("last")
    await expect(page.locator(ROWS, has_text="last")).to_have_count(1)
    assert await page.locator(".activity-list li").count() <= 200


async def test_whoever_leaves_the_panel_and_comes_back_sees_the_gap(dashboard: Dashboard, work: Work) -> None:
    page = await dashboard("activity")
    await seen(page, work, "before")
    await go(page, "overview")
    await go(page, "activity")
    await expect(page.locator(".activity-list .gap")).to_have_count(1)
