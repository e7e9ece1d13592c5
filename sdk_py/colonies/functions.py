"""A worker's functions: how one is called, what it is told, and what becomes of what it returns or raises.

Functions that block run in a thread of their own, so that the loop keeps the connection
while they do. A thread cannot be ended from outside: one that is no longer wanted is told
so by `context.cancelled`, and what it still does has no effect on its process.
"""

from __future__ import annotations

import asyncio
import contextlib
import contextvars
import inspect
import logging
import threading
import traceback
from collections.abc import Awaitable, Callable, Generator, Sequence
from typing import Any, NamedTuple, TypeVar

from .caller import Caller
from .wire import errors
from .wire.identity import Signer
from .wire.model import AttributeKind, Process

log = logging.getLogger("colonies")

T = TypeVar("T")

# More than this without an answer: an async function must wait, with `await`, before it says more.
MAX_UNANSWERED = 256
MAX_TRACEBACK = 8192


class Failed(Exception):
    """Raised by a function to close its process as failed, with exactly these errors and this output."""

    def __init__(self, *errors: str, out: Sequence[Any] = ()) -> None:
        super().__init__(*errors)
        self.errors = list(errors)
        self.out = list(out)


class Outcome(NamedTuple):
    """What a process is closed with."""

    successful: bool
    out: list[Any]
    errors: list[str]


class Said:
    """Something said to the broker. Awaiting it is optional, and raises when it was refused."""

    def __init__(self, task: asyncio.Task[errors.ColoniesError | None] | None) -> None:
        self._task = task

    def __await__(self) -> Generator[Any, None, None]:
        if self._task is not None and (error := (yield from asyncio.shield(self._task).__await__())) is not None:
            raise error


class WorkContext:
    """What a function is told of its work, where it takes a parameter `context`.

    process    as it was assigned.
    env        the environment of its spec.
    cancelled  set when the work is no longer wanted; a blocking function looks at it now and then.
    """

    def __init__(self, process: Process, caller: Caller, signer: Signer, tasks: asyncio.TaskGroup) -> None:
        self.process = process
        self.env = dict(process.spec.env)
        self.cancelled = threading.Event()
        self._caller = caller
        self._signer = signer
        self._tasks = tasks
        self._loop = asyncio.get_running_loop()
        self._unanswered: set[asyncio.Task[errors.ColoniesError | None]] = set()

    def log(self, message: str) -> Awaitable[None]:
        """Add a line to the process's log. A blocking function waits here; an async one may `await` what it gets.

        Raises Overloaded in an async function that says too much without ever awaiting.
        """
        return self._say("log.add", {"processid": self.process.processid, "message": message})

    def set_attribute(self, key: str, value: Any, *, kind: AttributeKind = "out") -> Awaitable[None]:
        """Set a named value on the process, at once. Waiting and refusals as in `log`."""
        params = {"processid": self.process.processid, "key": key, "value": value, "kind": kind}
        return self._say("attribute.set", params)

    def _say(self, method: str, params: dict[str, Any]) -> Said:
        try:
            is_here = asyncio.get_running_loop() is self._loop
        except RuntimeError:
            is_here = False
        if is_here:
            return self._begin(method, params)
        asyncio.run_coroutine_threadsafe(self._ask(method, params), self._loop).result()
        return Said(None)

    async def _ask(self, method: str, params: dict[str, Any]) -> None:
        await self._caller.begin(method, params, self._signer).wait()

    def _begin(self, method: str, params: dict[str, Any]) -> Said:
        if len(self._unanswered) >= MAX_UNANSWERED:
            raise errors.Overloaded(f"{MAX_UNANSWERED} calls are unanswered; `await` what `log` and the like return")
        answer = self._caller.begin(method, params, self._signer)
        task = self._tasks.create_task(self._answered(answer.wait()))
        self._unanswered.add(task)
        task.add_done_callback(self._unanswered.discard)
        return Said(task)

    async def _answered(self, answer: Awaitable[Any]) -> errors.ColoniesError | None:
        try:
            await answer
        except errors.ColoniesError as error:
            log.warning("something said about process %s was refused: %s", self.process.processid, error.message)
            return error
        return None

    async def wait_said(self) -> None:
        """Wait until all that was said is answered: after the close it would be refused."""
        if self._unanswered:
            await asyncio.wait(set(self._unanswered))


async def outcome_of(function: Callable[..., Any], context: WorkContext, *, with_context_alone: bool) -> Outcome:
    """Call it as its process asks, and say what that process is closed with. Cancelling cancels it."""
    spec = context.process.spec
    try:
        if with_context_alone:
            returned = await _call(function, context)
        else:
            named = {"context": context} if _takes_context(function) else {}
            returned = await _call(function, *spec.args, **{**spec.kwargs, **named})
    except Failed as failed:
        return Outcome(False, failed.out, failed.errors)
    except asyncio.CancelledError as error:
        if _is_being_cancelled():
            raise
        return _raised(error)  # it was something inside the function that was cancelled
    except (Exception, SystemExit) as error:
        return _raised(error)
    return Outcome(True, [] if returned is None else returned if isinstance(returned, list) else [returned], [])


def _is_being_cancelled() -> bool:
    task = asyncio.current_task()
    return task is not None and task.cancelling() > 0


def _raised(error: BaseException) -> Outcome:
    told = _from_the_function_on(traceback.TracebackException.from_exception(error))
    return Outcome(False, [], ["".join(told.format())[-MAX_TRACEBACK:].strip()])


def _from_the_function_on(told: traceback.TracebackException) -> traceback.TracebackException:
    """Leave out the frames of this file: they are of no use to whoever wrote the function."""
    told.stack = traceback.StackSummary.from_list([frame for frame in told.stack if frame.filename != __file__])
    for cause in (told.__cause__, told.__context__):
        if cause is not None:
            _from_the_function_on(cause)
    return told


def _takes_context(function: Callable[..., Any]) -> bool:
    return "context" in inspect.signature(function).parameters


async def _call(function: Callable[..., Any], *args: Any, **kwargs: Any) -> Any:
    if inspect.iscoroutinefunction(function):
        return await function(*args, **kwargs)
    returned = await _in_thread(lambda: function(*args, **kwargs), name=getattr(function, "__name__", "function"))
    return await returned if inspect.isawaitable(returned) else returned


async def _in_thread(call: Callable[[], Any], *, name: str) -> Any:
    """Run it in a thread of its own. Unlike those of a pool it can be left behind without taking a place."""
    loop = asyncio.get_running_loop()
    ended: asyncio.Future[tuple[Any, BaseException | None]] = loop.create_future()

    def work() -> None:
        result: Any = None
        error: BaseException | None = None
        try:
            result = call()
        except BaseException as raised:
            error = raised
        with contextlib.suppress(RuntimeError):  # the loop has ended: nobody waits
            loop.call_soon_threadsafe(_set_result, ended, (result, error))

    run = contextvars.copy_context().run
    threading.Thread(target=run, args=(work,), name=f"colonies {name}", daemon=True).start()
    result, error = await ended
    if error is not None:
        raise error
    return result


def _set_result(future: asyncio.Future[T], result: T) -> None:
    if not future.done():
        future.set_result(result)
