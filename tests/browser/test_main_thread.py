"""A page that works hard stays as quick as one that does nothing."""

from __future__ import annotations

import asyncio
import json
from typing import Any

from playwright.async_api import Browser

from colonies import AsyncColonies, State
from tests.support.broker import Broker
from tests.support.colony import ColonyKeys, spec

from .pages import Tabs

LONG_MS = 50  # what browsers call a long task: while it lasts the page answers nobody

PAGE = """
import { Worker } from "/sdk/colonies.js";

const observer = new PerformanceObserver((list) => {
  for (const { duration } of list.getEntries()) console.log(`long task of ${Math.round(duration)} ms`);
});
observer.observe({ type: "longtask", buffered: true });

globalThis.keepBusy = (ms) =>
  setTimeout(() => {
    performance.mark("busy");
    for (const end = performance.now() + ms; performance.now() < end; );
  });

const worker = new Worker(SERVER, { key: EXECUTOR_KEY, concurrency: 4 });
worker.functionsIn("/test/functions.js");
await worker.run();
"""

FUNCTIONS = """
import { serveFunctions } from "/sdk/colonies.js";

serveFunctions({
  busy([ms]) {
    const end = performance.now() + ms;
    while (performance.now() < end);
  },
});
"""


async def test_functions_in_threads_leave_the_main_thread_free(
    broker: Broker, keys: ColonyKeys, tabs: Tabs, chromium: Browser
) -> None:
    await chromium.start_tracing(categories=["toplevel", "blink.user_timing"])
    names = {"EXECUTOR_KEY": keys.executor.private_key}
    tab = await tabs.open(broker.address, PAGE, files={"/test/functions.js": FUNCTIONS}, names=names)
    async with AsyncColonies(broker.address, key=keys.operator) as client, asyncio.TaskGroup() as tasks:
        asked = [tasks.create_task(client.submit(spec("busy", args=[100]), wait=True)) for _ in range(50)]
    assert [task.result().state for task in asked] == [State.SUCCESSFUL] * 50
    observed = list(tab.lines)
    # Whoever watches must be able to see one.
    await tab.page.evaluate("keepBusy(1000)")
    await tab.line("long task of 1", since=len(observed))
    before, after = own_ms(json.loads(await chromium.stop_tracing()))
    print(f"longest task: {max(before):.0f} ms of its own; the observer saw of long tasks: {observed or 'none'}")
    assert max(after) >= LONG_MS
    assert max(before) < LONG_MS, observed


def own_ms(trace: dict[str, Any]) -> tuple[list[float], list[float]]:
    """How long the page's main thread was at each of its tasks, before it was kept busy and from then on.

    An observer in the page counts as well what the thread waited for a processor while others had it. On a machine
    with a few of them that says how busy it is; so this is the thread's own time.
    """
    (busy,) = [event for event in trace["traceEvents"] if event["name"] == "busy"]
    before: list[float] = []
    after: list[float] = []
    for event in trace["traceEvents"]:
        # Those without a time of their own were too short for it.
        is_the_threads = (event["pid"], event["tid"]) == (busy["pid"], busy["tid"])
        if is_the_threads and event["name"] == "ThreadControllerImpl::RunTask" and "tdur" in event:
            is_over = event["ts"] + event["dur"] < busy["ts"]
            (before if is_over else after).append(event["tdur"] / 1000)
    return before, after
