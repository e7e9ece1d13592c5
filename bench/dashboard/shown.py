"""How soon the dashboard shows what happened: a failure, on each panel that shows one; and that the broker has gone.

From before the executor's call that closes the process, or the signal that kills the broker, until a frame of the page
has it; both on the clock of this machine.
"""

from __future__ import annotations

import asyncio
import secrets
import statistics
import time
from collections.abc import Awaitable, Callable

from playwright.async_api import Browser, Page

from colonies import AsyncColonies
from colonies.wire.model import Process
from tests.support.broker import Broker

from .chromium import open_panel
from .report import say
from .seed import Keys

TIMES, LOSSES = 10, 5
SHOWN_MS, LOST_MS = 1000, 3000
GIVE_UP_SECONDS = 60
TYPE = "type-00"

WHEN = """(expression) => new Promise((resolve) => {
  const holds = new Function("return " + expression);
  const look = () => (holds() ? resolve(performance.timeOrigin + performance.now()) : requestAnimationFrame(look));
  look();
})"""
FAILED_STORED = f"""[...document.querySelectorAll("tbody tr")]
  .find((row) => row.querySelector("th").textContent.includes("{TYPE}"))
  .querySelector("td[data-label='failed, stored']").textContent"""

Happens = Callable[[], Awaitable[object]]


async def when(page: Page, expression: str, happens: Happens) -> float:
    """Have it happen, and return after how many ms the expression holds in the page, which it must not before."""
    waiting = asyncio.create_task(page.evaluate(WHEN, expression))
    await page.evaluate("new Promise(requestAnimationFrame)")
    assert not waiting.done(), f"it is so already: {expression}"
    begun = time.time() * 1000
    await happens()
    async with asyncio.timeout(GIVE_UP_SECONDS):
        return float(await waiting) - begun


def has(text: str) -> str:
    return f"document.querySelector('main').textContent.includes('{text}')"


async def shown(browser: Browser, broker: Broker, keys: Keys) -> None:
    """A failure on each panel, with whatever else is stored."""
    places = {"overview": "overview", "queue": f"queue/{TYPE}?state=failed", "failures": "failures"}
    async with AsyncColonies(broker.address) as client:
        for panel in (*places, "process", "activity"):
            took = [
                await _failure(browser, broker, keys, client, panel, places.get(panel, panel)) for _ in range(TIMES)
            ]
            _say(f"a failure is shown on {panel}", took, SHOWN_MS)


async def _failure(
    browser: Browser, broker: Broker, keys: Keys, client: AsyncColonies, panel: str, place: str
) -> float:
    process, error = await _running(client, keys), f"broke-{secrets.token_hex(8)}"
    page = await browser.new_page(viewport={"width": 1440, "height": 900})
    try:
        if panel == "process":
            place = f"process/{process.processid}"
        await open_panel(page, broker.address, keys.operator.private_key, place, panel)
        await asyncio.sleep(1)  # what was asked to paint it is over, and it listens
        expression = has(error)
        if panel == "overview":
            expression = f"{FAILED_STORED} !== {await page.evaluate(FAILED_STORED)!r}"
        return await when(
            page,
            expression,
            lambda: client.close_process(process, keys.executor, successful=False, errors=[error]),
        )
    finally:
        await page.close()


async def _running(client: AsyncColonies, keys: Keys) -> Process:
    spec = {"conditions": {"executortype": TYPE}, "func": "function_0"}
    await client.submit(spec, prvkey=keys.operator)
    return await client.assign(timeout=30, latest=True, prvkey=keys.executor)


async def lost(browser: Browser, broker: Broker, keys: Keys) -> None:
    """The broker is killed, and started again at the same address."""
    gone, back = [], []
    page = await browser.new_page(viewport={"width": 1440, "height": 900})
    await open_panel(page, broker.address, keys.operator.private_key, "overview", "overview")
    for _ in range(LOSSES):
        says = "document.querySelector('.connection').textContent.includes('Connection lost')"
        gone.append(await when(page, says, lambda: asyncio.to_thread(broker.kill)))
        await asyncio.to_thread(broker.start)
        ready = time.time() * 1000
        is_open = "document.querySelector('.connection').dataset.state === 'open'"
        back.append(max(0.0, float(await page.evaluate(WHEN, is_open)) - ready))
        await asyncio.sleep(1)
    await page.close()
    _say("a killed broker is said to be lost", gone, LOST_MS)
    print(f"      connected again, from when it is ready: {statistics.median(back):.0f} ms, at most {max(back):.0f} ms")


def _say(what: str, took: list[float], most: int) -> None:
    figure = f"{statistics.median(took):.0f} ms, most {max(took):.0f} ms"
    say(f"{what}, {len(took)} times", figure, f"under {most} ms", holds=max(took) < most)
