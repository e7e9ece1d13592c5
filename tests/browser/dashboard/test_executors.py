"""Who works here: connected, busy, waiting for approval, or connected and taking nothing."""

from __future__ import annotations

import re

import pytest
from playwright.async_api import expect

from colonies.wire.errors import Forbidden
from tests.support.broker import Broker
from tests.support.colony import ColonyKeys, add_executor
from tests.support.peer import Peer, peer

from .conftest import Dashboard, Work, go
from .hostile import BACKWARDS, EMOJI, MARKUP, UNBROKEN, expect_unharmed

PATIENCE_MS = 30_000


async def test_it_is_said_who_is_there_and_since_when_the_others_are_not(
    broker: Broker, dashboard: Dashboard, link: Peer, keys: ColonyKeys
) -> None:
    key = await add_executor(link, keys, "camera", "camera")
    page = await dashboard("executors")
    camera = page.locator(".executor").filter(has_text="camera")
    await expect(camera).to_contain_text("was never connected")
    async with peer(broker.address) as its_link:
        await its_link.call(key, "server.info")
        await expect(camera).to_contain_text("connected, nothing to do")
    await expect(camera).to_contain_text("not connected, last seen")


async def test_one_that_is_connected_and_takes_nothing_is_shown_as_such(
    broker: Broker, dashboard: Dashboard, work: Work, link: Peer, keys: ColonyKeys
) -> None:
    key = await add_executor(link, keys, "camera", "camera")
    await add_executor(link, keys, "another", "quiet")
    await work.waits(executortype="camera")
    page = await dashboard("executors")
    async with peer(broker.address) as its_link:
        await its_link.call(key, "server.info")
        camera = page.locator(".executor.quiet")
        await expect(camera).to_contain_text("camera", timeout=PATIENCE_MS)
        await expect(camera).to_contain_text(
            "connected, takes nothing: it has not asked for work yet while 1 process waits"
        )
        await its_link.call(key, "process.assign", timeout=10)
        await expect(page.locator(".executor.busy")).to_contain_text("runs 1 process")


async def test_what_it_runs_and_what_it_can_do_is_a_click_away(
    dashboard: Dashboard, work: Work, link: Peer, keys: ColonyKeys
) -> None:
    function = {"funcname": "render", "description": "Renders one frame", "args": [{"name": "scene"}]}
    await link.call(keys.executor, "function.add", function=function)
    processid = await work.runs("render")
    page = await dashboard("executors")
    executor = page.locator(".executor.busy")
    await executor.get_by_text("Functions (1)").click()
    await expect(executor).to_contain_text("Renders one frame")
    await executor.get_by_text("What it runs (1)").click()
    await executor.get_by_role("link", name="render").click()
    await expect(page.locator("main.process")).to_be_visible()
    assert processid in page.url


async def test_what_it_runs_follows_while_one_looks(
    dashboard: Dashboard, work: Work, link: Peer, keys: ColonyKeys
) -> None:
    first = await work.runs("first")
    page = await dashboard("executors")
    held = page.locator(".executor.busy .at-work a")
    await page.get_by_text("What it runs (1)").click()
    await expect(held).to_have_text(["first"])
    await work.runs("second")
    await expect(page.get_by_text("What it runs (2)")).to_be_visible()
    await expect(held).to_have_count(2)
    await link.call(keys.executor, "process.close", processid=first, successful=True)
    await expect(held).to_have_text(["second"])


async def test_they_are_found_by_type_and_by_how_they_stand(
    dashboard: Dashboard, work: Work, link: Peer, keys: ColonyKeys
) -> None:
    await add_executor(link, keys, "newcomer", "cli", approve=False)
    await add_executor(link, keys, "hall", "lamp")
    await work.runs()
    page = await dashboard("executors")
    names = page.locator(".executor h2")
    await expect(names).to_have_count(3)
    await expect(names.first).to_have_text("newcomer")  # somebody has to look at it
    await page.get_by_label("State").select_option("running something")
    await expect(names).to_have_text([re.compile("cli-0")])
    assert page.url.endswith("#/executors?state=busy")
    await page.get_by_label("State").select_option("not connected")
    await expect(names).to_have_text(["hall"])
    await go(page, "executors?state=pending&type=lamp")
    await expect(page.locator("main")).to_contain_text("No executor matches the filter.")
    await go(page, "executors?type=lamp")
    await expect(names).to_have_text(["hall"])
    await expect(page.locator("main")).to_contain_text("1 executor of 3, 0 connected")


