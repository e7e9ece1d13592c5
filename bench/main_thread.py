"""How long a page's main thread is held up while its functions work. `python -m bench.main_thread` runs it.

A page whose worker runs functions in Web Workers is given processes that compute for a tenth of a second each, and
Chromium traces what its main thread is at. A *long task* is what browsers call one of 50 ms and more: while it lasts the
page answers nobody. That the work itself is not done on that thread is held by `tests/browser/test_main_thread.py`.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import tempfile
from pathlib import Path
from typing import Any

from playwright.async_api import Browser

from colonies import AsyncColonies
from colonies.wire.identity import Identity
from tests.browser.chromium import launched
from tests.browser.hard_work import FUNCTIONS, PAGE, Trace
from tests.browser.pages import Tabs
from tests.support.broker import running_broker
from tests.support.colony import ColonyKeys, make_colony, spec
from tests.support.peer import peer

LONG_MS = 50
KEPT_BUSY_MS = 1000  # so that the observer has a long task to see, whatever came before


async def main() -> None:
    arguments = _arguments()
    with tempfile.TemporaryDirectory() as folder:
        owner = Identity.generate()
        with running_broker(f"sqlite:{Path(folder) / 'broker.db'}", Path(folder), owner=owner) as broker:
            async with peer(broker.address) as link:
                keys = await make_colony(link, owner)
            async with launched() as browser:
                observed, trace = await _traced(browser, broker.address, keys, arguments)
    print(f"{trace.begun_elsewhere} functions of {arguments.milliseconds} ms ran beside the main thread")
    print(f"its longest task took {max(trace.own_ms()):.0f} ms of its own time (a long task is one of {LONG_MS} ms)")
    print(
        f"the page's observer, which counts waiting for a processor too, saw: {', '.join(observed) or 'no long task'}"
    )


async def _traced(
    browser: Browser, address: str, keys: ColonyKeys, arguments: argparse.Namespace
) -> tuple[list[str], Trace]:
    """What the page's observer said while the functions ran, and the trace of all of it."""
    await browser.start_tracing(categories=["toplevel", "blink.user_timing"])
    tabs = Tabs(lambda _: browser.new_page())
    names = {"EXECUTOR_KEY": keys.executor.private_key}
    tab = await tabs.open(address, PAGE, files={"/test/functions.js": FUNCTIONS}, names=names)
    asked: dict[str, Any] = spec("busy", args=[arguments.milliseconds])
    async with AsyncColonies(address, key=keys.operator) as client, asyncio.TaskGroup() as tasks:
        for _ in range(arguments.processes):
            tasks.create_task(client.submit(asked, wait=True))
    observed = list(tab.lines)
    await tab.page.evaluate(f"keepBusy({KEPT_BUSY_MS})")
    await tab.line("kept busy")
    return observed, Trace(json.loads(await browser.stop_tracing()))


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--processes", type=int, default=50)
    parser.add_argument("--milliseconds", type=int, default=100, help="how long each function computes")
    return parser.parse_args()


if __name__ == "__main__":
    asyncio.run(main())
