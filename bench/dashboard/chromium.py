"""The machine's own Chromium, as the tests drive it."""

from __future__ import annotations

import sys
from collections.abc import Sequence

from playwright.async_api import Page

from tests.browser.chromium import launched

__all__ = ["PANELS", "launched", "open_panel", "panels_of"]

PANELS = ("overview", "queue", "failures", "process", "executors", "activity")


def panels_of(*, kind: str, processid: str) -> Sequence[tuple[str, str]]:
    """Each panel with its address: the queue of one type, and one process."""
    places = {"queue": f"queue/{kind}", "process": f"process/{processid}"}
    return [(panel, places.get(panel, panel)) for panel in PANELS]


async def open_panel(page: Page, address: str, key: str, place: str, panel: str) -> float:
    """Open a panel in a page that knows nothing yet. Returns ms from the navigation until all that it shows stood there.

    What goes wrong in the page is printed; where it never gets there, Playwright's TimeoutError ends this.
    """
    page.on("pageerror", lambda error: print(f"{place}: {error}", file=sys.stderr))
    await page.add_init_script(f"sessionStorage.setItem('colonies-dashboard-key', '{key}')")
    await page.goto(f"{address}/#/{place}")
    painted = await page.wait_for_function(
        """(panel) => performance.getEntriesByName("panel-painted").find(({ detail }) => detail === panel)?.startTime""",
        arg=panel,
    )
    return float(await painted.json_value())
