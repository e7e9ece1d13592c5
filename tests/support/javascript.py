"""JavaScript for the tests: what a program or a page says, and programs of Node.js that have the SDK beside them.

What is said is kept line by line, so that a test waits for words and never for a time.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

from .node import with_node

SDK = Path(__file__).parents[2] / "sdk_js"
PATIENCE = 60.0


class Heard:
    """What was said, in its order."""

    def __init__(self) -> None:
        self.lines: list[str] = []
        self._more = asyncio.Event()

    def hear(self, text: str) -> None:
        self.lines += text.splitlines()
        self._more.set()

    async def line(self, words: str, *, since: int = 0) -> str:
        """Wait for a line with these words. since: how many of the lines are passed over."""
        try:
            async with asyncio.timeout(PATIENCE):
                while True:
                    for line in self.lines[since:]:
                        if words in line:
                            return line
                    self._more.clear()
                    await self._more.wait()
        except TimeoutError:
            raise AssertionError(f"nobody said {words!r}, but:\n" + "\n".join(self.lines)) from None


class Program(Heard):
    """A program that runs. `code` waits for its end."""

    def __init__(self, process: asyncio.subprocess.Process) -> None:
        super().__init__()
        self.process = process

    async def listen(self) -> None:
        assert self.process.stdout is not None
        async for line in self.process.stdout:
            self.hear(line.decode())

    async def code(self) -> int:
        return await asyncio.wait_for(self.process.wait(), PATIENCE)


@contextlib.asynccontextmanager
async def running_node(folder: Path, *arguments: str, files: dict[str, str]) -> AsyncIterator[Program]:
    """Run a program of these files, in which `import … from "colonies"` gives the SDK; ended with the block."""
    for name, text in files.items():
        (folder / name).write_text(text)
    (folder / "node_modules").mkdir(exist_ok=True)
    with contextlib.suppress(FileExistsError):
        (folder / "node_modules" / "colonies").symlink_to(SDK)
    process = await asyncio.create_subprocess_exec(
        "node",
        *arguments,
        cwd=folder,
        env=with_node(),
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
    )
    program = Program(process)
    async with asyncio.TaskGroup() as tasks:
        tasks.create_task(program.listen())
        try:
            yield program
        finally:
            with contextlib.suppress(ProcessLookupError):
                process.kill()
            await process.wait()


def as_globals(**names: Any) -> str:
    """A module that gives every other one these names."""
    return f"Object.assign(globalThis, {json.dumps(names)});\n"
