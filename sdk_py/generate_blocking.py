"""Write `colonies/blocking.py` from `colonies/client.py`: the same methods, that block.

Run it after a change of the client: `python sdk_py/generate_blocking.py`. A test holds the
file to what this would write.
"""

from __future__ import annotations

import ast
import subprocess
import sys
from pathlib import Path

HERE = Path(__file__).parent / "colonies"

HEAD = '''"""The client for programs that block: `Colonies`.

Made by `sdk_py/generate_blocking.py` from `client.py`; every method runs the one of the same
name there. Usable from any thread; the connection is kept by a thread of its own.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, Self

from .client import AsyncColonies, Key
from .loop_thread import BlockingSubscription, LoopThread
from .wire.model import (
    Attribute,
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
    Stats,
    User,
)


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
        self._thread = LoopThread()

        async def make() -> AsyncColonies:
            return AsyncColonies(
                address, key=key, colony=colony, connect_seconds=connect_seconds, request_seconds=request_seconds
            )

        try:
            self._client = self._thread.run(make())
        except BaseException:
            self._thread.close()
            raise

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Close the connection and end its thread. Processes are closed by `close_process`."""
        self._thread.run(self._client.close())
        self._thread.close()
'''


# The one method that is not passed on: its callback belongs in the caller's thread, where it may block.
TAIL = '''
    def subscribe_processes(
        self,
        executortype: str,
        timeout: float,
        state: State | int,
        prvkey: Key | None,
        callback: Callable[[Process], object],
    ) -> None:
        """Call `callback` with every process of this type that enters `state`, until it raises SubscriptionEnded:
        the time (seconds) is up, or the connection went. Then subscribe again."""

        async def made() -> Any:
            return self._client.subscribe_until_lost(executortype, timeout, state, prvkey)

        subscription = self._thread.run(made())
        with BlockingSubscription(self._thread, subscription):
            while True:
                callback(self._thread.run(subscription.next_event()).process)
'''
OTHERWISE = ("close", "subscribe_processes", "subscribe_until_lost")


def generated() -> str:
    tree = ast.parse((HERE / "client.py").read_text())
    client = next(node for node in tree.body if isinstance(node, ast.ClassDef) and node.name == "AsyncColonies")
    methods = [
        _method(node)
        for node in client.body
        if isinstance(node, ast.AsyncFunctionDef | ast.FunctionDef)
        and not node.name.startswith("_")
        and node.name not in OTHERWISE
    ]
    return HEAD + "\n" + "\n".join(methods) + TAIL


def _method(node: ast.AsyncFunctionDef | ast.FunctionDef) -> str:
    returns = ast.unparse(node.returns) if node.returns else "None"
    call = f"self._client.{node.name}({_passed_on(node.args)})"
    if returns == "Subscription":
        returns = "BlockingSubscription"
        call = f"BlockingSubscription(self._thread, self._thread.run({_made(node, call)}))"
    elif returns.startswith("AsyncIterator"):
        returns = returns.removeprefix("Async")
        call = f"self._thread.each({call})"
    else:
        call = f"self._thread.run({call})"
    if returns != "None":
        call = f"return {call}"
    arguments = ast.unparse(node.args)
    document = ast.get_docstring(node, clean=True) or ""
    body = "\n        ".join(document.replace("async for", "for").splitlines())
    ending = "\n        " if "\n" in document else ""
    helper = ""
    if returns == "BlockingSubscription" and isinstance(node, ast.FunctionDef):
        passed = _passed_on(node.args)
        helper = f"\n        async def made() -> Any:\n            return self._client.{node.name}({passed})\n"
    return f'    def {node.name}({arguments}) -> {returns}:\n        """{body}{ending}"""{helper}\n        {call}\n'


def _made(node: ast.AsyncFunctionDef | ast.FunctionDef, call: str) -> str:
    return call if isinstance(node, ast.AsyncFunctionDef) else "made()"


def _passed_on(arguments: ast.arguments) -> str:
    names = [argument.arg for argument in arguments.args if argument.arg != "self"]
    named = [f"{argument.arg}={argument.arg}" for argument in arguments.kwonlyargs]
    rest = [f"**{arguments.kwarg.arg}"] if arguments.kwarg else []
    return ", ".join([*names, *named, *rest])


def formatted(source: str) -> str:
    """As `ruff format` leaves it, blank lines of docstrings included."""
    source = "\n".join(line.rstrip() for line in source.splitlines()) + "\n"
    ruff = [sys.executable, "-m", "ruff", "format", "--stdin-filename", str(HERE / "blocking.py"), "-"]
    return subprocess.run(ruff, input=source, capture_output=True, text=True, check=True).stdout


if __name__ == "__main__":
    (HERE / "blocking.py").write_text(formatted(generated()))
