"""The JavaScript of the guides in Chromium: the user's guide's block, and what our own pages say belongs into a page."""

from __future__ import annotations

from collections.abc import Callable

from colonies import AsyncColonies
from tests.guide.users_guide import BLOCK, SURROUNDINGS, Course, names, submit_two
from tests.support.broker import Broker
from tests.support.colony import make_colony
from tests.support.peer import peer

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
