"""A page that works hard does the work elsewhere than on the thread that answers its user."""

from __future__ import annotations

import asyncio
import json

from playwright.async_api import Browser

from colonies import AsyncColonies, State
from tests.support.broker import Broker
from tests.support.colony import ColonyKeys, spec

from .hard_work import FUNCTIONS, PAGE, Trace
from .pages import Tabs

TIMES = 50


async def test_functions_in_threads_leave_the_main_thread_free(
    broker: Broker, keys: ColonyKeys, tabs: Tabs, chromium: Browser
) -> None:
    """How long the thread was at its longest task is the machine's affair: `python -m bench.main_thread` measures it."""
    await chromium.start_tracing(categories=["toplevel", "blink.user_timing"])
    names = {"EXECUTOR_KEY": keys.executor.private_key}
    tab = await tabs.open(broker.address, PAGE, files={"/test/functions.js": FUNCTIONS}, names=names)
    async with AsyncColonies(broker.address, key=keys.operator) as client, asyncio.TaskGroup() as tasks:
        asked = [tasks.create_task(client.submit(spec("busy", args=[10]), wait=True)) for _ in range(TIMES)]
    assert [task.result().state for task in asked] == [State.SUCCESSFUL] * TIMES
    # Whoever watches must be able to see what is done on the main thread.
    await tab.page.evaluate("keepBusy(10)")
    await tab.line("kept busy")
    trace = Trace(json.loads(await chromium.stop_tracing()))
    assert trace.begun_on_main_thread == 1
    assert trace.begun_elsewhere == TIMES
