"""The frame around the panels: signing in, the connection, the keyboard, roles and addresses."""

from __future__ import annotations

import re

import pytest
from playwright.async_api import Browser, Page, expect

from colonies.wire.identity import Identity
from tests.browser.chromium import NO_SOCKET, Troubles
from tests.browser.way import way_to
from tests.support.broker import Broker
from tests.support.colony import ColonyKeys
from tests.support.peer import Peer

from .conftest import Dashboard, Work, connected, go


async def test_a_key_in_the_address_leaves_it_at_once(broker: Broker, keys: ColonyKeys, page: Page) -> None:
    await page.goto(f"{broker.address}/#key={keys.operator.private_key}")
    await connected(page)
    assert keys.operator.private_key not in page.url
    history = await page.evaluate("history.length")
    await page.reload()
    await connected(page)  # the tab remembers it
    assert await page.evaluate("history.length") == history


async def test_a_key_stays_in_its_tab(broker: Broker, dashboard: Dashboard) -> None:
    page = await dashboard()
    other = await page.context.new_page()
    await other.goto(broker.address)
    await expect(other.get_by_label("Private key")).to_be_visible()


async def test_the_key_is_sent_nowhere(broker: Broker, keys: ColonyKeys, page: Page) -> None:
    said: list[str | bytes] = []
    page.on("request", lambda request: said.append(request.url))
    page.on("websocket", lambda socket: socket.on("framesent", lambda frame: said.append(frame)))
    await page.goto(f"{broker.address}/#key={keys.operator.private_key}")
    await connected(page)
    await expect(page.locator(".whoami")).to_contain_text("operator")
    assert any(isinstance(frame, bytes) for frame in said)
    seed = bytes.fromhex(keys.operator.private_key)
    assert not any((seed in frame) if isinstance(frame, bytes) else (seed.hex() in frame) for frame in said)


async def test_whoever_has_no_key_is_asked_for_one(broker: Broker, keys: ColonyKeys, page: Page) -> None:
    await page.goto(broker.address)
    await page.get_by_label("Private key").fill("not a key")
    await page.get_by_role("button", name="Open the dashboard").click()
    await expect(page.get_by_role("alert")).to_contain_text("64 letters and digits")
    await page.get_by_label("Private key").fill(f"  {keys.viewer.private_key.upper()} ")
    await page.get_by_role("button", name="Open the dashboard").click()
    await connected(page)
    await page.get_by_role("button", name="Sign out").click()
    await expect(page.get_by_label("Private key")).to_be_visible()


async def test_an_unknown_key_is_refused_and_another_may_be_given(broker: Broker, page: Page) -> None:
    await page.goto(f"{broker.address}/#key={Identity.generate().private_key}")
    await expect(page.locator(".connection")).to_have_attribute("data-state", "refused")
    await page.get_by_role("button", name="Use another key").click()
    await expect(page.get_by_label("Private key")).to_be_visible()


async def test_a_killed_broker_turns_the_page_honest_and_it_recovers_by_itself(
    broker: Broker, dashboard: Dashboard, work: Work, troubles: Troubles
) -> None:
    troubles.allow(NO_SOCKET)
    await work.waits()
    page = await dashboard()
    waiting = page.locator(".total", has_text="Waiting").locator(".number")
    await expect(waiting).to_have_text("1")
    broker.kill()
    await expect(page.locator(".connection")).to_contain_text("Connection lost", timeout=3000)
    await expect(page.locator(".fresh")).to_have_attribute("data-stale", "true", timeout=3000)
    await expect(page.locator(".age")).to_contain_text("What is shown here was so")
    await expect(waiting).to_have_text("1")  # as it was, and not zero
    broker.start()
    await connected(page)
    await expect(page.locator(".fresh")).to_have_attribute("data-stale", "false")
    await expect(waiting).to_have_text("1")


async def test_a_silent_network_is_said_doubted_and_left(
    broker: Broker, dashboard: Dashboard, chromium: Browser, work: Work
) -> None:
    context = await chromium.new_context()
    await context.clock.install()
    async with way_to(broker.address) as way:
        page = await dashboard(address=way.address, context=context)
        await expect(page.locator(".fresh")).to_have_attribute("data-stale", "false")
        way.go_silent()
        await context.clock.fast_forward(13_000)
        await expect(page.locator(".connection")).to_contain_text("Connected, but nothing comes")
        await expect(page.locator(".age")).to_contain_text("What is shown here was so")
        await work.waits()
        await context.clock.fast_forward(6_000)
        await connected(page)
        await expect(page.locator(".total", has_text="Waiting").locator(".number")).to_have_text("1")
        assert way.taken > 1
        await page.close()


async def test_a_key_may_be_kept_in_the_browser_where_no_script_can_read_it(
    broker: Broker, keys: ColonyKeys, page: Page
) -> None:
    await page.goto(broker.address)
    await page.get_by_label("Private key").fill(keys.operator.private_key)
    await page.get_by_label("Keep it in this browser").check()
    await page.get_by_role("button", name="Open the dashboard").click()
    await connected(page)
    stored = await page.evaluate("JSON.stringify([{ ...sessionStorage }, { ...localStorage }])")
    assert keys.operator.private_key not in stored
    other = await page.context.new_page()
    await other.goto(broker.address)
    await connected(other)
    await other.get_by_role("button", name="Sign out").click()
    await expect(other.get_by_label("Private key")).to_be_visible()
    await page.reload()
    await expect(page.get_by_label("Private key")).to_be_visible()


