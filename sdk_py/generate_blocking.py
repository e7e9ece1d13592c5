"""Write `colonies/blocking.py` from the awaiting client: the same methods, that block.

Run it after a change of the client: `python sdk_py/generate_blocking.py`. A test holds the
file to what this would write.
"""

from __future__ import annotations

import ast
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

HERE = Path(__file__).parent / "colonies"
# The classes that AsyncColonies is made of.
SOURCES = (
    ("members.py", "Members"),
    ("work.py", "Work"),
    ("looking.py", "Looking"),
    ("operating.py", "Operating"),
    ("client.py", "AsyncColonies"),
)
NOT_TWICE = ("close",)

HEAD = '''"""The client for programs that block: `Colonies`.

Made by `sdk_py/generate_blocking.py`; every method runs the one of the same name of
`AsyncColonies`. Usable from any thread; the connection is kept by a thread of its own.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, Literal, Self, Unpack

from .asked import Progress, unheard
from .blocking_subscription import BlockingFeed, BlockingSubscription
from .caller import Key
from .client import AsyncColonies
from .loop_thread import LoopThread
from .operating import Wanted
from .subscription import Activities, LogLine
from .wire.figures import FailureGroup, Stats, StatsHistory
from .wire.messages import Matched
from .wire.model import (
    Attribute,
    AttributeKind,
    Colony,
    Executor,
    Explanation,
    Function,
    Log,
    Page,
    Process,
    ProcessSpec,
    ServerInfo,
    State,
    User,
    Whoami,
)
from .wire.params import DEFAULT_MATCHING


class Colonies:
    """A client of one or several brokers; see AsyncColonies for what the parameters mean."""

    def __init__(
        self,
        address: str | Sequence[str],
        *,
        key: Key | None = None,
        colony: str | None = None,
        connect_seconds: float = 10.0,
        request_seconds: float = 30.0,
    ) -> None:
        self._client = AsyncColonies(
            address, key=key, colony=colony, connect_seconds=connect_seconds, request_seconds=request_seconds
        )
        self._thread = LoopThread(last=self._client.close)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Close the client and end its thread. Processes are closed by `close_process`."""
        self._thread.close()
'''

# The callback is the caller's, and runs in the caller's thread: there it may call the client.
CALLING_BACK = """
made = self._client.subscribe_until_lost(executortype, timeout, state, prvkey)
with BlockingSubscription(self._thread, made) as events:
    while True:
        callback(events.next_event().process)
"""


def generated() -> str:
    methods = [_method(node) for node in _asked() if not node.name.startswith("_") and node.name not in NOT_TWICE]
    return HEAD + "\n" + "\n".join(methods)


def _asked() -> Iterator[ast.AsyncFunctionDef | ast.FunctionDef]:
    for file, name in SOURCES:
        tree = ast.parse((HERE / file).read_text())
        found = next(node for node in tree.body if isinstance(node, ast.ClassDef) and node.name == name)
        for node in found.body:
            if isinstance(node, ast.AsyncFunctionDef | ast.FunctionDef) and node.name != "subscribe_until_lost":
                yield node


def _method(node: ast.AsyncFunctionDef | ast.FunctionDef) -> str:
    returns = ast.unparse(node.returns) if node.returns else "None"
    returns = re.sub(r"^(Subscription|Feed)", r"Blocking\1", returns)
    returns = re.sub(r"AsyncGenerator\[(\w+), None\]", r"Iterator[\1]", returns)
    arguments = ast.unparse(node.args).replace("Awaitable[object] | object", "object")
    documentation = (ast.get_docstring(node) or "").replace("async for", "for")
    if "\n" in documentation:
        documentation += "\n"
    lines = [f'"""{documentation}"""', *_body(node, returns).strip().splitlines()]
    body = "\n".join(lines).replace("\n", "\n        ")
    return f"    def {node.name}({arguments}) -> {returns}:\n        {body}\n"


def _body(node: ast.AsyncFunctionDef | ast.FunctionDef, returns: str) -> str:
    call = f"self._client.{node.name}({_passed_on(node.args)})"
    if node.name == "subscribe_processes":
        return CALLING_BACK
    if returns.startswith("Blocking"):
        return f"return {returns.split('[', maxsplit=1)[0]}(self._thread, {call})"
    if returns.startswith("Iterator"):
        return f"return self._thread.each({call})"
    if node.name.startswith("assign"):
        # Ctrl-C in the moment of the assignment must not leave a process with nobody.
        back = "lambda process: self._client.hand_back(process, prvkey=prvkey)"
        return f"return self._thread.run({call}, undo={back})"
    if "progress=progress" in call:
        begin = call.replace("progress=progress", "progress=told")
        return f"return self._thread.run_telling(lambda told: {begin}, progress)"
    return f"{'' if returns == 'None' else 'return '}self._thread.run({call})"


def _passed_on(arguments: ast.arguments) -> str:
    names = [argument.arg for argument in arguments.args if argument.arg != "self"]
    others = [f"**{arguments.kwarg.arg}"] if arguments.kwarg else []
    return ", ".join([*names, *(f"{argument.arg}={argument.arg}" for argument in arguments.kwonlyargs), *others])


def formatted(source: str) -> str:
    """As `ruff format` leaves it, blank lines of docstrings included."""
    source = "\n".join(line.rstrip() for line in source.splitlines()) + "\n"
    ruff = [sys.executable, "-m", "ruff", "format", "--stdin-filename", str(HERE / "blocking.py"), "-"]
    return subprocess.run(ruff, input=source, capture_output=True, text=True, check=True).stdout


if __name__ == "__main__":
    (HERE / "blocking.py").write_text(formatted(generated()))
