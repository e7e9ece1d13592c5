"""What a process is made of is whatever somebody sends: it stays text, and the page stays in shape."""

from __future__ import annotations

import pytest
from playwright.async_api import expect

from tests.support.colony import ColonyKeys
from tests.support.peer import Peer

from .conftest import Dashboard, Work, go, section
from .hostile import BACKWARDS, EMOJI, LONG, MARKUP, UNBROKEN, expect_unharmed


@pytest.mark.parametrize("width", [390, 1440])
async def test_hostile_values_are_text_and_break_no_layout(
    dashboard: Dashboard, work: Work, link: Peer, keys: ColonyKeys, width: int
) -> None:
    processid = await work.runs(
        func=f"{BACKWARDS}{MARKUP}"[:250],
        label=EMOJI + UNBROKEN,
        args=[MARKUP, LONG[:80_000], {BACKWARDS: EMOJI}],
        env={"HOME": MARKUP},
    )
    for message in (MARKUP, LONG[:16_000], BACKWARDS, EMOJI):
        await link.call(keys.executor, "log.add", processid=processid, message=message)
    await link.call(keys.executor, "attribute.set", processid=processid, key=MARKUP[:200], value=MARKUP)
    errors = [MARKUP, LONG[:50_000], BACKWARDS, UNBROKEN]
    await link.call(
        keys.executor, "process.close", processid=processid, successful=False, errors=errors, out=[MARKUP, LONG]
    )
    page = await dashboard(f"process/{processid}", viewport={"width": width, "height": 844})
    await expect(page.locator(".log .message")).to_have_count(4)
    await expect(page.locator(".log .message").first).to_have_text(MARKUP)
    await expect(section(page, "4 errors")).to_contain_text(MARKUP)
    await section(page, "4 errors").get_by_role("button", name="Show all (48.8 KB)").click()
    await expect_unharmed(page)
    # What turns the direction of writing ends where it stands: the name of a member is before its value.
    member = section(page, "Arguments").locator(".leaf", has_text=EMOJI)
    name, value = [await member.locator("bdi").nth(number).bounding_box() for number in range(2)]
    assert name
    assert value
    assert name["x"] < value["x"]
    for place in ("overview", "activity", "failures"):
        await go(page, place)
        await expect_unharmed(page)
