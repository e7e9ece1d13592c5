"""Debian's Chromium, driven by Playwright, and what goes wrong in its pages.

A browser lives as long as one test and in its event loop: starting one takes less than a second, and neither
pages nor storage of another test are in it.
"""

from __future__ import annotations

import contextlib
import os
import shutil
from collections.abc import AsyncIterator

from playwright.async_api import Browser, ConsoleMessage, Page, async_playwright

FLAGS = (
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)
# What Chromium says on the console whenever no socket can be opened, whatever the page makes of it.
NO_SOCKET = "WebSocket connection to"


def executable() -> str:
    """The program: the one that `CHROMIUM` names, else the machine's."""
    name = os.environ.get("CHROMIUM") or "chromium"
    path = shutil.which(name)
    assert path, f"the tests need Chromium, and there is no {name}: apt install chromium"
    return path


@contextlib.asynccontextmanager
async def launched(*flags: str, without: tuple[str, ...] = ()) -> AsyncIterator[Browser]:
    """A browser for the length of a block, with a folder of its own. without: flags that Playwright gives by itself."""
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(
            executable_path=executable(), args=[*FLAGS, *flags], ignore_default_args=list(without)
        )
        try:
            yield browser
        finally:
            await browser.close()


class Troubles:
    """What a user would find in red on the consoles of the pages: errors, and those that nobody caught."""

    def __init__(self) -> None:
        self._seen: list[str] = []
        self._allowed: list[str] = []

    def watch(self, page: Page) -> None:
        page.on("console", self._hear)
        page.on("pageerror", lambda error: self._seen.append(f"nobody caught: {error}"))

    def _hear(self, message: ConsoleMessage) -> None:
        address = message.location.get("url", "")
        if message.type in ("error", "assert"):
            self._seen.append(f"{message.text} ({address})")

    def allow(self, *words: str) -> None:
        """Expect troubles that have one of these words, before or after they happen."""
        self._allowed += words

    def check(self) -> None:
        unexpected = [trouble for trouble in self._seen if not any(words in trouble for words in self._allowed)]
        assert not unexpected, "\n".join(unexpected)