async def test_whoever_is_removed_meanwhile_is_told(
    broker: Broker, dashboard: Dashboard, keys: ColonyKeys, link: Peer, troubles: Troubles
) -> None:
    async with way_to(broker.address) as way:
        page = await dashboard(address=way.address)
        troubles.allow(NO_SOCKET, "icon.svg")
        way.cut()
        await link.call(keys.owner, "user.remove", userid=keys.operator.id)
        way.clear()
        await expect(page.locator(".connection")).to_have_attribute("data-state", "refused", timeout=15_000)
        await page.close()


async def test_a_role_that_changed_meanwhile_takes_its_buttons_along(
    broker: Broker, dashboard: Dashboard, keys: ColonyKeys, link: Peer, work: Work, troubles: Troubles
) -> None:
    await work.fails()
    async with way_to(broker.address) as way:
        page = await dashboard("failures", address=way.address)
        retry = page.get_by_role("button", name="Retry", exact=True)
        await expect(retry).to_have_count(1)
        troubles.allow(NO_SOCKET, "icon.svg")
        way.cut()
        await link.call(keys.owner, "user.remove", userid=keys.operator.id)
        await link.call(keys.owner, "user.add", user={"userid": keys.operator.id, "name": "demoted", "role": "viewer"})
        way.clear()
        await expect(page.locator(".whoami")).to_contain_text("demoted", timeout=15_000)
        await expect(retry).to_have_count(0)
        await page.close()


async def test_keys_lead_everywhere(dashboard: Dashboard) -> None:
    page = await dashboard()
    for key, panel in (("q", "Queue"), ("f", "Failures"), ("e", "Executors"), ("a", "Activity"), ("o", "Overview")):
        await page.keyboard.press("g")
        await page.keyboard.press(key)
        title = page.get_by_role("heading", level=1, name=panel)
        await expect(title).to_be_focused()
        await expect(page.get_by_role("navigation", name="Panels").locator("[aria-current=page]")).to_contain_text(
            panel
        )
        await expect(page).to_have_title(re.compile(panel))


async def test_a_slash_searches_and_escape_leaves(dashboard: Dashboard) -> None:
    page = await dashboard("activity")
    await page.keyboard.press("/")
    field = page.locator("[data-search]")
    await expect(field).to_be_focused()
    await page.keyboard.type("gq/?")  # letters like any other here
    await expect(field).to_have_value("gq/?")
    await page.keyboard.press("Escape")
    await expect(field).not_to_be_focused()


async def test_a_question_mark_helps(dashboard: Dashboard) -> None:
    page = await dashboard()
    await page.keyboard.press("?")
    await expect(page.get_by_role("dialog", name="Keys")).to_be_visible()
    await page.keyboard.press("g")
    await page.keyboard.press("q")
    await expect(page).to_have_title("Overview · " + (await page.locator(".brand").inner_text()))
    await page.keyboard.press("Escape")
    await expect(page.get_by_role("dialog")).to_have_count(0)


async def test_the_way_back_leads_back(dashboard: Dashboard) -> None:
    page = await dashboard()
    await page.get_by_role("navigation", name="Panels").get_by_role("link", name="Failures").click()
    await expect(page.get_by_role("heading", level=1)).to_have_text("Failures")
    await page.go_back()
    await expect(page.get_by_role("heading", level=1)).to_have_text("Overview")


async def test_an_address_that_means_nothing_is_the_overview(dashboard: Dashboard) -> None:
    page = await dashboard()
    await page.evaluate("location.hash = '#/%E0%A4%A?state=%zz&=&'")
    await expect(page.get_by_role("heading", level=1)).to_have_text("Overview")


@pytest.mark.parametrize("role", ["viewer", "executor"])
async def test_whoever_may_only_look_has_nothing_to_press(dashboard: Dashboard, work: Work, role: str) -> None:
    await work.fails()
    await work.waits()
    page = await dashboard(role=role)
    for panel in ("overview", "queue/cli?state=all", "failures", "executors"):
        await go(page, panel)
        await expect(page.locator("main")).to_contain_text("cli")
        await expect(page.locator("main").get_by_role("button", name="Retry")).to_have_count(0)
        await expect(page.locator("main").get_by_role("button", name="Cancel")).to_have_count(0)
        await expect(page.locator("main").get_by_role("button", name="Remove")).to_have_count(0)


@pytest.mark.parametrize("panel", ["overview", "queue", "failures", "executors", "activity"])
async def test_no_panel_is_wider_than_a_narrow_screen(dashboard: Dashboard, work: Work, panel: str) -> None:
    await work.fails("f" * 200, error="e" * 3000, label="l" * 300)
    await work.waits()
    page = await dashboard(panel, viewport={"width": 390, "height": 844})
    await expect(page.get_by_role("heading", level=1)).to_be_visible()
    assert await page.evaluate("document.scrollingElement.scrollWidth <= innerWidth")
