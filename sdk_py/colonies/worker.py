"""A worker: functions by name, run for whatever the broker assigns.

Blocking functions run in threads, off the loop that keeps the connection. A function ends
by returning (successful), by raising (failed, with its traceback), by its deadline or a
cancel (nothing is closed: the broker has done that). A worker that is told to stop takes
nothing new, lets what runs finish for a while, and hands back what has not. Lost
connections never end it.
"""

from __future__ import annotations

import asyncio
import contextlib
import inspect
import logging
import signal
import threading
import traceback
from collections.abc import Callable, Sequence
from functools import partial
from typing import Any, TypeVar, overload

from .backoff import full_jitter
from .client import AsyncColonies, Key, signer_of
from .wire import errors
from .wire.identity import Signer
from .wire.model import MAX_ERRORS_BYTES, Process

log = logging.getLogger(__name__)
F = TypeVar("F", bound=Callable[..., Any])

ASSIGN_SECONDS = 30
# Who is refused for what it is will be refused again.
_HOPELESS = (errors.UnknownIdentity, errors.NotApproved, errors.Forbidden, errors.BadSignature)
# The process is not ours any more: there is nothing to close.
_TOO_LATE = (errors.DeadlinePassed, errors.NotAssignedToYou, errors.WrongState, errors.NotFound)


class Failed(Exception):
    """Raised by a function to close its process as failed, with exactly these errors and this output."""

    def __init__(self, *errors: str, out: Sequence[Any] = ()) -> None:
        super().__init__(*errors)
        self.errors = list(errors)
        self.out = list(out)


class WorkContext:
    """What a function is told of its work, where it takes a parameter `context`.

    cancelled  set when the work is no longer wanted; a blocking function looks at it now and then.
    """

    def __init__(self, client: AsyncColonies, process: Process, signer: Signer | None) -> None:
        self.process = process
        self.env = dict(process.spec.env)
        self.cancelled = threading.Event()
        self._client = client
        self._signer = signer
        self._loop = asyncio.get_running_loop()

    async def log(self, message: str) -> None:
        """Add a line to the process's log."""
        await self._client.add_log(self.process.processid, message, prvkey=self._signer)

    async def set_attribute(self, key: str, value: Any, *, kind: str = "out") -> None:
        """Set a named value on the process."""
        await self._client.set_attribute(self.process.processid, key, value, kind=kind, prvkey=self._signer)

    def log_blocking(self, message: str) -> None:
        """As `log`, from a blocking function."""
        asyncio.run_coroutine_threadsafe(self.log(message), self._loop).result()


