"""Pictures of every panel, light and dark, wide and narrow: `python -m bench.dashboard.screenshots [FOLDER]`."""

from __future__ import annotations

import asyncio
import sys
import tempfile
import time
from pathlib import Path
from typing import Literal

from playwright.async_api import Browser

from broker.store.open import open_store
from colonies import AsyncColonies
from colonies.wire.identity import Identity
from tests.support.broker import running_broker

from .chromium import launched, open_panel, panels_of
from .colony import Colony, at_work, settle, stir
from .story import remember

FOLDER = Path(__file__).parents[2] / "docs" / "screenshots"
SIZES = {"wide": (1440, 900), "narrow": (390, 844)}
SCHEMES: tuple[Literal["light", "dark"], ...] = ("light", "dark")
ENTRIES = 16  # of the activity, in its picture


async def picture(folder: Path) -> None:
    """Make them all."""
    colony, owner = Colony(), Identity.generate()
    with tempfile.TemporaryDirectory() as place:
        store = f"sqlite:{place}/broker.db"
        with running_broker(store, Path(place), owner=owner) as broker:
            async with AsyncColonies(broker.address) as client:
                await settle(client, owner, colony)
        processid = await _remember(store, colony)
        with running_broker(store, Path(place), owner=owner) as broker:
            async with at_work(broker.address, colony), launched() as browser:
                await _walk(browser, broker.address, colony, processid, folder)


async def _remember(address: str, colony: Colony) -> str:
    store = open_store(address)
    await store.open()
    try:
        return await remember(store, colony, now=int(time.time() * 1000))
    finally:
        await store.close()


async def _walk(browser: Browser, address: str, colony: Colony, processid: str, folder: Path) -> None:
    for panel, place in panels_of(kind="render", processid=processid):
        for scheme in SCHEMES:
            for size, (width, height) in SIZES.items():
                page = await browser.new_page(
                    viewport={"width": width, "height": height},
                    color_scheme=scheme,
                    reduced_motion="reduce",
                    device_scale_factor=1,
                )
                await open_panel(page, address, colony.operator.private_key, place, panel)
                if panel == "activity":
                    async with AsyncColonies(address) as client:
                        await stir(client, colony)
                    await page.locator("main li:not(.gap)").nth(ENTRIES - 1).wait_for()
                await page.screenshot(path=folder / f"{panel}-{scheme}-{size}.png")
                await page.close()


if __name__ == "__main__":
    folder = Path(sys.argv[1]) if len(sys.argv) > 1 else FOLDER
    folder.mkdir(parents=True, exist_ok=True)
    asyncio.run(picture(folder))
