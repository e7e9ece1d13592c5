"""A page whose functions keep a processor busy, and what a trace says of who was.

Each function marks its beginning where it runs, so a trace says on which thread that was.
"""

from __future__ import annotations

from typing import Any

PAGE = """
import { Worker } from "/sdk/colonies.js";

const observer = new PerformanceObserver((list) => {
  for (const { duration } of list.getEntries()) console.log(`long task of ${Math.round(duration)} ms`);
});
observer.observe({ type: "longtask", buffered: true });

performance.mark("main thread");
globalThis.keepBusy = (ms) =>
  setTimeout(() => {
    performance.mark("busy");
    for (const end = performance.now() + ms; performance.now() < end; );
    console.log("kept busy");
  });

const worker = new Worker(SERVER, { key: EXECUTOR_KEY, concurrency: 4 });
worker.functionsIn("/test/functions.js");
await worker.run();
"""

FUNCTIONS = """
import { serveFunctions } from "/sdk/colonies.js";

serveFunctions({
  busy([ms]) {
    performance.mark("busy");
    for (const end = performance.now() + ms; performance.now() < end; );
  },
});
"""


class Trace:
    """What Chromium traced (`toplevel`, `blink.user_timing`) of PAGE, once it was kept busy itself, in the end.

    begun_on_main_thread, begun_elsewhere  how often something that keeps busy was begun there.
    """

    def __init__(self, traced: dict[str, Any]) -> None:
        self._events: list[dict[str, Any]] = traced["traceEvents"]
        (self._main,) = {_thread(event) for event in self._events if event["name"] == "main thread"}
        marks = [event for event in self._events if event["name"] == "busy"]
        here = [event["ts"] for event in marks if _thread(event) == self._main]
        self.begun_on_main_thread = len(here)
        self.begun_elsewhere = len(marks) - len(here)
        self._kept_busy_at = max(here, default=float("inf"))

    def own_ms(self) -> list[float]:
        """How long the main thread was at each of its tasks (ms), until it was kept busy.

        An observer in the page counts as well what the thread waited for a processor while others had it. On a machine
        with a few of them that says how busy it is; so this is the thread's own time.
        """
        tasks = [event for event in self._events if event["name"] == "ThreadControllerImpl::RunTask"]
        return [
            event["tdur"] / 1000
            for event in tasks
            # Those without a time of their own were too short for it.
            if _thread(event) == self._main and "tdur" in event and event["ts"] + event["dur"] < self._kept_busy_at
        ]


def _thread(event: dict[str, Any]) -> tuple[int, int]:
    return event["pid"], event["tid"]
