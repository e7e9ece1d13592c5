"""Nothing that axe-core knows stands in the way of people who see, hear or move differently."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from playwright.async_api import Page, expect

from tests.support.colony import ColonyKeys, add_executor
from tests.support.peer import Peer

from .conftest import Dashboard, Work, go

AXE = (Path(__file__).parents[3] / "web_dashboard" / "node_modules" / "axe-core" / "axe.min.js").read_text()
SIZES = {"wide": {"width": 1440, "height": 900}, "narrow": {"width": 390, "height": 844}}


@pytest.fixture
async def processid(work: Work, link: Peer, keys: ColonyKeys) -> str:
    """A colony with something on every panel. Returns a process that failed."""
    await add_executor(link, keys, "newcomer", approve=False)
    await link.call(keys.executor, "function.add", function={"funcname": "sleep", "description": "sleeps"})
    failed = await work.fails(error="it broke\nin two lines", label="nightly", args=[1, {"deep": True}])
    await work.succeeds(env={"REGION": "north"})
    await work.runs("render")
    await work.waits("sleep")
    return failed


async def violations(page: Page) -> list[str]:
    await page.evaluate(AXE)
    found: dict[str, Any] = await page.evaluate("axe.run()")
    return [
        f"{violation['id']}: {violation['help']}: {node['target']} {node['failureSummary']}"
        for violation in found["violations"]
        for node in violation["nodes"]
    ]


async def settled(page: Page, panel: str) -> None:
    """Return once the panel stands there with all that it shows."""
    await page.wait_for_function(
        "(panel) => performance.getEntriesByName('panel-painted').some(({ detail }) => detail === panel)", arg=panel
    )


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("scheme", ["light", "dark"])
async def test_every_panel_is_for_everybody(dashboard: Dashboard, processid: str, scheme: str, size: str) -> None:
    page = await dashboard(color_scheme=scheme, viewport=SIZES[size], reduced_motion="reduce")
    for place in ("overview", "queue/cli", "failures", f"process/{processid}", "executors", "activity"):
        await go(page, place)
        await settled(page, place.split("/")[0])
        assert await violations(page) == [], place


async def test_questions_and_help_are_for_everybody(dashboard: Dashboard, processid: str) -> None:
    page = await dashboard("failures")
    await settled(page, "failures")
    await page.keyboard.press("?")
    await expect(page.locator("dialog[open]")).to_be_visible()
    assert await violations(page) == []
    await page.keyboard.press("Escape")
    await page.get_by_role("button", name="Remove 1…").first.click()
    await expect(page.locator("dialog[open]")).to_contain_text("match")
    assert await violations(page) == []
