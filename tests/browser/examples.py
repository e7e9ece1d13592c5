"""The example pages as somebody opens them: an address with a key, in a tab that may have no trouble."""

from __future__ import annotations

from typing import Any

from playwright.async_api import Locator, Page, expect

from colonies.wire.identity import Identity

from .conftest import NewPage

# For what is certain to come: it is waited for, and how long it takes says nothing.
PATIENCE_MS = 90_000


async def visit(new_page: NewPage, address: str, path: str, key: Identity | None = None, **options: Any) -> Page:
    """Open a page of the examples. path: below /examples/, with what its fragment says beside the key."""
    page = await new_page(**options)
    page.set_default_timeout(PATIENCE_MS)
    said = f"{'&' if '#' in path else '#'}key={key.private_key}" if key else ""
    await page.goto(f"{address}/examples/{path}{said}")
    return page


async def has_state(page: Page, state: str) -> None:
    """Wait until the page says that its connection is open, waiting, refused, …"""
    await has(page.locator("#link"), "data-state", state)


async def has(locator: Locator, name: str, value: str) -> None:
    await expect(locator).to_have_attribute(name, value, timeout=PATIENCE_MS)
