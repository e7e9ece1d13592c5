"""Lists of what people and programs call things when nobody stops them: text, all of it, and the layout holds."""

from __future__ import annotations

from typing import Any

import pytest
from playwright.async_api import Page, expect

from tests.support.colony import ColonyKeys, add_executor
from tests.support.peer import Peer

from .conftest import Dashboard, Work, go
from .hostile import BACKWARDS, EMOJI, LONG, MARKUP, UNBROKEN, expect_unharmed
from .lists import groups, ids, rows, short
from .questions import question

ERROR = LONG[:60_000]  # the broker takes no more
NARROW = {"width": 390, "height": 844}
TEXTS = {"markup": MARKUP, "backwards": BACKWARDS, "emoji": EMOJI, "unbroken": UNBROKEN[:250]}


async def fails(work: Work, text: str) -> str:
    return await work.fails(text, label=text, error=text + "\n" + ERROR, args=[text, LONG], kwargs={text: [text]})


async def places(page: Page, text: str) -> list[str]:
    """Where such a process can be listed, its cause opened among them."""
    await go(page, "failures")
    await expect(ids(page)).to_have_count(1)
    cause = await groups(page).locator(".cause > a").get_attribute("href")
    assert cause
    return ["failures", cause.removeprefix("#/"), "queue/cli?state=failed", "queue/cli?state=all"]


@pytest.mark.parametrize("kind", TEXTS)
async def test_whatever_a_process_is_called_is_shown_as_text(dashboard: Dashboard, work: Work, kind: str) -> None:
    text = TEXTS[kind]
    await fails(work, text)
    page = await dashboard(viewport=NARROW)
    for place in await places(page, text):
        await go(page, place)
        await expect(rows(page).locator(".func")).to_contain_text(text)
        await expect(rows(page).locator(".label")).to_have_text(text)
        await expect_unharmed(page)
    await rows(page).get_by_role("button", name="Remove").click()
    await expect_unharmed(page)


async def test_an_error_as_long_as_any_is_shown_whole_when_asked(dashboard: Dashboard, work: Work) -> None:
    await work.fails(error="it broke\n" + ERROR)
    page = await dashboard("failures?cause=it+broke", viewport=NARROW)
    await rows(page).get_by_role("button", name="Show all (58.6 KB)").click()
    assert len(await rows(page).get_by_label("the errors", exact=True).inner_text()) == len("it broke\n" + ERROR)
    await expect_unharmed(page)


async def test_processes_that_fit_no_frame_together_are_all_listed(
    dashboard: Dashboard, work: Work, link: Peer, keys: ColonyKeys
) -> None:
    waiting = [await work.waits(args=[LONG, LONG]) for _ in range(12)]
    page = await dashboard("queue/cli", viewport=NARROW)
    seen: list[str] = []
    while True:
        where = page.get_by_role("navigation", name="Pages")
        await expect(where).to_contain_text(f"{len(seen) + 1}–")
        await expect(where).to_contain_text("of 12 waiting")
        seen += [str(await row.get_attribute("data-id")) for row in await rows(page).all()]
        await expect_unharmed(page)
        newer = where.get_by_role("link", name="Newer")
        if not await newer.count():
            break
        await newer.click()
    assert seen == waiting


@pytest.mark.parametrize("kind", TEXTS)
async def test_whatever_a_filter_says_is_said_in_a_question_as_text(
    dashboard: Dashboard, work: Work, kind: str
) -> None:
    text = TEXTS[kind]
    await fails(work, text)
    page = await dashboard("failures", viewport=NARROW)
    await page.get_by_label("Function").fill(text)
    await expect(page.locator("input.is-set")).to_have_value(text)
    await page.get_by_role("button", name="Remove 1… failed", exact=True).click()
    await expect(question(page)).to_contain_text(f"with the function “{text}”")
    await expect_unharmed(page)
    await question(page).get_by_label("This cannot be undone").fill("1")
    await question(page).get_by_role("button", name="Remove 1").click()
    await expect(page.locator(".action")).to_contain_text(f"with the function “{text}”")
    await expect_unharmed(page)


@pytest.mark.parametrize("kind", TEXTS)
async def test_whatever_a_type_and_its_executors_are_called_is_shown_as_text(
    dashboard: Dashboard, work: Work, link: Peer, keys: ColonyKeys, kind: str
) -> None:
    text = TEXTS[kind]
    executor = await add_executor(link, keys, text, text)
    await work.waits(executortype=text)
    taken: dict[str, Any] = await link.call(executor, "process.assign", timeout=10)
    await work.waits(executortype=text)
    page = await dashboard(viewport=NARROW)
    await page.evaluate("(type) => { location.hash = `#/queue/${encodeURIComponent(type)}`; }", text)
    await expect(page.get_by_role("heading", level=1)).to_contain_text(text)
    await expect(ids(page)).to_have_count(1)
    await expect_unharmed(page)
    await go(page, "queue?state=running")
    await expect(ids(page)).to_have_text([short(taken["processid"])])
    await expect(rows(page).locator(".who")).to_contain_text(f"on {text}")
    await expect_unharmed(page)


async def test_an_address_with_anything_in_it_harms_nobody(dashboard: Dashboard, work: Work) -> None:
    await work.fails()
    page = await dashboard(viewport=NARROW)
    for text in TEXTS.values():
        for place in ("queue/{}?text={}&label={}&state={}", "failures?type={}&func={}&cause={}&since={}"):
            await page.evaluate(
                """([place, text]) => { location.hash = "#/" + place.replaceAll("{}", () => encodeURIComponent(text)); }""",
                [place, text],
            )
            await expect(page.locator("main")).to_contain_text("No ")
            await expect_unharmed(page)
