"""The lamp and its switch, pressed and looked at in Chromium."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import pytest
from playwright.async_api import Page, expect

from colonies.wire.identity import Identity
from colonies.wire.model import State
from tests.support.broker import Broker
from tests.support.colony import ColonyKeys, add_executor, make_colony, spec
from tests.support.peer import Peer, peer

from .chromium import NO_SOCKET, Troubles
from .conftest import NewPage
from .examples import PATIENCE_MS, has, has_state, visit

LAMP, SWITCH = "lamp/", "lamp/switch.html"


@pytest.fixture
async def lamp_key(link: Peer, keys: ColonyKeys) -> Identity:
    return await add_executor(link, keys, "lamp", "lamp")


async def shows(lamp: Page, state: str) -> None:
    """Wait until the lamp is on or off: in its light, and in words."""
    await has(lamp.locator("body"), "data-lamp", state)
    await expect(lamp.locator("#state")).to_have_text(state)


async def says(switch: Page, words: str) -> None:
    await expect(switch.locator("#words")).to_have_text(words, timeout=PATIENCE_MS)


async def listed(link: Peer, keys: ColonyKeys, state: State) -> list[dict[str, Any]]:
    page = await link.call(keys.operator, "process.list", executortype="lamp", state=int(state))
    found: list[dict[str, Any]] = page["processes"]
    return found


async def closed(link: Peer, keys: ColonyKeys, asked: dict[str, Any]) -> dict[str, Any]:
    """Wait until a process is over."""
    await link.call(keys.operator, "watch", processid=asked["processid"])
    process: dict[str, Any] = (await link.notified())["process"]
    return process


async def test_the_lamp_is_what_the_switch_was_pressed_to(
    broker: Broker, keys: ColonyKeys, lamp_key: Identity, new_page: NewPage
) -> None:
    lamp = await visit(new_page, broker.address, LAMP, lamp_key)
    switch = await visit(new_page, broker.address, SWITCH, keys.operator)
    await has_state(lamp, "open")
    await has(switch.locator("#presence"), "data-online", "yes")
    for state in ("on", "off", "on"):
        await switch.locator("#rocker").click()
        await has(switch.locator("#rocker"), "aria-checked", "true" if state == "on" else "false")
        await shows(lamp, state)
        await says(switch, f"The lamp is {state}")
    await expect(lamp.locator("#switchings li")).to_have_count(3)


async def test_a_lamp_away_for_ten_presses_shows_the_tenth_once(
    broker: Broker, keys: ColonyKeys, link: Peer, lamp_key: Identity, new_page: NewPage
) -> None:
    switch = await visit(new_page, broker.address, SWITCH, keys.operator)
    lamp = await visit(new_page, broker.address, LAMP, lamp_key)
    await switch.locator("#rocker").click()
    await shows(lamp, "on")
    await says(switch, "The lamp is on")
    await lamp.close()
    for _ in range(10):
        await switch.locator("#rocker").click()
    await says(switch, "Waiting for the lamp: “on”")
    # Another browser, so that it does not remember that it was on.
    lamp = await visit(new_page, broker.address, LAMP, lamp_key)
    await shows(lamp, "on")
    await says(switch, "The lamp is on")
    assert len(await listed(link, keys, State.SUCCESSFUL)) == 2
    superseded = await listed(link, keys, State.CANCELLED)
    assert [process["errors"][0].split()[0] for process in superseded] == ["superseded"] * 9
    assert await listed(link, keys, State.WAITING) == []
    await expect(lamp.locator("#switchings li")).to_have_count(1)


async def test_lamp_and_switch_go_on_by_themselves_after_the_broker_was_killed(
    fresh_store: str, start_broker: Callable[..., Broker], new_page: NewPage, troubles: Troubles
) -> None:
    troubles.allow(NO_SOCKET)
    broker = start_broker(fresh_store)
    async with peer(broker.address) as link:
        keys = await make_colony(link, broker.owner)
        lamp_key = await add_executor(link, keys, "lamp", "lamp")
    lamp = await visit(new_page, broker.address, LAMP, lamp_key)
    switch = await visit(new_page, broker.address, SWITCH, keys.operator)
    await has(switch.locator("#presence"), "data-online", "yes")
    broker.kill()
    for page in (lamp, switch):
        await has_state(page, "waiting")
        await expect(page.locator("#link")).to_contain_text("Connection lost, trying again")
    await has(switch.locator("#presence"), "data-online", "unknown")
    broker.start()
    for page in (lamp, switch):
        await has_state(page, "open")
    await switch.locator("#rocker").click()
    await shows(lamp, "on")
    await says(switch, "The lamp is on")


async def test_a_lamp_that_is_loaded_again_is_what_it_was(
    broker: Broker, keys: ColonyKeys, link: Peer, lamp_key: Identity, new_page: NewPage
) -> None:
    lamp = await visit(new_page, broker.address, LAMP, lamp_key)
    await has_state(lamp, "open")
    await link.call(keys.operator, "process.submit", spec=spec("set_lamp", executortype="lamp", args=["on"]))
    await shows(lamp, "on")
    await lamp.reload()
    await shows(lamp, "on")
    await has_state(lamp, "open")


async def test_what_a_lamp_cannot_do_is_closed_as_failed_with_the_reason(
    broker: Broker, keys: ColonyKeys, link: Peer, lamp_key: Identity, new_page: NewPage
) -> None:
    lamp = await visit(new_page, broker.address, LAMP, lamp_key)
    await has_state(lamp, "open")
    for func, args, reason in (
        ("set_lamp", ["blink"], 'set_lamp takes "on" or "off", not "blink".'),
        ("explode", [], "A lamp knows only set_lamp, and not explode."),
        ("set_lamp", ["x" * 100_000], f'set_lamp takes "on" or "off", not "{"x" * 79}….'),
    ):
        asked = await link.call(keys.operator, "process.submit", spec=spec(func, executortype="lamp", args=args))
        process = await closed(link, keys, asked)
        assert (process["state"], process["errors"]) == (State.FAILED, [reason])
        await expect(lamp.locator("#switchings li").first).to_contain_text(reason)
    await shows(lamp, "off")


async def test_what_is_older_than_what_the_lamp_shows_is_not_shown_after_it(
    broker: Broker, keys: ColonyKeys, link: Peer, lamp_key: Identity, new_page: NewPage
) -> None:
    older, newer = [
        await link.call(keys.operator, "process.submit", spec=spec("set_lamp", executortype="lamp", args=[state]))
        for state in ("off", "on")
    ]
    lamp = await visit(new_page, broker.address, LAMP, lamp_key)
    assert (await closed(link, keys, older))["state"] == State.FAILED
    assert (await closed(link, keys, newer))["out"] == ["on"]
    await shows(lamp, "on")


async def test_a_key_leaves_the_address_and_stays_with_the_tab(
    broker: Broker, keys: ColonyKeys, lamp_key: Identity, new_page: NewPage
) -> None:
    lamp = await visit(new_page, broker.address, LAMP, lamp_key)
    await has_state(lamp, "open")
    assert lamp.url == f"{broker.address}/examples/lamp/"
    await lamp.reload()
    await has_state(lamp, "open")


async def test_without_a_key_a_page_asks_for_one_and_offers_another_when_it_is_refused(
    broker: Broker, lamp_key: Identity, new_page: NewPage
) -> None:
    lamp = await visit(new_page, broker.address, LAMP)
    for _ in range(2):  # the second one closes a dialog, whatever the page says
        await lamp.keyboard.press("Escape")
    await lamp.get_by_label("Private key").fill(Identity.generate().private_key)
    await lamp.keyboard.press("Enter")
    await has_state(lamp, "refused")
    await expect(lamp.locator("#link")).to_contain_text(re.compile("^Refused: nobody here knows the key"))
    await lamp.get_by_role("button", name="Use another key").click()
    await lamp.get_by_label("Private key").fill(lamp_key.private_key)
    await lamp.get_by_role("button", name="Use this key").click()
    await has_state(lamp, "open")


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("path", ["", LAMP, SWITCH, "fractal/"])
async def test_a_page_is_no_wider_than_a_telephone(
    broker: Broker, keys: ColonyKeys, lamp_key: Identity, path: str, scheme: str, new_page: NewPage
) -> None:
    telephone = {"viewport": {"width": 390, "height": 844}, "color_scheme": scheme}
    key = keys.operator if path == SWITCH else lamp_key
    page = await visit(new_page, broker.address, path, key, **telephone)
    if path:
        await has_state(page, "open")
    assert await page.evaluate("document.documentElement.scrollWidth") <= 390
