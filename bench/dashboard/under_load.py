"""The dashboard while much happens: frames a second, and whether its memory stays as it is."""

from __future__ import annotations

import asyncio
import contextlib
import subprocess
import sys
import time
from collections.abc import AsyncIterator, Iterator

from playwright.async_api import Browser, CDPSession

from colonies import AsyncColonies
from tests.support.broker import Broker

from .chromium import open_panel, panels_of
from .machine import Neighbours, cpu_seconds
from .report import say
from .seed import Keys

CHANGES, FRAMES = 500, 30

# Pairs: a second since the epoch, and how many frames were drawn in it. The first and the last are not whole.
COUNT_FRAMES = """() => {
  globalThis.frames_ = new Map();
  const frame = (now) => {
    const second = Math.floor((performance.timeOrigin + now) / 1000);
    frames_.set(second, (frames_.get(second) ?? 0) + 1);
    requestAnimationFrame(frame);
  };
  requestAnimationFrame(frame);
}"""
FRAMES_SO_FAR = "[...frames_].slice(1, -1)"


@contextlib.contextmanager
def loading(broker: Broker, keys: Keys) -> Iterator[subprocess.Popen[bytes]]:
    arguments = [broker.address, keys.operator.private_key, keys.executor.private_key, str(CHANGES)]
    process = subprocess.Popen([sys.executable, "-m", "bench.dashboard.load", *arguments], stdout=subprocess.DEVNULL)
    try:
        yield process
    finally:
        process.terminate()
        process.wait()


async def under_load(browser: Browser, broker: Broker, keys: Keys, panel: str, minutes: float) -> None:
    page = await browser.new_page(viewport={"width": 1440, "height": 900})
    place = dict(panels_of(kind="type-00", processid=""))[panel]
    await open_panel(page, broker.address, keys.operator.private_key, place, panel)
    tools = await page.context.new_cdp_session(page)
    await tools.send("Performance.enable")
    with loading(broker, keys) as load:
        await asyncio.sleep(5)  # until it is at its pace
        await page.evaluate(COUNT_FRAMES)
        done, begun, cpu = await changes_of(broker, keys), time.monotonic(), cpu_seconds(broker.pid)
        async with Neighbours().watched() as neighbours:
            held = [memory async for memory in memory_of(tools, minutes)]
        seconds = time.monotonic() - begun
        pace = (await changes_of(broker, keys) - done) / seconds
        percent = 100 * (cpu_seconds(broker.pid) - cpu) / seconds
        frames: list[tuple[int, int]] = await page.evaluate(FRAMES_SO_FAR)
        assert load.poll() is None, "the load ended by itself"
    print(
        f"      {panel}: {pace:.0f} changes a second, broker {percent:.0f} % of a core, {seconds:.0f} s; "
        f"others took {100 * neighbours.mean:.0f} % of a core"
    )
    say_frames(f"{panel}: frames a second", [number for _, number in frames])
    say_frames(f"{panel}: the same, others quiet", [n for second, n in frames if neighbours.were_quiet(second)])
    say_memory(f"{panel}: heap after collecting, {minutes:g} min", [heap for heap, _ in held], "MB", slack=1)
    say_memory(f"{panel}: DOM nodes", [nodes for _, nodes in held], "nodes", slack=500)
    await page.close()


def say_frames(what: str, frames: list[int]) -> None:
    if not frames:
        print(f"      {what}: there was no such second")
        return
    frames.sort()
    low, middle = frames[len(frames) // 100], frames[len(frames) // 2]
    told = f"{middle}, 1 % under {low}"
    say(f"{what}, {len(frames)} s", told, f"{FRAMES} or better", holds=low >= FRAMES)


def say_memory(what: str, held: list[float], unit: str, *, slack: float) -> None:
    """Flat: no more at the end than at first, but for `slack` or a tenth.

    The first is not counted: what a page needs at its pace comes in the first half minute.
    """
    first, *_, last = held[1:]
    say(what, f"{first:.1f} → {last:.1f} {unit}", "flat", holds=last - first < max(slack, first * 0.1))


async def changes_of(broker: Broker, keys: Keys) -> int:
    """How many changes there have been, by what ended: three each."""
    async with AsyncColonies(broker.address, key=keys.operator) as client:
        return sum(3 * (counts.successful + counts.failed) for counts in (await client.get_stats()).types)


async def memory_of(tools: CDPSession, minutes: float) -> AsyncIterator[tuple[float, float]]:
    """The page's heap in MB and its nodes, after garbage was collected, each half minute."""
    for step in range(max(2, int(minutes * 2)) + 1):
        if step:
            await asyncio.sleep(30)
        await tools.send("HeapProfiler.collectGarbage")
        metrics = {
            metric["name"]: metric["value"] for metric in (await tools.send("Performance.getMetrics"))["metrics"]
        }
        yield metrics["JSHeapUsedSize"] / 1e6, metrics["Nodes"]
