"""The fractal: one picture, computed by several tabs of Chromium with one key."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
from playwright.async_api import Page, expect

from colonies.wire.identity import Identity
from colonies.wire.model import State
from tests.support.broker import Broker, running_broker
from tests.support.colony import ColonyKeys, add_executor, spec
from tests.support.peer import Peer

from .conftest import NewPage
from .examples import PATIENCE_MS, has, has_state, visit

# The whole set: the picture that is computed soonest.
FRACTAL = "fractal/#at=-0.65,0,3.6"
TILES = 160

# Of the picture as it is on the screen: its pixels, how many are painted and not only left from before, and a sum.
LOOK = """() => {
  const canvas = document.querySelector("#picture");
  const { data } = canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height);
  let [painted, sum] = [0, 0];
  for (let at = 0; at < data.length; at += 4) {
    if (data[at + 3] === 255) painted += 1;
    sum = (Math.imul(sum, 31) + data[at] + data[at + 1] + data[at + 2]) >>> 0;
  }
  return [data.length / 4, painted, sum];
}"""

# In one turn, so that the other place is asked for and not yet shown. Gives what was shown then.
NEARER_AND_BACK = """() => new Promise((resolve) => {
  const [stage, shown] = [document.querySelector("#stage"), []];
  const look = () => shown.push(stage.dataset.at) === 2 && resolve(shown);
  new MutationObserver(look).observe(stage, { attributeFilter: ["data-at"] });
  document.querySelector("#nearer").click();
  history.back();
})"""


@pytest.fixture(scope="module")
def broker(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Broker]:
    """One store is enough: a picture takes a browser half a minute, and where its tiles lie is not its affair."""
    folder = tmp_path_factory.mktemp("fractal")
    with running_broker(f"sqlite:{folder / 'broker.db'}", folder) as started:
        yield started


@pytest.fixture
async def fractal_key(link: Peer, keys: ColonyKeys) -> Identity:
    return await add_executor(link, keys, "fractal", "fractal")


async def finished(page: Page, tabs: str) -> None:
    """Wait until every tile is there. tabs: by how many, as the page says it."""
    words = re.compile(rf"^{TILES} tiles in [0-9.]+ s by {tabs}\.$")
    await expect(page.locator("#said")).to_have_text(words, timeout=PATIENCE_MS)


async def picture(page: Page) -> int:
    """A sum of the picture, all of which is painted."""
    pixels, painted, sum_ = await page.evaluate(LOOK)
    assert painted == pixels
    return int(sum_)


async def total(link: Peer, keys: ColonyKeys, state: State) -> int:
    page = await link.call(keys.operator, "process.list", executortype="fractal", state=int(state), limit=1)
    return int(page["total"])


async def test_a_tab_closed_in_the_middle_leaves_no_hole(
    broker: Broker, keys: ColonyKeys, link: Peer, fractal_key: Identity, new_page: NewPage
) -> None:
    one = await visit(new_page, broker.address, FRACTAL, fractal_key)
    await has_state(one, "open")
    other = await visit(new_page, broker.address, FRACTAL, fractal_key)
    for page in (one, other):
        await finished(page, r"(one tab|2 tabs)")
    assert await picture(one) == await picture(other)
    await one.get_by_role("button", name="Render").click()
    await expect(one.locator("#said")).to_have_text(f"Computing {TILES} tiles…", timeout=PATIENCE_MS)
    await expect(one.locator("#tabs li")).to_have_count(2, timeout=PATIENCE_MS)  # both have done some of it
    await other.close()
    await finished(one, "2 tabs")
    first = await picture(one)
    assert await total(link, keys, State.SUCCESSFUL) == 2 * TILES
    assert await total(link, keys, State.WAITING) == await total(link, keys, State.RUNNING) == 0

    late = await visit(new_page, broker.address, FRACTAL, fractal_key)
    await finished(late, "2 tabs")
    assert await picture(late) == first
    await expect(late.locator("#own")).to_have_text("0")


async def test_what_a_closed_tab_held_goes_back_at_once(
    broker: Broker, keys: ColonyKeys, link: Peer, fractal_key: Identity, new_page: NewPage
) -> None:
    endless = {"re": -0.2, "im": 0, "span": 0.01, "width": 1280, "height": 800, "iterations": 10**9}
    tile = spec("tile", executortype="fractal", args=[0, 0, 80, endless], label="endless")
    process = await link.call(keys.operator, "process.submit", spec=tile)
    page = await visit(new_page, broker.address, "fractal/", fractal_key)
    await link.call(keys.operator, "watch", processid=process["processid"], states=[int(State.RUNNING)])
    assert (await link.notified())["event"] == "assigned"
    # What the page shows of a later picture comes behind the answer to its assign: by then it holds the tile.
    later = spec("tile", executortype="fractal", args=[0, 0, 80, endless | {"re": 0}], label="later")
    await link.call(keys.operator, "process.submit", spec=later)
    await has(page.locator("#stage"), "data-at", "at=0,0,0.01")
    await page.close()
    await link.call(keys.operator, "watch", processid=process["processid"], states=[int(State.WAITING)])
    (attempt,) = (await link.notified())["process"]["history"]
    assert attempt["ended"] == "handed_back"


async def test_nonsense_of_the_type_is_passed_over(
    broker: Broker, keys: ColonyKeys, link: Peer, fractal_key: Identity, new_page: NewPage
) -> None:
    view = {"re": 0, "im": 0, "span": 1, "width": 1280, "height": 800, "iterations": 10}
    empty = spec("tile", executortype="fractal", args=[], label="nonsense")
    huge = spec("tile", executortype="fractal", args=[0, 0, 80, view | {"width": 10**9}], label="huge")
    await link.call(keys.operator, "process.submit", spec=empty)
    page = await visit(new_page, broker.address, FRACTAL, fractal_key)
    await finished(page, "one tab")
    await link.call(keys.operator, "process.submit", spec=huge)
    last = spec("tile", executortype="fractal", args=[0, 0, 80, view], label="last")
    await link.call(keys.operator, "process.submit", spec=last)
    await has(page.locator("#stage"), "data-at", "at=0,0,1")
    await has_state(page, "open")


async def test_what_waits_of_a_picture_is_cancelled_when_another_is_asked(
    broker: Broker, keys: ColonyKeys, link: Peer, fractal_key: Identity, new_page: NewPage
) -> None:
    page = await visit(new_page, broker.address, "fractal/", fractal_key)
    await expect(page.locator("#tabs li")).to_have_count(1, timeout=PATIENCE_MS)
    await page.get_by_role("button", name="The whole set").click()
    await has(page.locator("#stage"), "data-at", "at=-0.65,0,3.6")
    await finished(page, "one tab")
    await picture(page)
    cancelled = await total(link, keys, State.CANCELLED)
    assert cancelled > 0
    assert await total(link, keys, State.SUCCESSFUL) + cancelled == 2 * TILES


async def test_one_goes_where_one_clicks_and_back_again(
    broker: Broker, fractal_key: Identity, new_page: NewPage
) -> None:
    page = await visit(new_page, broker.address, FRACTAL, fractal_key)
    await finished(page, "one tab")
    whole = await picture(page)
    stage, surface = page.locator("#stage"), page.locator("#surface")
    box = await surface.bounding_box()
    assert box is not None
    await surface.click(position={"x": box["width"] * 0.02, "y": box["height"] * 0.02})
    nearer = re.compile(r"^at=-1\.(79|80)\d*,0\.7[12]\d*,1\.2$")
    await expect(stage).to_have_attribute("data-at", nearer, timeout=PATIENCE_MS)
    await finished(page, "one tab")
    assert await picture(page) != whole
    await page.go_back()
    await has(stage, "data-at", "at=-0.65,0,3.6")
    await finished(page, "one tab")
    assert await picture(page) == whole


async def test_going_back_before_the_picture_is_there_leads_back(
    broker: Broker, fractal_key: Identity, new_page: NewPage
) -> None:
    page = await visit(new_page, broker.address, FRACTAL, fractal_key)
    await finished(page, "one tab")
    assert await page.evaluate(NEARER_AND_BACK) == ["at=-0.65,0,1.8", "at=-0.65,0,3.6"]
    assert page.url.endswith("#at=-0.65,0,3.6")


async def test_a_key_that_may_not_work_is_told_so(broker: Broker, keys: ColonyKeys, new_page: NewPage) -> None:
    page = await visit(new_page, broker.address, FRACTAL, keys.viewer)
    await has_state(page, "refused")
    await expect(page.locator("#link")).to_contain_text("Use another key")


async def test_another_tab_has_the_key_and_the_picture_of_the_one_that_opened_it(
    broker: Broker, fractal_key: Identity, new_page: NewPage
) -> None:
    page = await visit(new_page, broker.address, FRACTAL, fractal_key)
    await finished(page, "one tab")
    async with page.expect_popup() as opened:
        await page.get_by_role("button", name="Open another tab").click()
    another = await opened.value
    await finished(another, "one tab")
    assert await picture(another) == await picture(page)
