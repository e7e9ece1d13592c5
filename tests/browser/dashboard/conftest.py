"""A colony, and the dashboard of it as each role sees it."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any, Protocol

import pytest
from playwright.async_api import BrowserContext, Locator, Page

from tests.browser.conftest import NewPage
from tests.support.broker import Broker
from tests.support.colony import ColonyKeys, spec
from tests.support.peer import Peer


@pytest.fixture
def broker(tmp_path: Path, start_broker: Callable[..., Broker]) -> Broker:
    """One store is enough: what a page shows is not its affair. Each test has a broker that it may kill."""
    return start_broker(f"sqlite:{tmp_path / 'broker.db'}")


class Dashboard(Protocol):
    async def __call__(
        self,
        panel: str = "overview",
        *,
        role: str = "operator",
        address: str = "",
        context: BrowserContext | None = None,
        **options: Any,
    ) -> Page:
        """Open the dashboard at a panel, as `overview` or `queue/cli?state=failed`, and return once it is connected.

        role     operator, viewer, owner or executor.
        address  of another way to the broker.
        options  of the browser's context, as `viewport`.
        """


@pytest.fixture
def dashboard(broker: Broker, keys: ColonyKeys, new_page: NewPage) -> Dashboard:
    async def open_dashboard(
        panel: str = "overview",
        *,
        role: str = "operator",
        address: str = "",
        context: BrowserContext | None = None,
        **options: Any,
    ) -> Page:
        page = await new_page(context, **options)
        key = getattr(keys, role).private_key
        await page.goto(f"{address or broker.address}/#key={key}")
        await connected(page)
        await go(page, panel)
        return page

    return open_dashboard


async def go(page: Page, panel: str) -> None:
    """Go to a panel, as a link does."""
    await page.evaluate("(hash) => { location.hash = hash; }", f"#/{panel}")
    name = panel.split("/")[0].split("?")[0]
    await page.locator(f"main.{name}").wait_for()


async def connected(page: Page) -> None:
    """Return once the page says that it is connected."""
    await page.locator(".connection[data-state=open]").wait_for()


def section(page: Page, title: str) -> Locator:
    """The part of a panel that has this title."""
    return page.locator("main section").filter(has=page.get_by_role("heading", name=title, exact=True))


class Work:
    """Makes things happen in the colony: processes that wait, run, end."""

    def __init__(self, link: Peer, keys: ColonyKeys) -> None:
        self.link = link
        self.keys = keys

    async def waits(self, func: str = "sleep", **fields: Any) -> str:
        process = await self.link.call(self.keys.operator, "process.submit", spec=spec(func, **fields))
        return str(process["processid"])

    async def runs(self, func: str = "sleep", **fields: Any) -> str:
        """Only while nothing else waits of that type, which would be taken first."""
        processid = await self.waits(func, **fields)
        taken = await self.link.call(self.keys.executor, "process.assign", timeout=10)
        assert taken["processid"] == processid
        return processid

    async def succeeds(self, func: str = "sleep", **fields: Any) -> str:
        return await self._closed(await self.runs(func, **fields), successful=True)

    async def fails(self, func: str = "sleep", *, error: str = "it broke", **fields: Any) -> str:
        return await self._closed(await self.runs(func, **fields), successful=False, errors=[error])

    async def _closed(self, processid: str, **how: Any) -> str:
        await self.link.call(self.keys.executor, "process.close", processid=processid, **how)
        return processid


@pytest.fixture
def work(link: Peer, keys: ColonyKeys) -> Work:
    return Work(link, keys)


async def stored(link: Peer, keys: ColonyKeys, **filters: Any) -> list[dict[str, Any]]:
    """The processes that match, as the broker has them."""
    page = await link.call(keys.operator, "process.list", **filters)
    processes: list[dict[str, Any]] = page["processes"]
    return processes
