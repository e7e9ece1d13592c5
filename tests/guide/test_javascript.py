"""The JavaScript of the guides in Node.js: the user's guide's block, and every block of our own pages."""

from __future__ import annotations

import contextlib
from collections.abc import AsyncIterator, Callable
from pathlib import Path

import pytest

from colonies import AsyncColonies, State, Worker
from tests.guide.javascript_blocks import Block, blocks, closes_what_is_submitted, files, functions_work
from tests.guide.javascript_blocks import names as block_names
from tests.guide.users_guide import BLOCK, SURROUNDINGS, Course, names, submit_two
from tests.sdk.working import working
from tests.support.broker import Broker
from tests.support.colony import ColonyKeys, add_executor, make_colony
from tests.support.javascript import as_globals, running_node
from tests.support.peer import Peer, peer

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


@pytest.fixture
async def client(broker: Broker, keys: ColonyKeys) -> AsyncIterator[AsyncColonies]:
    async with AsyncColonies(broker.address, key=keys.operator) as opened:
        yield opened


@contextlib.asynccontextmanager
async def workers_that_echo(broker: Broker, link: Peer, keys: ColonyKeys) -> AsyncIterator[None]:
    async with contextlib.AsyncExitStack() as at_work:
        for number, kind in enumerate(("cli", "lamp")):
            worker = Worker(broker.address, key=await add_executor(link, keys, f"echo {number}", kind))
            worker.fallback(lambda context: context.process.spec.args)
            await at_work.enter_async_context(working(worker))
        yield


@pytest.mark.parametrize("block", [block for block in blocks() if not block.where], ids=lambda block: block.name)
async def test_a_block_of_our_pages_does_what_it_says(
    block: Block, broker: Broker, link: Peer, keys: ColonyKeys, client: AsyncColonies, tmp_path: Path
) -> None:
    given = {path.lstrip("/"): text for path, text in files().items()} | {"block.mjs": block.text}
    given["names.mjs"] = as_globals(SERVER=broker.address, **await block_names(link, keys))
    async with running_node(tmp_path, "--import", "./names.mjs", "block.mjs", files=given) as program:
        if block.functions:
            await functions_work(block, client)
        elif ".subscribe" in block.text:
            await closes_what_is_submitted(client)
        else:
            async with workers_that_echo(broker, link, keys):
                assert await program.code() == 0, program.lines
            assert [process.state async for process in client.iter_processes()] == [State.SUCCESSFUL]


def test_a_block_is_a_program_a_page_or_a_file() -> None:
    kinds = {block.where for block in blocks()}
    assert all(kind in ("", "page") or kind.endswith(".js") for kind in kinds)
    assert {"", "page"} <= kinds