async def test_the_broker_may_say_no_to_an_approval(dashboard: Dashboard, link: Peer, keys: ColonyKeys) -> None:
    key = await add_executor(link, keys, "newcomer", "cli", approve=False)
    page = await dashboard("executors")
    newcomer = page.locator(".executor").filter(has_text="newcomer")
    await newcomer.get_by_role("button", name="Reject").click()
    await link.call(keys.owner, "executor.remove", executorid=key.id)
    await page.locator("dialog[open]").get_by_role("button", name="Reject").click()
    await expect(page.locator("main")).to_contain_text("there is no executor")


async def test_approving_rejecting_and_removing(dashboard: Dashboard, work: Work, link: Peer, keys: ColonyKeys) -> None:
    key = await add_executor(link, keys, "newcomer", "cli", approve=False)
    page = await dashboard("executors")
    newcomer = page.locator(".executor").filter(has_text="newcomer")
    await expect(newcomer).to_contain_text("waits for approval")
    await newcomer.get_by_role("button", name="Approve").click()
    await expect(newcomer).to_contain_text("was never connected")
    processid = await work.waits()
    assert (await link.call(key, "process.assign", timeout=10))["processid"] == processid
    await newcomer.get_by_role("button", name="Reject").click()
    dialog = page.locator("dialog[open]")
    await expect(dialog).to_contain_text("what it runs goes back to the queue")
    await dialog.get_by_role("button", name="Reject").click()
    await expect(newcomer).to_contain_text("rejected")
    assert (await link.call(keys.operator, "process.get", processid=processid))["state"] == 0
    await newcomer.get_by_role("button", name="Remove").click()
    await dialog.get_by_role("button", name="Keep it as it is").click()
    await expect(dialog).to_have_count(0)
    await expect(newcomer).to_have_count(1)
    await newcomer.get_by_role("button", name="Remove").click()
    await dialog.get_by_role("button", name="Remove").click()
    await expect(newcomer).to_have_count(0)


async def test_a_viewer_may_do_nothing(dashboard: Dashboard, link: Peer, keys: ColonyKeys) -> None:
    key = await add_executor(link, keys, "newcomer", "cli", approve=False)
    page = await dashboard("executors", role="viewer")
    await expect(page.locator(".executor").filter(has_text="newcomer")).to_contain_text("waits for approval")
    for name in ("Approve", "Reject", "Remove"):
        await expect(page.locator("main").get_by_role("button", name=name)).to_have_count(0)
    with pytest.raises(Forbidden):
        await link.call(keys.viewer, "executor.approve", executorid=key.id)


async def test_many_are_shown_a_hundred_at_a_time_and_found_by_name(
    dashboard: Dashboard, link: Peer, keys: ColonyKeys
) -> None:
    for number in range(120):
        await add_executor(link, keys, f"bulk-{number:03}", "bulk")
    page = await dashboard("executors")
    await expect(page.locator(".executor")).to_have_count(100)
    await page.get_by_role("button", name="Show 21 more").click()
    await expect(page.locator(".executor")).to_have_count(121)
    await page.keyboard.press("/")
    await page.keyboard.type("bulk-119")
    await expect(page.locator(".executor")).to_have_count(1)
    assert "text=bulk-119" in page.url


@pytest.mark.parametrize("width", [390, 1440])
async def test_hostile_names_are_text_and_break_no_layout(
    dashboard: Dashboard, link: Peer, keys: ColonyKeys, width: int
) -> None:
    for name in (MARKUP, BACKWARDS, EMOJI, UNBROKEN[:250]):
        await add_executor(link, keys, name, name)
    function = {"funcname": MARKUP, "description": UNBROKEN + MARKUP, "args": [MARKUP, UNBROKEN]}
    await link.call(keys.executor, "function.add", function=function)
    page = await dashboard("executors", viewport={"width": width, "height": 844})
    await page.get_by_text("Functions (1)").click()
    await expect(page.locator(".executor").filter(has_text=MARKUP)).to_have_count(2)
    await expect_unharmed(page)
