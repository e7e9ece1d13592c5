"""A browser for each test that asks for one, and pages that may not have trouble."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from typing import Any, Protocol

import pytest
from playwright.async_api import Browser, BrowserContext, Page, expect

from .chromium import Troubles, launched
from .pages import Tabs

# What is waited for comes; how long that takes is the machine's affair, and no test's.
expect.set_options(timeout=45_000)


class NewPage(Protocol):
    async def __call__(self, context: BrowserContext | None = None, **options: Any) -> Page:
        """Open an empty page, in a context of its own made with these options unless one is given."""


@pytest.fixture
async def chromium() -> AsyncIterator[Browser]:
    async with launched() as browser:
        yield browser


@pytest.fixture
def troubles() -> Iterator[Troubles]:
    """What goes wrong in the pages; whatever was not allowed fails the test in the end."""
    seen = Troubles()
    yield seen
    seen.check()


@pytest.fixture
def new_page(chromium: Browser, troubles: Troubles) -> NewPage:
    async def new_page(context: BrowserContext | None = None, **options: Any) -> Page:
        page = await (context or await chromium.new_context(**options)).new_page()
        troubles.watch(page)
        return page

    return new_page


@pytest.fixture
async def page(new_page: NewPage) -> Page:
    return await new_page()


@pytest.fixture
def tabs(new_page: NewPage) -> Tabs:
    return Tabs(new_page)