class Worker:
    """Works for one executor.

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
        self._signer = None if key is None else signer_of(key)
        self._concurrency = concurrency
        self._grace_seconds = grace_seconds
        self._functions: dict[str, Callable[..., Any]] = {}
        self._fallback: Callable[[WorkContext], Any] | None = None
        self._stopping = asyncio.Event()
        self._works: dict[tuple[str, int], tuple[WorkContext, asyncio.Task[Any]]] = {}

    @overload
    def function(self, function: F) -> F: ...

    @overload
    def function(self, *, name: str) -> Callable[[F], F]: ...

    def function(self, function: Any = None, *, name: str = "") -> Any:
        """Register a function under its own name, or another: called with the spec's args and kwargs.

        What it returns is `out`: None nothing, a list its values, anything else one value.
        """

        def register(function: F) -> F:
            self._functions[name or function.__name__] = function
            return function

        return register if function is None else register(function)

    def fallback(self, function: Callable[[WorkContext], Any]) -> None:
        """Register what is called, with the context alone, for every func without a function of its own."""
        self._fallback = function

    def stop(self) -> None:
        """Take nothing new, let what runs finish, and then return from `run`."""
        self._stopping.set()

    def run_forever(self) -> None:
        """Work until SIGTERM or Ctrl-C, blocking."""
        asyncio.run(self._run_until_signal())

    async def _run_until_signal(self) -> None:
        loop = asyncio.get_running_loop()
        for number in (signal.SIGTERM, signal.SIGINT):
            loop.add_signal_handler(number, self.stop)
        await self.run()

    async def run(self) -> None:
        """Work until `stop`. Raises what says that this key may not work here; nothing else ends it."""
        if isinstance(self._given, AsyncColonies):
            await self._run(self._given)
            return
        async with AsyncColonies(self._given, key=self._signer) as client:
            await self._run(client)

    async def _run(self, client: AsyncColonies) -> None:
        client.connection.on_cancelled.append(self._hear_cancelled)
        slots = [asyncio.create_task(self._slot(client)) for _ in range(self._concurrency)]
        stopping = asyncio.create_task(self._stopping.wait())
        try:
            await asyncio.wait([stopping, *slots], return_when=asyncio.FIRST_COMPLETED)
            if self._stopping.is_set():
                await asyncio.wait(slots, timeout=self._grace_seconds)
            await self._hand_back_all(client, slots)
            for slot in slots:
                if slot.done() and not slot.cancelled() and (error := slot.exception()):
                    raise error
        finally:
            for task in [stopping, *slots]:
                task.cancel()
            await asyncio.gather(stopping, *slots, return_exceptions=True)
            client.connection.on_cancelled.remove(self._hear_cancelled)

    async def _hand_back_all(self, client: AsyncColonies, slots: Sequence[asyncio.Task[None]]) -> None:
        """What did not finish in its grace time goes back to the queue."""
        unfinished = list(self._works.values())
        for slot in slots:
            slot.cancel()
        await asyncio.gather(*slots, return_exceptions=True)
        for context, _ in unfinished:
            context.cancelled.set()
            with contextlib.suppress(errors.ColoniesError):
                await client.hand_back(context.process, prvkey=self._signer)

    def _hear_cancelled(self, params: dict[str, Any]) -> None:
        found = self._works.get((params["processid"], params["attempt"]))
        if found:
            context, task = found
            context.cancelled.set()
            task.cancel()

    # — one slot: assign, work, close and assign again in one frame —

    async def _slot(self, client: AsyncColonies) -> None:
        process = await self._next(client)
        while process:
            close = await self._work(client, process)
            async with asyncio.TaskGroup() as together:
                closing = together.create_task(close()) if close else None
                taking = together.create_task(self._next(client))
            process = taking.result()
            assert closing is None or closing.done()

    async def _next(self, client: AsyncColonies) -> Process | None:
        """The next process, or None once the worker stops."""
        failures = 0
        while not self._stopping.is_set():
            asking = asyncio.create_task(client.assign(ASSIGN_SECONDS, prvkey=self._signer))
            stopping = asyncio.create_task(self._stopping.wait())
            try:
                await asyncio.wait([asking, stopping], return_when=asyncio.FIRST_COMPLETED)
                if asking.done():
                    return asking.result()
            except errors.NothingToAssign:
                failures = 0
            except _HOPELESS:
                raise
            except errors.ColoniesError as error:
                failures += 1
                log.warning("no process could be assigned: %s", error.message)
                await asyncio.sleep(full_jitter(failures + 3))
            finally:
                for task in (asking, stopping):
                    task.cancel()
                await asyncio.gather(asking, stopping, return_exceptions=True)
        return None

    async def _work(self, client: AsyncColonies, process: Process) -> Callable[[], Any] | None:
        """Run the function. Returns how to close the process, or None when it is not ours any more."""
        context = WorkContext(client, process, self._signer)
        task = asyncio.create_task(self._call(context))
        key = (process.processid, process.attempt)
        self._works[key] = (context, task)
        try:
            limit = process.spec.maxexectime
            await asyncio.wait([task], timeout=limit if limit > 0 else None)
            if not task.done() or task.cancelled():
                return None  # its time is over or it was cancelled: the broker has moved it on
            return partial(self._close, client, process, **_outcome(task))
        finally:
            context.cancelled.set()
            task.cancel()
            if not asyncio.current_task().cancelling():  # type: ignore[union-attr]
                self._works.pop(key, None)

    async def _call(self, context: WorkContext) -> Any:
        spec = context.process.spec
        function = self._functions.get(spec.func)
        if function is None:
            if self._fallback is None:
                known = ", ".join(sorted(self._functions)) or "none"
                raise Failed(f"this worker has no function {spec.func!r}; it has: {known}")
            return await _run_function(self._fallback, context)
        named = {"context": context} if "context" in inspect.signature(function).parameters else {}
        return await _run_function(function, *spec.args, **spec.kwargs, **named)

    async def _close(self, client: AsyncColonies, process: Process, **outcome: Any) -> None:
        failures = 0
        while True:
            try:
                await client.close_process(process, self._signer, **outcome)
            except _TOO_LATE as error:
                log.warning("a close came too late: %s", error.message)
            except errors.ColoniesError as error:
                if not error.retry:
                    # What it returned cannot be stored; it must not stay running for that.
                    outcome = {"successful": False, "errors": [f"the result was refused: {error.message}"]}
                failures += 1
                if failures < 10:
                    await asyncio.sleep(full_jitter(failures))
                    continue
                log.error("a process could not be closed: %s", error.message)  # noqa: TRY400 (a sentence is enough)
            return


async def _run_function(function: Callable[..., Any], *args: Any, **kwargs: Any) -> Any:
    if inspect.iscoroutinefunction(function):
        return await function(*args, **kwargs)
    returned = await asyncio.to_thread(function, *args, **kwargs)
    return await returned if inspect.isawaitable(returned) else returned


def _outcome(task: asyncio.Task[Any]) -> dict[str, Any]:
    error = task.exception()
    if error is None:
        result = task.result()
        return {"successful": True, "out": [] if result is None else result if isinstance(result, list) else [result]}
    if isinstance(error, Failed):
        return {"successful": False, "errors": error.errors, "out": error.out}
    text = "".join(traceback.format_exception(error))
    return {"successful": False, "errors": [text[-MAX_ERRORS_BYTES // 8 :]]}
