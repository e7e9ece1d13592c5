"""Nothing happens that was not meant: to more than was agreed to, by a key held down, under a filter that says nothing."""

from __future__ import annotations

from playwright.async_api import expect

from tests.support.colony import ColonyKeys
from tests.support.failing import fail_many
from tests.support.peer import Peer

from .conftest import Dashboard, Work, go, stored


async def test_no_more_is_removed_than_was_agreed_to(dashboard: Dashboard, link: Peer, keys: ColonyKeys) -> None:
    await fail_many(link, keys, 4)
    page = await dashboard("queue/cli?state=failed")
    await page.get_by_role("button", name="Remove all 4").click()
    dialog = page.locator("dialog[open]")
    await expect(dialog).to_contain_text("4")
    await fail_many(link, keys, 7)
    await dialog.get_by_label("This cannot be undone").fill("4")
    await dialog.get_by_role("button", name="Remove 4").click()
    await expect(page.locator(".actions")).to_contain_text("removed")
    assert len(await stored(link, keys, state=3)) == 7


async def test_a_key_that_is_held_down_removes_nothing(
    dashboard: Dashboard, work: Work, link: Peer, keys: ColonyKeys
) -> None:
    processid = await work.fails()
    page = await dashboard(f"process/{processid}")
    await page.get_by_role("button", name="Remove", exact=True).focus()
    await page.keyboard.down("Enter")
    await expect(page.get_by_role("button", name="Keep it")).to_be_focused()
    await page.keyboard.down("Enter")  # as one that is held repeats itself
    await page.keyboard.up("Enter")
    await expect(page.get_by_role("button", name="Remove", exact=True)).to_be_visible()
    assert [process["processid"] for process in await stored(link, keys)] == [processid]


async def test_a_filter_that_says_nothing_is_said_and_offers_nothing(
    dashboard: Dashboard, link: Peer, keys: ColonyKeys
) -> None:
    await fail_many(link, keys, 3)
    page = await dashboard("queue/cli?state=failed&since=yesterday")
    await expect(page.locator("main")).to_contain_text("Passed over in the filter: “yesterday” is no time (since).")
    await expect(page.get_by_role("button", name="Remove all")).to_have_count(0)
    await go(page, "queue/cli?state=failed")
    await expect(page.get_by_role("button", name="Remove all 3")).to_be_visible()


async def test_an_executor_is_told_that_it_may_not_watch(dashboard: Dashboard) -> None:
    page = await dashboard("activity", role="executor")
    await expect(page.locator("main")).to_contain_text("needs a user or the colony owner")
    await expect(page.locator("main")).not_to_contain_text("Nothing has happened")
