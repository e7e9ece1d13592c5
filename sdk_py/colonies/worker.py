"""A worker: functions by name, run for whatever the broker assigns.

A function ends by returning (successful), by raising (failed, with its traceback), or by
its deadline or a cancel; then nothing is closed, for the broker has moved the process on.
A worker that is told to stop takes nothing new, lets what runs finish for a while, and
hands back what has not. Lost connections never end it; what says that its key may not work
here does. This is its face; `shift` does the work.
"""

from __future__ import annotations

import asyncio
import contextlib
import signal
from collections.abc import Callable, Sequence
from typing import Any, TypeVar, overload

from .caller import Caller, Key, signer_of
from .client import AsyncColonies
from .functions import Failed, Outcome, WorkContext, outcome_of
from .shift import Shift

__all__ = ["Failed", "WorkContext", "Worker"]

F = TypeVar("F", bound=Callable[..., Any])


class Worker:
    """Works for one executor, once, from `run` or `run_forever` until `stop`.

    client         a client, or the address of a broker.
    key            the executor's key; the client's own when None.
    concurrency    how many processes to run at a time.
    grace_seconds  how long a stop lets what runs go on.
    """

    def __init__(
        self,
        client: AsyncColonies | str | Sequence[str],
        *,
        key: Key | None = None,
        concurrency: int = 1,
        grace_seconds: float = 30.0,
    ) -> None:
        self._given = client
        self._key = None if key is None else signer_of(key)
        self._concurrency = concurrency
        self._grace_seconds = grace_seconds
        self._functions: dict[str, Callable[..., Any]] = {}
        self._fallback: Callable[[WorkContext], Any] | None = None
        self._stopping = asyncio.Event()
        self._loop: asyncio.AbstractEventLoop | None = None

    @overload
    def function(self, function: F) -> F: ...

    @overload
    def function(self, *, name: str) -> Callable[[F], F]: ...

    def function(self, function: Any = None, *, name: str = "") -> Any:
        """Register a function under its own name, or another: called with the spec's args and kwargs.

        A parameter `context` gets the WorkContext. What it returns is `out`: None nothing, a list its
        values, anything else one value.
        """

        def register(function: F) -> F:
            self._functions[name or function.__name__] = function
            return function

        return register if function is None else register(function)

    def fallback(self, function: Callable[[WorkContext], Any]) -> None:
        """Register what is called, with the context alone, for every func without a function of its own."""
        self._fallback = function

    # — its life —

    def run_forever(self) -> None:
        """Work until SIGTERM or Ctrl-C, blocking. A second signal ends it at once."""
        asyncio.run(self._run_until_signal())

    async def _run_until_signal(self) -> None:
        loop, task = asyncio.get_running_loop(), asyncio.current_task()
        numbers = (signal.SIGTERM, signal.SIGINT)

        def tell() -> None:
            if self._stopping.is_set() and task:
                task.cancel()
            self._stopping.set()

        with contextlib.suppress(NotImplementedError, ValueError, RuntimeError):  # not on Windows, not in a thread
            for number in numbers:
                loop.add_signal_handler(number, tell)
        try:
            await self.run()
        finally:
            with contextlib.suppress(NotImplementedError, ValueError, RuntimeError):
                for number in numbers:
                    loop.remove_signal_handler(number)

    async def run(self) -> None:
        """Work until `stop`. Raises what says that this key may not work here; nothing else ends it.

        Cancelling ends it at once: what runs is cancelled and handed back.
        """
        self._loop = asyncio.get_running_loop()
        if isinstance(self._given, AsyncColonies):
            await self._work_for(self._given.caller)
        else:
            async with AsyncColonies(self._given, key=self._key) as client:
                await self._work_for(client.caller)

    async def _work_for(self, caller: Caller) -> None:
        async with asyncio.TaskGroup() as tasks:
            shift = Shift(caller, caller.signer_for(self._key), tasks, self._outcome_of)
            with shift.hearing():
                slots = [tasks.create_task(shift.slot(self._stopping)) for _ in range(self._concurrency)]
                await self._stopping.wait()
                await shift.end(slots, grace_seconds=self._grace_seconds)
        if shift.failure:
            raise shift.failure

    async def _outcome_of(self, context: WorkContext) -> Outcome:
        func = context.process.spec.func
        if function := self._functions.get(func):
            return await outcome_of(function, context, with_context_alone=False)
        if self._fallback:
            return await outcome_of(self._fallback, context, with_context_alone=True)
        known = ", ".join(sorted(self._functions)) or "none"
        return Outcome(False, [], [f"this worker has no function {func!r}; it has: {known}"])

    def stop(self) -> None:
        """Take nothing new, let what runs finish, and then return from `run`. From any thread."""
        if self._loop is None:
            self._stopping.set()
        else:
            with contextlib.suppress(RuntimeError):  # its loop has ended, and it with it
                self._loop.call_soon_threadsafe(self._stopping.set)
