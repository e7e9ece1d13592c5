"""Pages for the tests: a script of the test's own under the origin of a broker, and what it says on its console.

The page itself is a plain text of the broker: one that Chromium had not received from there would not be let to a
broker on this machine (Local Network Access). What is put into it comes as from the broker.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from typing import Any

from playwright.async_api import BrowserContext, ConsoleMessage, Page, Route

from tests.support.javascript import Heard, as_globals


class Tab(Heard):
    """A page with a script, and its console: what the script logs is heard as lines."""

    def __init__(self, page: Page, address: str, files: Mapping[str, str], before: tuple[str, ...]) -> None:
        super().__init__()
        self.page = page
        self._address = address
        self._files = files
        self._before = before
        page.on("console", self._hear_console)

    def _hear_console(self, message: ConsoleMessage) -> None:
        self.hear(message.text)

    async def load(self) -> None:
        """Load the page, and what is in it. Again: what the page's storage has is still there."""
        for path, text in self._files.items():
            await self.page.route(self._address + path, _fulfilled_with(text))
        await self.page.goto(self._address + "/healthz")
        for path in ("/test/names.js", *self._before):
            await self.page.add_script_tag(url=path)
        await self.page.add_script_tag(url="/test/main.js", type="module")

    async def all_said(self) -> None:
        """Return when what the page has said by now is heard."""
        await self.page.evaluate("0")

    @property
    def context(self) -> BrowserContext:
        return self.page.context


def _fulfilled_with(text: str) -> Callable[[Route], Awaitable[None]]:
    async def fulfil(route: Route) -> None:
        await route.fulfill(body=text, content_type="text/javascript; charset=utf-8")

    return fulfil


class Tabs:
    """Opens tabs, each in a context of its own unless it is told to share that of another."""

    def __init__(self, new_page: Callable[[BrowserContext | None], Awaitable[Page]]) -> None:
        self._new_page = new_page

    async def open(
        self,
        address: str,
        script: str,
        *,
        context: BrowserContext | None = None,
        files: Mapping[str, str] | None = None,
        before: tuple[str, ...] = (),
        names: Mapping[str, Any] | None = None,
    ) -> Tab:
        """Open a page with this script as its module.

        names   global in the page, beside SERVER, the broker's address.
        files   more scripts under the broker's origin: path → text.
        before  paths of those that come into the page before the module, as scripts.
        """
        there = {
            "/test/names.js": as_globals(SERVER=address, **(names or {})),
            "/test/main.js": script,
            **(files or {}),
        }
        tab = Tab(await self._new_page(context), address, there, before)
        await tab.load()
        return tab
