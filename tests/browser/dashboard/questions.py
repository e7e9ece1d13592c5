"""The question in front of everything that matches, its answer, and the results."""

from __future__ import annotations

from playwright.async_api import Locator, Page, expect


def question(page: Page) -> Locator:
    return page.locator("dialog[open]")


async def answer(page: Page, button: str, *, most: str = "", typed: str = "") -> None:
    """Answer the question about everything that matches, once it has counted."""
    await expect(question(page).locator("strong")).to_be_visible()
    if most:
        await question(page).get_by_label("At most").fill(most)
    if typed:
        await question(page).get_by_label("This cannot be undone").fill(typed)
    await question(page).get_by_role("button", name=button).click()
    await expect(question(page)).to_have_count(0)


def results(page: Page) -> Locator:
    return page.locator(".action strong")
