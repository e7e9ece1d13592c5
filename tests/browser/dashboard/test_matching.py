"""What operators do with everything that matches, whatever page of it is visible."""

from __future__ import annotations

from playwright.async_api import expect

from tests.support.colony import ColonyKeys
from tests.support.failing import end_many, fail_many, ids_in, submit_many
from tests.support.peer import Peer

from .conftest import Dashboard, Work, go, stored
from .lists import groups, lists
from .questions import answer, question, results

MANY = 5000


async def test_five_thousand_failures_are_retried_with_progress_and_none_twice(
    dashboard: Dashboard, link: Peer, keys: ColonyKeys
) -> None:
    failed = await fail_many(link, keys, MANY)
    page = await dashboard("failures")
    await page.evaluate(
        """() => {
          const seen = (window.seen = []);
          new MutationObserver(() => {
            const bar = document.querySelector("progress");
            if (bar && bar.value !== seen.at(-1)?.[0]) seen.push([bar.value, bar.max]);
          }).observe(document.querySelector("main"), { subtree: true, childList: true, attributes: true });
        }"""
    )
    await page.get_by_role("button", name="Retry all 5,000… failed", exact=True).click()
    await expect(question(page)).to_contain_text("5,000 failed processes match.")
    await expect(question(page)).to_contain_text("All 5,000 will be submitted again, as new processes")
    await answer(page, "Retry 5,000")
    await expect(results(page)).to_have_text("5,000 processes retried.", timeout=60_000)
    seen: list[list[int]] = await page.evaluate("seen")
    assert len(seen) >= 2
    assert [done for done, _ in seen] == sorted(done for done, _ in seen)
    assert {most for _, most in seen} == {MANY}
    waiting = await ids_in(link, keys, state=0)
    assert len(waiting) == MANY
    first = await link.call(keys.viewer, "process.get", processid=waiting[0])
    last = await link.call(keys.viewer, "process.get", processid=waiting[-1])
    assert [first["retryof"], last["retryof"]] == [failed[0], failed[-1]]

    await page.get_by_role("button", name="Retry all 5,000… failed", exact=True).click()
    await answer(page, "Retry 5,000")
    again = "0 processes retried; 5,000 had been retried before."
    await expect(results(page).last).to_have_text(again, timeout=60_000)
    assert await ids_in(link, keys, state=0) == waiting


async def test_a_cap_takes_the_oldest_and_says_what_was_left(
    dashboard: Dashboard, link: Peer, keys: ColonyKeys
) -> None:
    failed = await fail_many(link, keys, 300)
    page = await dashboard("queue/cli?state=failed")
    await page.get_by_role("button", name="Retry all 300…").click()
    await question(page).get_by_label("At most").fill("")
    await expect(question(page).get_by_role("button", name="Retry")).to_be_disabled()
    await question(page).get_by_label("At most").fill("120")
    await expect(question(page)).to_contain_text("The oldest 120 will be submitted again")
    await expect(question(page)).to_contain_text("The other 180 stay as they are.")
    await answer(page, "Retry 120")
    await expect(results(page)).to_have_text("120 processes retried; 180 more than the cap left as they were.")
    made = await stored(link, keys, state=0, newest=False, limit=500)
    assert [process["retryof"] for process in made] == failed[:120]


async def test_all_of_one_cause_is_removed_once_the_number_is_typed(
    dashboard: Dashboard, work: Work, link: Peer, keys: ColonyKeys
) -> None:
    kept = await work.fails("convert", error="no such film")
    await submit_many(link, keys, 130, func="convert")
    await end_many(link, keys, 130, errors=["disk 4 is full"])
    page = await dashboard("failures")
    await groups(page, "disk").get_by_role("button", name="Remove all 130…").click()
    remove = question(page).get_by_role("button", name="Remove 130")
    await expect(question(page)).to_contain_text("130 failed processes of type “cli”, with the function “convert”")
    await expect(remove).to_be_disabled()
    await question(page).get_by_label("This cannot be undone").fill("13")
    await expect(remove).to_be_disabled()
    await page.keyboard.press("Enter")  # as good as the button, and as little
    await expect(question(page)).to_be_visible()
    await answer(page, "Remove 130", typed="130")
    await expect(results(page)).to_have_text("130 processes removed.")
    await lists(page, kept)
    assert [process["processid"] for process in await stored(link, keys)] == [kept]


async def test_all_that_waits_of_a_type_is_cancelled_and_nothing_else(
    dashboard: Dashboard, work: Work, link: Peer, keys: ColonyKeys
) -> None:
    running, other = await work.runs(), await work.waits(executortype="lamp")
    await submit_many(link, keys, 130)
    page = await dashboard("queue/cli")
    await page.get_by_role("button", name="Cancel all 130…").click()
    await answer(page, "Cancel 130")
    await expect(results(page)).to_have_text("130 processes cancelled.")
    await expect(page.locator("main")).to_contain_text("Nothing is waiting.")
    assert len(await ids_in(link, keys, state=4)) == 130
    assert await ids_in(link, keys, state=1) == [running]
    assert await ids_in(link, keys, state=0) == [other]


async def test_the_whole_list_takes_each_move_where_it_can(
    dashboard: Dashboard, work: Work, link: Peer, keys: ColonyKeys
) -> None:
    await work.succeeds()
    failed, cancelled = await work.fails(), await work.waits()
    await link.call(keys.operator, "process.cancel", processid=cancelled)
    page = await dashboard("queue/cli?state=all")
    await page.get_by_role("button", name="Retry all…").click()
    await expect(question(page)).to_contain_text("2 failed and cancelled processes of type “cli” match.")
    await answer(page, "Retry 2")
    await expect(results(page)).to_have_text("2 processes retried.")
    assert {process["retryof"] for process in await stored(link, keys, state=0)} == {failed, cancelled}


async def test_a_question_is_about_what_was_asked_and_may_be_left(
    dashboard: Dashboard, work: Work, link: Peer, keys: ColonyKeys
) -> None:
    await work.fails("convert")
    await work.fails("render")
    page = await dashboard("failures?func=convert")
    await page.get_by_role("button", name="Retry 1… failed", exact=True).click()
    await expect(question(page).get_by_role("button", name="Do nothing")).to_be_focused()
    await go(page, "failures?func=render")
    await expect(question(page)).to_contain_text("with the function “convert”")
    await page.keyboard.press("Escape")
    await expect(question(page)).to_have_count(0)
    await expect(page.get_by_role("button", name="Retry 1… failed", exact=True)).to_be_focused()
    assert await stored(link, keys, state=0) == []
