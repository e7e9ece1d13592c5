"""What operators do with one process; and whoever may not, cannot."""

from __future__ import annotations

import re

import pytest
from playwright.async_api import expect

from colonies.wire import errors
from tests.support.colony import ColonyKeys
from tests.support.peer import Peer

from .conftest import Dashboard, Work, stored
from .lists import groups, leave_buttons, lists, rows, said, short


async def test_one_is_retried_and_leads_to_the_new_one(
    dashboard: Dashboard, work: Work, link: Peer, keys: ColonyKeys
) -> None:
    failed = await work.fails("convert")
    page = await dashboard("failures")
    await rows(page).get_by_role("button", name="Retry").click()
    await rows(page).get_by_role("link", name="Retried as").click()
    (waiting,) = await stored(link, keys, state=0)
    assert waiting["retryof"] == failed
    assert page.url.endswith(f"#/process/{waiting['processid']}")


async def test_one_is_cancelled_with_the_keyboard_alone(
    dashboard: Dashboard, work: Work, link: Peer, keys: ColonyKeys
) -> None:
    processid = await work.waits()
    page = await dashboard("queue/cli")
    await rows(page).get_by_role("button", name="Cancel").focus()
    await page.keyboard.press("Enter")
    await expect(rows(page).get_by_role("button", name="Keep it")).to_be_focused()
    await page.keyboard.press("Enter")
    await expect(rows(page).get_by_role("button", name="Cancel")).to_be_focused()
    await page.keyboard.press("Enter")
    await expect(rows(page).get_by_role("button", name="Keep it")).to_be_focused()
    await page.keyboard.press("Shift+Tab")
    await page.keyboard.press("Enter")
    await expect(said(page)).to_have_text(f"Cancelled: sleep {short(processid)}")
    (cancelled,) = await stored(link, keys, state=4)
    assert cancelled["processid"] == processid
    await lists(page)
    await expect(page.locator(".listing")).to_be_focused()


async def test_the_focus_stays_at_a_process_whose_buttons_change(dashboard: Dashboard, work: Work) -> None:
    page = await dashboard(f"process/{await work.waits()}")
    head = page.locator(".process-head")
    await head.get_by_role("button", name="Cancel").press("Enter")
    await head.get_by_role("button", name="Cancel it").press("Enter")
    await expect(head.locator(".badge")).to_contain_text("cancelled")
    await expect(head).to_be_focused()


async def test_one_is_removed_only_after_a_second_look(
    dashboard: Dashboard, work: Work, link: Peer, keys: ColonyKeys
) -> None:
    kept, removed = await work.fails(), await work.fails()
    page = await dashboard("failures")
    row = rows(page).first
    await row.get_by_role("button", name="Remove").click()
    await row.get_by_role("button", name="Keep it").click()
    assert len(await stored(link, keys)) == 2
    await row.get_by_role("button", name="Remove").click()
    await row.get_by_role("button", name="Remove for good").click()
    await expect(said(page)).to_have_text(f"Removed: sleep {short(removed)}")
    await leave_buttons(page)
    await lists(page, kept)
    assert [process["processid"] for process in await stored(link, keys)] == [kept]
    assert removed != kept


async def test_what_the_broker_says_against_it_is_said_beside_the_button(
    dashboard: Dashboard, work: Work, link: Peer, keys: ColonyKeys
) -> None:
    processid = await work.fails()
    page = await dashboard("failures")
    await rows(page).get_by_role("button", name="Retry").hover()
    await link.call(keys.operator, "process.remove", processid=processid)
    await expect(page.locator("main")).to_contain_text("There is news.")
    await rows(page).get_by_role("button", name="Retry").click()
    await expect(rows(page).locator(".outcome")).to_contain_text("no process")
    await expect(said(page)).to_contain_text(re.compile(r"^Not retried: sleep …\w{8}\. .*no process"))


@pytest.mark.parametrize("role", ["viewer", "executor"])
async def test_whoever_may_only_look_has_no_buttons_and_is_refused_as_well(
    dashboard: Dashboard, work: Work, link: Peer, keys: ColonyKeys, role: str
) -> None:
    processid = await work.fails()
    page = await dashboard("failures", role=role)
    await lists(page, processid)
    await expect(groups(page)).to_have_count(1)
    await expect(page.locator("main .moves")).to_have_count(0)
    for method in ("retry_matching", "cancel_matching", "remove_matching"):
        with pytest.raises(errors.Forbidden):
            await link.call(getattr(keys, role), f"process.{method}")
    assert len(await stored(link, keys)) == 1
