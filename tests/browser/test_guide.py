"""The JavaScript of the guides in Chromium: the user's guide's block, and what our own pages say belongs into a page."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from playwright.async_api import expect

from colonies import AsyncColonies
from tests.guide.javascript_blocks import EXAMPLES, Block, blocks, files, functions_work
from tests.guide.javascript_blocks import names as block_names
from tests.guide.users_guide import BLOCK, SURROUNDINGS, Course, names, submit_two
from tests.support.broker import Broker
from tests.support.colony import ColonyKeys, make_colony
from tests.support.peer import Peer, peer

from .chromium import NO_SOCKET, Troubles
from .pages import Tabs

AROUND_THE_BLOCK = f"""
import {{ Colonies }} from "/sdk/colonies.js";
{SURROUNDINGS}
subscribe();
"""


async def test_the_block_of_the_users_guide_goes_on_by_itself(
    fresh_store: str, start_broker: Callable[..., Broker], tabs: Tabs, troubles: Troubles
) -> None:
    troubles.allow(NO_SOCKET)
    broker = start_broker(fresh_store)
    async with peer(broker.address) as link:
        keys = await make_colony(link, broker.owner)
    async with AsyncColonies(broker.address, key=keys.operator) as client:
        waiting = await submit_two(client)
        block = await tabs.open(
            broker.address,
            AROUND_THE_BLOCK,
            files={"/test/block.js": BLOCK},
            before=("/test/block.js",),
            names=names(keys),
        )
        await Course(broker, keys, client, block).run(waiting)


@pytest.mark.parametrize("block", [block for block in blocks() if block.where == "page"], ids=lambda block: block.name)
async def test_a_block_of_our_pages_does_what_it_says(
    block: Block, broker: Broker, link: Peer, keys: ColonyKeys, tabs: Tabs
) -> None:
    tab = await tabs.open(broker.address, block.text, files=files(), names=await block_names(link, keys))
    body = tab.page.locator("body")
    if block.functions:
        async with AsyncColonies(broker.address, key=keys.operator) as client:
            await functions_work(block, client)
    if "show" in block.functions:
        await expect(body).to_have_text(EXAMPLES["show"][0][0])
        await expect(tab.page).to_have_title("open")
    elif not block.functions:
        await expect(body).to_have_text(re.compile("^colonies executor add .* --executorid [0-9a-f]{64}$"))
