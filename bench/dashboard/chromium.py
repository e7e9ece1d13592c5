"""The machine's own Chromium, as the tests drive it."""

from __future__ import annotations

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
    """Open a panel in a page that knows nothing yet. Returns ms from the navigation until all that it shows stood there."""
    await page.add_init_script(f"sessionStorage.setItem('colonies-dashboard-key', '{key}')")
    await page.goto(f"{address}/#/{place}")
    painted: float = await page.evaluate(
        """(panel) => new Promise((resolve) => {
          const look = () => performance.getEntriesByName("panel-painted").find(({ detail }) => detail === panel);
          const found = look();
          if (found) return resolve(found.startTime);
          new PerformanceObserver((_, observer) => {
            const found = look();
            if (!found) return;
            observer.disconnect();
            resolve(found.startTime);
          }).observe({ type: "mark", buffered: true });
        })""",
        panel,
    )
    return painted
