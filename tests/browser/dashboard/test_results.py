"""What becomes of a result, and of what is under way, when the page or its connection goes."""

from __future__ import annotations

import asyncio
import re

from playwright.async_api import Browser, WebSocketRoute, expect

from tests.browser.chromium import NO_SOCKET, Troubles
from tests.browser.way import way_to
from tests.support.broker import Broker
from tests.support.colony import ColonyKeys
from tests.support.failing import fail_many, ids_in
from tests.support.peer import Peer

from .conftest import Dashboard, Work, go, stored
from .lists import ids
from .questions import answer, question, results


async def test_results_stay_through_panels_and_a_reload_until_they_are_dismissed(
    dashboard: Dashboard, work: Work
) -> None:
    await work.fails()
    page = await dashboard("failures")
    for said in ("1 process retried.", "0 processes retried; 1 had been retried before."):
        await page.get_by_role("button", name="Retry 1… failed", exact=True).click()
        await answer(page, "Retry 1")
        await expect(results(page).last).to_have_text(said)
    await go(page, "overview")
    await page.reload()
    await page.locator(".earlier summary").click()
    await expect(results(page)).to_have_count(2)
    await page.get_by_role("button", name="Forget this result").last.click()
    await expect(results(page)).to_have_text(["1 process retried."])
    await page.get_by_role("button", name="Forget this result").click()
    await expect(page.locator(".actions")).to_be_hidden()


async def test_what_a_reload_cuts_off_is_said_to_be_cut_off(
    dashboard: Dashboard, chromium: Browser, work: Work
) -> None:
    await work.fails()
    context = await chromium.new_context()
    heard = asyncio.Event()
    heard.set()

    def carry(socket: WebSocketRoute) -> None:
        broker = socket.connect_to_server()
        socket.on_message(lambda message: broker.send(message) if heard.is_set() else None)

    await context.route_web_socket("**/ws", carry)
    page = await dashboard("failures", context=context)
    await page.get_by_role("button", name="Retry 1… failed", exact=True).click()
    await expect(question(page).locator("strong")).to_be_visible()
    heard.clear()
    await answer(page, "Retry 1")
    await expect(results(page)).to_have_text("Retrying: 0 of 1")
    await page.reload()
    stopped = "Stopped after 0 of 1: the page was left. What was retried stays so. Retrying again makes nothing twice."
    await expect(results(page)).to_have_text(stopped)


async def test_a_retry_goes_on_by_itself_after_a_lost_connection(
    broker: Broker, dashboard: Dashboard, link: Peer, keys: ColonyKeys, troubles: Troubles
) -> None:
    troubles.allow(NO_SOCKET)
    await fail_many(link, keys, 300)
    async with way_to(broker.address) as way:
        page = await dashboard("failures", address=way.address)
        await page.get_by_role("button", name="Retry all 300… failed", exact=True).click()
        await expect(question(page).locator("strong")).to_be_visible()
        way.go_silent()
        await answer(page, "Retry 300")
        way.cut()
        way.clear()
        await expect(results(page)).to_have_text("300 processes retried.")
        assert len(await ids_in(link, keys, state=0)) == 300
        await page.close()


async def test_a_removal_that_a_lost_connection_ends_is_not_begun_again_by_itself(
    broker: Broker, dashboard: Dashboard, work: Work, link: Peer, keys: ColonyKeys, troubles: Troubles
) -> None:
    troubles.allow(NO_SOCKET)
    await work.fails()
    async with way_to(broker.address) as way:
        page = await dashboard("failures", address=way.address)
        await page.get_by_role("button", name="Remove 1… failed", exact=True).click()
        await expect(question(page).locator("strong")).to_be_visible()
        way.go_silent()
        await answer(page, "Remove 1", typed="1")
        way.cut()
        way.clear()
        await expect(results(page)).to_have_text(
            re.compile("^Stopped after 0 of 1: .*What was removed stays so. The same again does the rest.$")
        )
        await expect(ids(page)).to_have_count(1)
        assert len(await stored(link, keys, state=3)) == 1
        await page.close()
