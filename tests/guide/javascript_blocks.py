"""The JavaScript blocks of our own pages, and how to see that one does what it says.

What stands behind the language says where a block runs: nothing, in Node.js; `page`, in a browser, as a module of a
page; a file's name, nowhere by itself: the others find it under this name. What is no program by itself is marked `js`
and not run. Names in capitals are given to all of them.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from colonies import AsyncColonies, Process, State
from tests.support.colony import ColonyKeys, add_executor, spec
from tests.support.peer import Peer

ROOT = Path(__file__).parents[2]
TRIAL = "trial"  # the name and the type of the guide's own executor
PAGES = ("docs/guide.md", "sdk_js/README.md")
# The functions of the blocks: arguments, and what becomes of them.
EXAMPLES: dict[str, tuple[list[Any], list[Any]]] = {
    "add": ([1, 2], [3]),
    "greet": (["reader"], ["good day, reader"]),
    "set_lamp": (["on"], ["on"]),
    "show": (["hello"], []),
    "count": ([1000], [500500]),
}


@dataclass(frozen=True)
class Block:
    name: str
    where: str
    text: str

    @property
    def functions(self) -> list[str]:
        """The names of what it can do, as a worker or in the files that its threads run."""
        own = re.findall(r'\.function\("(\w+)"', self.text)
        return own + [name for path, text in files().items() if path in self.text for name in served(text)]


def served(text: str) -> list[str]:
    return re.findall(r"^  (\w+)\(\[.*\]\) {$", text, re.MULTILINE)


def blocks() -> list[Block]:
    found = []
    for page in PAGES:
        text = (ROOT / page).read_text()
        for match in re.finditer(r"^```javascript *(.*)\n((?:.*\n)*?)```$", text, re.MULTILINE):
            line = text.count("\n", 0, match.start()) + 1
            found.append(Block(f"{page}:{line}", match[1], match[2]))
    return found


def files() -> dict[str, str]:
    """The blocks that are files: path → text."""
    return {f"/{block.where}": block.text for block in blocks() if block.where.endswith(".js")}


async def names(link: Peer, keys: ColonyKeys) -> dict[str, str]:
    """What is given to the blocks, with an executor of one's own as the guide adds it."""
    trial = await add_executor(link, keys, TRIAL, TRIAL)
    keys_in_hex = {"EXECUTOR_KEY": trial.private_key, "OPERATOR_KEY": keys.operator.private_key}
    return {"COLONY": keys.owner.id, **keys_in_hex}


async def functions_work(block: Block, client: AsyncColonies) -> None:
    said = 0
    for name in block.functions:
        arguments, out = EXAMPLES[name]
        process = await client.submit(spec(name, executortype=TRIAL, args=arguments), wait=True, timeout=60)
        assert (process.state, process.out) == (State.SUCCESSFUL, out), name
        said += len(await client.get_logs(process.processid))
    assert bool(said) == ("context.log(" in block.text)


async def closes_what_is_submitted(client: AsyncColonies) -> None:
    """Twice, for the first may have been there before it listened; what it cannot do does not end it."""
    for _ in range(2):
        process: Process = await client.submit(spec("sing", executortype=TRIAL), wait=True, timeout=60)
        assert (process.state, process.errors) == (State.FAILED, ["there is no function sing"])
        process = await client.submit(spec("greet", executortype=TRIAL, args=["reader"]), wait=True, timeout=60)
        assert (process.state, process.out) == (State.SUCCESSFUL, ["good day, reader"])
