"""Measure the dashboard: first paint, an idle one, and one under load. `make bench` runs it.

Everything is real: a broker as a process, a store with a million processes, Chromium, and a load that comes from a
process of its own. Times of a machine with two cores, all of it on them; each figure stands beside what is promised.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import subprocess
import sys
import tempfile
import time
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass
from pathlib import Path

from playwright.async_api import Browser, CDPSession

from broker.store.open import open_store
from colonies import AsyncColonies
from colonies.wire.identity import Identity
from tests.support.broker import Broker, running_broker

from .chromium import launched, open_panel, panels_of
from .machine import Neighbours, cpu_seconds
from .million import million
from .past import put

PAINT_MS, IDLE_PERCENT, FRAMES = 1000, 2.0, 30
CHANGES = 500


@dataclass(frozen=True)
class Keys:
    server_owner: Identity
    owner: Identity
    operator: Identity
    executor: Identity


def say(what: str, figure: str, promised: str, *, holds: bool) -> None:
    print(f"{'ok  ' if holds else 'OVER'}  {what:<44} {figure:>18}   promised: {promised}", flush=True)


# — the ground —


async def seed(store_address: str, folder: Path, keys: Keys, number: int) -> None:
    with running_broker(store_address, folder, owner=keys.server_owner) as broker:
        async with AsyncColonies(broker.address) as client:
            await client.add_colony(keys.owner.id, "bench", prvkey=keys.server_owner)
            await client.add_user(keys.operator.id, "operator", "operator", prvkey=keys.owner)
            await client.add_executor(keys.executor.id, "type-00-1", "type-00", approve=True, prvkey=keys.owner)
    begun = time.monotonic()
    store = open_store(store_address)
    await store.open()
    try:
        moves = million(keys.owner.id, keys.operator.id, number=number, now=int(time.time() * 1000))
        put_in = await put(store, moves)
    finally:
        await store.close()
    print(f"stored {put_in:,} processes in {time.monotonic() - begun:.0f} s", flush=True)


# — first paint —


async def first_paints(browser: Browser, broker: Broker, keys: Keys) -> None:
    """Each panel in a new context, which has nothing in its cache; in a browser that has shown a page before."""
    warm = await browser.new_page()
    await warm.goto(f"{broker.address}/healthz")
    await warm.close()
    async with AsyncColonies(broker.address, key=keys.operator) as client:
        some = (await client.get_processes(state=3, limit=1)).processes[0].processid
    for panel, place in panels_of(kind="type-00", processid=some):
        context = await browser.new_context(viewport={"width": 1440, "height": 900})
        page = await context.new_page()
        painted = await open_panel(page, broker.address, keys.operator.private_key, place, panel)
        say(f"first paint of {panel}", f"{painted:.0f} ms", f"under {PAINT_MS} ms", holds=painted < PAINT_MS)
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


# — under load —

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
def loading(broker: Broker, keys: Keys) -> Iterator[subprocess.Popen[str]]:
    arguments = [broker.address, keys.operator.private_key, keys.executor.private_key, str(CHANGES)]
    process = subprocess.Popen(
        [sys.executable, "-m", "bench.dashboard.load", *arguments], stdout=subprocess.PIPE, text=True
    )
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
            heaps = [heap async for heap in heaps_of(tools, minutes)]
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
    say_heap(f"{panel}: heap after collecting, {minutes:g} min", heaps)
    await page.close()


def say_frames(what: str, frames: list[int]) -> None:
    if not frames:
        print(f"      {what}: there was no such second")
        return
    frames.sort()
    low, middle = frames[len(frames) // 100], frames[len(frames) // 2]
    told = f"{middle}, 1 % under {low}"
    say(f"{what}, {len(frames)} s", told, f"{FRAMES} or better", holds=low >= FRAMES)


def say_heap(what: str, heaps: list[float]) -> None:
    """The first is not counted: what a page needs at its pace comes in the first half minute."""
    first, *_, last = heaps[1:]
    say(what, f"{first:.1f} → {last:.1f} MB", "flat", holds=last - first < max(1.0, first * 0.1))


async def changes_of(broker: Broker, keys: Keys) -> int:
    """How many changes there have been, by what ended: three each."""
    async with AsyncColonies(broker.address, key=keys.operator) as client:
        return sum(3 * (counts.successful + counts.failed) for counts in (await client.get_stats()).types)


async def heaps_of(tools: CDPSession, minutes: float) -> AsyncIterator[float]:
    """The size of the page's heap in MB, garbage collected, each half minute."""
    for step in range(max(2, int(minutes * 2)) + 1):
        if step:
            await asyncio.sleep(30)
        await tools.send("HeapProfiler.collectGarbage")
        metrics = {
            metric["name"]: metric["value"] for metric in (await tools.send("Performance.getMetrics"))["metrics"]
        }
        yield metrics["JSHeapUsedSize"] / 1e6


async def measure(options: argparse.Namespace) -> None:
    keys = Keys(*(Identity.generate() for _ in range(4)))
    with tempfile.TemporaryDirectory(dir=options.folder) as place:
        folder = Path(place)
        store = options.store or f"sqlite:{folder / 'broker.db'}"
        await seed(store, folder, keys, options.number)
        with running_broker(store, folder, owner=keys.server_owner) as broker:
            async with launched() as browser:
                await first_paints(browser, broker, keys)
                await idle(browser, broker, keys, options.idle)
                for panel in options.panels.split(","):
                    await under_load(browser, broker, keys, panel, options.minutes)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--number", type=int, default=1_000_000, help="how many processes are stored")
    parser.add_argument("--minutes", type=float, default=10, help="how long each panel is under load")
    parser.add_argument("--idle", type=float, default=30, help="for how many seconds the idle broker is watched")
    parser.add_argument("--panels", default="activity,overview", help="which panels are put under load")
    parser.add_argument("--store", help="an empty database, as mongodb://…; a SQLite file unless given")
    parser.add_argument("--folder", help="where the SQLite file lies while it is needed")
    asyncio.run(measure(parser.parse_args()))


if __name__ == "__main__":
    main()
