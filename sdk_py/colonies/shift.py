"""One run of a worker: slots that take a process, have it worked on, close it and take the next.

A process must not be lost between taking and closing: a slot that is cancelled hands back
what it holds, once its function has ended, and what was assigned to it in that moment. What
the broker has moved on (deadline, cancel) is let go without a word.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections import deque
from collections.abc import Callable, Coroutine, Iterator, Sequence
from typing import Any

from .answer import Answer
from .asked import Asked, new_claimid
from .backoff import full_jitter
from .caller import Caller
from .functions import Outcome, WorkContext
from .wire import errors
from .wire.identity import Signer
from .wire.model import Process
from .wire.validation import decode
from .work import named

log = logging.getLogger("colonies")

ASSIGN_SECONDS = 30
LAST_CLOSES_SECONDS = 5.0
KEPT_REVOKED = 256
# The process is not ours any more: there is nothing to close.
_TOO_LATE = (errors.DeadlinePassed, errors.NotAssignedToYou, errors.WrongState, errors.NotFound)
_UNUSABLE = (errors.BadRequest, errors.TooLarge)


class Shift:
    """failure: why this key may not work here, once a broker has said so."""

    def __init__(
        self,
        caller: Caller,
        signer: Signer,
        tasks: asyncio.TaskGroup,
        outcome_of: Callable[[WorkContext], Coroutine[Any, Any, Outcome]],
    ) -> None:
        self.failure: errors.ColoniesError | None = None
        self._caller = caller
        self._signer = signer
        self._tasks = tasks
        self._outcome_of = outcome_of
        self._idle: set[asyncio.Task[Any]] = set()
        self._pieces: dict[tuple[str, int], _Piece] = {}
        self._closing: set[asyncio.Task[None]] = set()
        # A cancel may be heard before its slot has even seen the process.
        self._revoked: deque[tuple[str, int]] = deque(maxlen=KEPT_REVOKED)

    @contextlib.contextmanager
    def hearing(self) -> Iterator[None]:
        """Hear of it when what runs here is cancelled."""
        listeners = self._caller.connection.cancelled_listeners
        listeners.add(self._revoke)
        try:
            yield
        finally:
            listeners.discard(self._revoke)

    def _revoke(self, processid: str, attempt: int) -> None:
        self._revoked.append((processid, attempt))
        if piece := self._pieces.get((processid, attempt)):
            piece.cancel()

    async def slot(self, stopping: asyncio.Event) -> None:
        """Run one process after the other. A close and the assign that follows it leave in one frame."""
        while (process := await self._next_process(stopping)) is not None:
            outcome = await self._work(process)
            if outcome is not None:
                self._close(process, outcome)

    async def end(self, slots: Sequence[asyncio.Task[None]], *, grace_seconds: float) -> None:
        """Let what runs finish, hand back what does not, and see the last closes through."""
        for task in list(self._idle):
            task.cancel()
        await asyncio.wait(slots, timeout=grace_seconds)
        for piece in self._pieces.values():
            piece.goes_back = True
            piece.cancel()
        await asyncio.wait(slots)
        if self._closing:
            _, late = await asyncio.wait(set(self._closing), timeout=LAST_CLOSES_SECONDS)
            for closing in late:
                closing.cancel()

    # — taking —

    async def _next_process(self, stopping: asyncio.Event) -> Process | None:
        """The next process; None once the worker stops. What is assigned to a slot that goes is handed back."""
        failures = 0
        this = asyncio.current_task()
        assert this is not None
        self._idle.add(this)
        try:
            while not stopping.is_set():
                try:
                    return decode(await self._begin_assign().wait(), Process)
                except errors.NothingToAssign:
                    failures = 0
                except errors.ColoniesError as error:
                    if not _may_pass(error):
                        self.failure = error
                        stopping.set()
                        return None
                    failures += 1
                    if failures == 1:
                        log.warning("no process could be assigned, trying on: %s", error.message)
                    await asyncio.sleep(full_jitter(failures + 2))
        finally:
            self._idle.discard(this)
        return None

    def _begin_assign(self) -> Answer:
        params = {"timeout": ASSIGN_SECONDS, "claimid": new_claimid()}
        return self._caller.begin("process.assign", params, self._signer, more_seconds=ASSIGN_SECONDS)

    # — working —

    async def _work(self, process: Process) -> Outcome | None:
        """Run the function to its end. None when there is nothing to close: revoked, out of time, or handed back."""
        context = WorkContext(process, self._caller, self._signer, self._tasks)
        piece = _Piece(context, self._tasks.create_task(self._outcome_of(context)))
        attempt = (process.processid, process.attempt)
        self._pieces[attempt] = piece
        if attempt in self._revoked:
            piece.cancel()
        try:
            outcome = await piece.outcome(seconds=_seconds_left(process))
        except asyncio.CancelledError:
            piece.goes_back = True
            raise
        finally:
            await piece.end()
            del self._pieces[attempt]
            if piece.goes_back:
                self._hand_back(process)
        return None if piece.goes_back or piece.is_cancelled else outcome

    def _hand_back(self, process: Process) -> None:
        """Say it as a last word: it is said even while the client closes."""
        with contextlib.suppress(errors.ColoniesError):
            params = named(process, None)
            self._caller.connection.say(Asked("process.hand_back", params, self._signer, is_last_word=True))

    # — closing —

    def _close(self, process: Process, outcome: Outcome) -> None:
        """Ask for the close now, in this very turn, and see to its answer beside the next process."""
        answer = None
        with contextlib.suppress(errors.ColoniesError):  # the same comes up again where it is dealt with
            answer = self._begin_close(process, outcome)
        closing = self._tasks.create_task(self._see_closed(process, outcome, answer))
        self._closing.add(closing)
        closing.add_done_callback(self._closing.discard)

    def _begin_close(self, process: Process, outcome: Outcome) -> Answer:
        return self._caller.begin("process.close", {**named(process, None), **outcome._asdict()}, self._signer)

    async def _see_closed(self, process: Process, outcome: Outcome, answer: Answer | None) -> None:
        """Repeat the close until it is answered: a repeat is safe, and its deadline ends it at last."""
        failures, was_unusable = 0, False
        while True:
            try:
                await (answer or self._begin_close(process, outcome)).wait()
            except _UNUSABLE as error:
                if was_unusable:
                    log.error("process %s could not be closed: %s", process.processid, error.message)  # noqa: TRY400
                    return
                # It must not stay running because of what its function returned.
                outcome, was_unusable = Outcome(False, [], [f"the result was refused: {error.message}"]), True
            except errors.ColoniesError as error:
                if not error.retry:
                    level = logging.INFO if isinstance(error, _TOO_LATE) else logging.WARNING
                    log.log(level, "a close was refused: %s", error.message)
                    return
                failures += 1
                await asyncio.sleep(full_jitter(failures))
            else:
                return
            answer = None


class _Piece:
    """A process that is worked on."""

    def __init__(self, context: WorkContext, running: asyncio.Task[Outcome]) -> None:
        self.is_cancelled = False
        self.goes_back = False
        self._context = context
        self._running = running

    def cancel(self) -> None:
        self.is_cancelled = True
        self._context.cancelled.set()
        self._running.cancel()

    async def outcome(self, *, seconds: float | None) -> Outcome | None:
        """What its function came to, once all that it said is answered; None when it was cancelled or out of time."""
        await asyncio.wait([self._running], timeout=seconds)
        if not self._running.done() or self._running.cancelled():
            return None
        await self._context.wait_said()
        return self._running.result()

    async def end(self) -> None:
        """End the function if it runs still, and wait until it has."""
        self._context.cancelled.set()
        self._running.cancel()
        await asyncio.wait([self._running])


def _seconds_left(process: Process) -> float | None:
    """How long it may run. Both times are the broker's, for its clock need not be ours."""
    if not process.execdeadline:
        return None
    return (process.execdeadline - process.starttime) / 1000


def _may_pass(error: errors.ColoniesError) -> bool:
    """Whether the trouble may pass by itself; an executor may yet be approved."""
    return error.retry or isinstance(error, errors.NotApproved)
