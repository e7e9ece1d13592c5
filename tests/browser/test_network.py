"""Networks go away under a page and come back, with and without saying so."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from pathlib import Path

import pytest

from colonies import AsyncColonies, State
from tests.support.broker import Broker
from tests.support.colony import make_colony, spec
from tests.support.peer import peer

from .chromium import NO_SOCKET, Troubles
from .pages import Tab, Tabs
from .way import Way, way_to

# Takes what it is told of, and says how its connection stands.
LISTENER = """
import { Colonies, NothingToAssign } from "/sdk/colonies.js";

const client = new Colonies(SERVER, { key: EXECUTOR_KEY });
client.addEventListener("statechange", () => console.log(client.state));
const subscription = client.subscribe("cli");
for await (const { event, process } of subscription.events()) {
  console.log(`${event} ${process.processid}`);
  try {
    await client.closeProcess(await client.assign({ timeout: 0 }));
  } catch (error) {
    if (!(error instanceof NothingToAssign)) throw error;
  }
}
"""


@pytest.fixture
def broker(tmp_path: Path, start_broker: Callable[..., Broker]) -> Broker:
    """One store is enough: none of this is its affair."""
    return start_broker(f"sqlite:{tmp_path / 'broker.db'}")


@pytest.fixture
async def way(broker: Broker) -> AsyncIterator[Way]:
    async with way_to(broker.address) as opened:
        yield opened


class Place:
    def __init__(self, client: AsyncColonies, tab: Tab) -> None:
        self.client = client
        self.tab = tab

    async def is_done(self, *events: str) -> None:
        """Submit, and wait until the page was told of it and has done it. events: as one of which it was told."""
        process = await self.client.submit(spec())
        await self.was_done(process.processid, *events)

    async def was_done(self, processid: str, *events: str) -> None:
        async with self.client.watch(processid, timeout=60) as moves:
            process = (await moves.next_event()).process
        assert (process.state, process.attempt) == (State.SUCCESSFUL, 1)
        line = await self.tab.line(processid)
        assert line.split()[0] in events


@pytest.fixture
async def place(broker: Broker, way: Way, tabs: Tabs, troubles: Troubles) -> AsyncIterator[Place]:
    """A page that listens, with the way between it and its broker."""
    troubles.allow(NO_SOCKET)
    async with peer(broker.address) as link:
        keys = await make_colony(link, broker.owner)
    async with AsyncColonies(broker.address, key=keys.operator) as client:
        tab = await tabs.open(way.address, LISTENER, names={"EXECUTOR_KEY": keys.executor.private_key})
        place = Place(client, tab)
        await place.is_done("submitted", "backlog")
        yield place


@pytest.mark.parametrize(
    "reason",
    ["document.dispatchEvent(new Event('visibilitychange'))", "dispatchEvent(new Event('online'))"],
    ids=["the page is shown", "the network is back"],
)
async def test_a_connection_that_died_in_silence_is_found_out_when_there_is_reason_to_look(
    place: Place, way: Way, reason: str
) -> None:
    since = len(place.tab.lines)
    way.go_silent()
    asked = await place.client.submit(spec())
    await place.tab.page.evaluate(reason)
    await place.was_done(asked.processid, "backlog")
    # Given up at once, and come back at once; the broker has not closed the old one.
    assert [line for line in place.tab.lines[since:] if len(line.split()) == 1] == ["waiting", "open"]


async def test_a_connection_that_is_alive_survives_the_doubt(place: Place, way: Way) -> None:
    taken = way.taken
    await place.tab.page.evaluate("document.dispatchEvent(new Event('visibilitychange'))")
    await place.is_done("submitted")
    assert way.taken == taken


async def test_a_page_that_was_offline_goes_on_when_it_is_online(place: Place, way: Way) -> None:
    since = len(place.tab.lines)
    await place.tab.context.set_offline(True)
    way.cut()
    await place.tab.line("waiting", since=since)
    asked = await place.client.submit(spec())
    way.clear()
    await place.tab.context.set_offline(False)
    await place.was_done(asked.processid, "backlog")
    await place.is_done("submitted")


async def test_a_page_is_told_of_what_came_while_its_broker_was_killed(broker: Broker, place: Place, way: Way) -> None:
    since = len(place.tab.lines)
    await asyncio.to_thread(broker.kill)
    way.cut()
    await place.tab.line("waiting", since=since)
    await asyncio.to_thread(broker.start)
    asked = await place.client.submit(spec())
    way.clear()
    await place.was_done(asked.processid, "backlog")
    await place.is_done("submitted")
