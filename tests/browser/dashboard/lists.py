"""What stands in the lists of processes and of causes."""

from __future__ import annotations

from playwright.async_api import Locator, Page, expect


def rows(page: Page, text: str = "") -> Locator:
    return page.locator(".processes > li", has_text=text)


def groups(page: Page, text: str = "") -> Locator:
    return page.locator(".groups > li", has_text=text)


def ids(page: Page) -> Locator:
    """Of the listed processes, in their order."""
    return page.locator(".processes > li .short")


def said(page: Page) -> Locator:
    """What the page reads aloud last."""
    return page.locator(".app > [role=status]")


def short(processid: str) -> str:
    """An id as the dashboard shows it."""
    return f"…{processid[-8:]}"


async def lists(page: Page, *processids: str) -> None:
    """Return once these are listed, in this order, and nothing else."""
    await expect(ids(page)).to_have_text([short(processid) for processid in processids])


async def leave_buttons(page: Page) -> None:
    """Take the pointer from where it pressed something: a list waits for that."""
    await page.get_by_role("heading", level=1).hover()
