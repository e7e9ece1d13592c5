"""The JavaScript of the guides in Node.js: the user's guide's block, and every block of our own pages."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from colonies import AsyncColonies
from tests.guide.users_guide import BLOCK, SURROUNDINGS, Course, names, submit_two
from tests.support.broker import Broker
from tests.support.colony import make_colony
from tests.support.javascript import as_globals, running_node
from tests.support.peer import peer

# A script and no module, as the guide's readers put it into a page: its functions are global.
AROUND_THE_BLOCK = f"""
import {{ readFileSync }} from "node:fs";
import {{ runInThisContext }} from "node:vm";
import {{ Colonies }} from "colonies";
{SURROUNDINGS}
runInThisContext(readFileSync("block.js", "utf8"));
subscribe();
"""


async def test_the_block_of_the_users_guide_goes_on_by_itself(
    fresh_store: str, start_broker: Callable[..., Broker], tmp_path: Path
) -> None:
    broker = start_broker(fresh_store)
    async with peer(broker.address) as link:
        keys = await make_colony(link, broker.owner)
    given = as_globals(SERVER=broker.address, **names(keys))
    files = {"names.mjs": given, "around.mjs": AROUND_THE_BLOCK, "block.js": BLOCK}
    async with AsyncColonies(broker.address, key=keys.operator) as client:
        waiting = await submit_two(client)
        async with running_node(tmp_path, "--import", "./names.mjs", "around.mjs", files=files) as block:
            await Course(broker, keys, client, block).run(waiting)
