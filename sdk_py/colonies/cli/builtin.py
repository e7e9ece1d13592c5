"""The built-in worker's one function: run `func args…` as an operating-system program.

Its environment is the worker's, then the spec's, then what says whose work this is; never a
key. What it writes is logged line by line, and what it writes to standard output is `out`.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import shutil
import signal
from collections import deque
from collections.abc import Mapping, Sequence
from typing import Any

import msgspec

from colonies import AsyncColonies
from colonies.wire import errors
from colonies.wire.model import MAX_LOG_LINES, Process
from colonies.worker import Failed, WorkContext

from . import child

AT_ONCE = 32
LAST_LINES_SECONDS = 10.0  # how long a program that has ended waits for its last lines to be logged


class Programs:
    """Runs programs for one executor.

    allow  programs that may be run; none given: any.
    """

    def __init__(self, client: AsyncColonies, *, server: str, allow: Sequence[str] = ()) -> None:
        self._client = client
        self._server = server
        self._allow = frozenset(allow)

    async def run(self, context: WorkContext) -> list[str]:
        """Run a process's func to its end. Raises Failed for everything that is not exit code 0."""
        process = context.process
        command = [self._program(process), *map(_argument, process.spec.args)]
        lines = Lines(self._client, process.processid)
        logging = asyncio.create_task(lines.log())
        try:
            ended = await child.run(command, env=environment(process, server=self._server), hear=lines.add)
            lines.end()
            await asyncio.wait({logging}, timeout=LAST_LINES_SECONDS)
        except (OSError, ValueError) as error:  # ValueError: a NUL byte, or a name that no variable can have
            raise Failed(f"cannot run {process.spec.func}: {getattr(error, 'strerror', None) or error}") from error
        finally:
            logging.cancel()
        out = [ended.out] if ended.out else []
        if ended.exit_code:
            raise Failed(_how(ended.exit_code), out=out)
        return out

    def _program(self, process: Process) -> str:
        func = process.spec.func
        if process.spec.kwargs:
            raise Failed(f"a command line takes args, not kwargs: {', '.join(process.spec.kwargs)[:200]}")
        if self._allow and func not in self._allow:
            raise Failed(f"this worker does not run {func}, only {', '.join(sorted(self._allow))}")
        # Looked for where the worker looks, whatever PATH the spec brings.
        if (found := shutil.which(func)) is None:
            raise Failed(f"command not found: {func}")
        return found


def _argument(value: Any) -> str:
    """Text as it is, anything else as JSON."""
    return value if isinstance(value, str) else msgspec.json.encode(value).decode()


def environment(process: Process, *, server: str, inherited: Mapping[str, str] | None = None) -> dict[str, str]:
    """What the program finds in its environment. No key, wherever it came from."""
    own = {
        "COLONIES_PROCESS_ID": process.processid,
        "COLONIES_COLONY_ID": process.colonyid,
        "COLONIES_EXECUTOR_ID": process.assigneeid,
        "COLONIES_ATTEMPT": str(process.attempt),
        "COLONIES_SERVER": server,
    }
    everything = {**(os.environ if inherited is None else inherited), **process.spec.env, **own}
    return {name: value for name, value in everything.items() if not name.startswith("COLONIES_KEY")}


def _how(exit_code: int) -> str:
    if exit_code > 0:
        return f"exit code {exit_code}"
    with contextlib.suppress(ValueError):
        return f"killed by signal {-exit_code} ({signal.Signals(-exit_code).name})"
    return f"killed by signal {-exit_code}"


class Lines:
    """Lines on their way to a process's log. Adding never waits; what the log would not hold is left out."""

    def __init__(self, client: AsyncColonies, processid: str) -> None:
        self._client = client
        self._processid = processid
        self._waiting: deque[str] = deque()
        self._added = 0
        self._changed = asyncio.Event()
        self._ended = False

    def add(self, line: str) -> None:
        self._added += 1
        if self._added < MAX_LOG_LINES:
            self._waiting.append(line or " ")  # the log takes no empty line
        elif self._added == MAX_LOG_LINES:
            self._waiting.append("the log is full; later lines are not in it")
        self._changed.set()

    def end(self) -> None:
        self._ended = True
        self._changed.set()

    async def log(self) -> None:
        """Send lines as they come, in their order, until `end`. A line that is refused is left out."""
        while self._waiting or not self._ended:
            await self._changed.wait()
            self._changed.clear()
            while self._waiting:
                some = [self._waiting.popleft() for _ in range(min(AT_ONCE, len(self._waiting)))]
                with contextlib.suppress(errors.ColoniesError):
                    await asyncio.gather(*(self._client.add_log(self._processid, line) for line in some))
