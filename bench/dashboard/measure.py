"""Measure the dashboard: first paint, an idle one, how soon it shows things, one under load. `make bench` runs it.

Everything is real: a broker as a process, a store with a million processes, Chromium, and a load that comes from a
process of its own. Times of a machine with two cores, all of it on them; each figure stands beside what is promised.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import signal
import statistics
import tempfile
import time
from pathlib import Path

from playwright.async_api import Browser

from colonies import AsyncColonies
from tests.support.broker import Broker, running_broker

from .chromium import launched, open_panel, panels_of
from .machine import Neighbours, cpu_seconds
from .report import say
from .seed import Keys, seed
from .shown import lost, shown
from .under_load import under_load

PAINT_MS, PAINTS, IDLE_PERCENT = 1000, 3, 2.0


# — first paint —


async def first_paints(browser: Browser, broker: Broker, keys: Keys) -> None:
    """Each panel in a new context, which has nothing in its cache; in a browser that has shown a page before."""
    warm = await browser.new_page()
    await warm.goto(f"{broker.address}/healthz")
    await warm.close()
    async with AsyncColonies(broker.address, key=keys.operator) as client:
        some = (await client.get_processes(state=3, limit=1)).processes[0].processid
    for panel, place in panels_of(kind="type-00", processid=some):
        paints = [await _first_paint(browser, broker, keys, panel, place) for _ in range(PAINTS)]
        painted = statistics.median(paints)
        what = f"first paint of {panel}, median of {PAINTS}"
        say(what, f"{painted:.0f} ms", f"under {PAINT_MS} ms", holds=painted < PAINT_MS)


async def _first_paint(browser: Browser, broker: Broker, keys: Keys, panel: str, place: str) -> float:
    context = await browser.new_context(viewport={"width": 1440, "height": 900})
    try:
        page = await context.new_page()
        return await open_panel(page, broker.address, keys.operator.private_key, place, panel)
    finally:
        await context.close()


# — idle —


async def idle(browser: Browser, broker: Broker, keys: Keys, seconds: float) -> None:
    page = await browser.new_page(viewport={"width": 1440, "height": 900})
    await open_panel(page, broker.address, keys.operator.private_key, "overview", "overview")
    await asyncio.sleep(3)  # what was asked to paint it is over
    before, begun = cpu_seconds(broker.pid), time.monotonic()
    await asyncio.sleep(seconds)
    percent = 100 * (cpu_seconds(broker.pid) - before) / (time.monotonic() - begun)
    say(
        "broker with an idle dashboard",
        f"{percent:.2f} % of a core",
        f"under {IDLE_PERCENT} %",
        holds=percent < IDLE_PERCENT,
    )
    await page.close()


async def measure(options: argparse.Namespace) -> None:
    """Measure all of it. Told to end, it takes with it what it has started and stored."""
    whole = asyncio.current_task()
    assert whole is not None
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, whole.cancel)
    keys = Keys()
    with tempfile.TemporaryDirectory(dir=options.folder) as place:
        folder = Path(place)
        store = options.store or f"sqlite:{folder / 'broker.db'}"
        await seed(store, folder, keys, options.number)
        with running_broker(store, folder, owner=keys.server_owner) as broker:
            async with launched() as browser:
                await _measure(browser, broker, keys, options)


async def _measure(browser: Browser, broker: Broker, keys: Keys, options: argparse.Namespace) -> None:
    async with Neighbours().watched() as neighbours:
        await first_paints(browser, broker, keys)
        await idle(browser, broker, keys, options.idle)
        await shown(browser, broker, keys)
        await lost(browser, broker, keys)
    print(f"      others took {100 * neighbours.mean:.0f} % of a core meanwhile")
    for panel in filter(None, options.panels.split(",")):
        await under_load(browser, broker, keys, panel, options.minutes)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--number", type=int, default=1_000_000, help="how many processes are stored")
    parser.add_argument("--minutes", type=float, default=10, help="how long each panel is under load")
    parser.add_argument("--idle", type=float, default=30, help="for how many seconds the idle broker is watched")
    parser.add_argument("--panels", default="activity,overview", help="which panels are put under load; none if empty")
    parser.add_argument("--store", help="an empty database, as mongodb://…; a SQLite file unless given")
    parser.add_argument("--folder", help="where the SQLite file lies while it is needed")
    with contextlib.suppress(asyncio.CancelledError):
        asyncio.run(measure(parser.parse_args()))


if __name__ == "__main__":
    main()
