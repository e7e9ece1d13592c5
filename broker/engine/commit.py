"""Group commit: the single moves of a moment become one batch for the store.

Whatever is offered while a batch is on its way goes with the next one. There is no timer:
when nothing is on its way a move leaves at once, so an idle broker adds no latency and a
busy one shares its commits. When the store cannot be reached every move of the batch is
refused as unavailable; each may or may not have happened, and may be repeated.
"""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Callable, Iterator, Sequence
from typing import Any, NamedTuple, TypeVar

from broker.logs import fields
from broker.store.base import Store
from broker.store.moves import Claim, Move, RemoveColony
from broker.telemetry import Telemetry
from colonies.wire import errors

log = logging.getLogger(__name__)
T = TypeVar("T")

# (what became true or why not, whether the caller has gone meanwhile)
Settled = Callable[[Any, bool], None]

MAX_BATCH = 512


class _Offered(NamedTuple):
    make: Callable[[], Move[Any]]
    answer: asyncio.Future[Any]
    settled: Settled | None


class _Leaving(NamedTuple):
    move: Move[Any]
    offered: _Offered


class Commit:
    def __init__(self, store: Store, telemetry: Telemetry) -> None:
        self._store = store
        self._telemetry = telemetry
        self._offered: list[_Offered] = []
        self._filled = asyncio.Event()
        self._is_reachable = True
        self.doubted = asyncio.Event()  # set when moves may have been done of which nobody was told

    async def do(self, move: Move[T], *, settled: Settled | None = None) -> T:
        """Have one move done and return what became true, or raise its refusal.

        settled  is called once with the outcome, before the caller goes on, and also when the caller has
                 gone: being cancelled does not undo the move, and what follows from it must still follow.
        """
        return await self._offer(lambda: move, settled)

    async def make_and_do(self, make: Callable[[], Move[T]], *, settled: Settled) -> T:
        """As `do`, for a move that is made only when its batch leaves, of how things are then. It must not raise."""
        return await self._offer(make, settled)

    def _offer(self, make: Callable[[], Move[T]], settled: Settled | None) -> asyncio.Future[T]:
        answer: asyncio.Future[T] = asyncio.get_running_loop().create_future()
        self._offered.append(_Offered(make, answer, settled))
        self._filled.set()
        return answer

    async def run(self) -> None:
        """Hand batches to the store until cancelled, several at once where the store gains from it."""
        async with asyncio.TaskGroup() as tasks:
            for _ in range(self._store.concurrent_batches):
                tasks.create_task(self._run_one())

    async def _run_one(self) -> None:
        while True:
            await self._filled.wait()
            # Whoever was just answered goes on first: what it asks now goes along, and who stands idle now is seen.
            await asyncio.sleep(0)
            batch, self._offered = self._offered[:MAX_BATCH], self._offered[MAX_BATCH:]
            if not self._offered:
                self._filled.clear()
            for leaving in _apart(_made(batch)):
                await self._apply(leaving)

    async def _apply(self, batch: Sequence[_Leaving]) -> None:
        begun = time.perf_counter()
        try:
            outcomes: Sequence[Any] = await self._store.apply([leaving.move for leaving in batch])
            if len(outcomes) != len(batch):
                raise RuntimeError(f"the store answered {len(outcomes)} of {len(batch)} moves")
        except errors.Unavailable as error:
            self._note_reachable(error)
            outcomes = [errors.Unavailable(error.message) for _ in batch]
        except Exception as error:  # a bug in a store must not end the broker: every caller is told
            outcomes = [error] * len(batch)
        else:
            self._note_reachable(None)
        if any(isinstance(outcome, errors.Unavailable) for outcome in outcomes):
            self.doubted.set()
        for leaving in batch:
            self._telemetry.moves.add(type(leaving.move).__name__)
        self._telemetry.batch_size.observe(len(batch))
        self._telemetry.batch_seconds.observe(time.perf_counter() - begun)
        for leaving, outcome in zip(batch, outcomes, strict=True):
            _answer(leaving.offered, outcome)

    def _note_reachable(self, error: errors.Unavailable | None) -> None:
        if error is not None and self._is_reachable:
            log.error("the store cannot be reached", extra=fields("store_unavailable", reason=error.message))
        if error is None and not self._is_reachable:
            log.info("the store answers again", extra=fields("store_back"))
        self._is_reachable = error is None


def _made(batch: Sequence[_Offered]) -> list[_Leaving]:
    """Claims last, as a store may do them: then what is submitted is told of before it is claimed."""
    leaving: list[_Leaving] = []
    for offered in batch:
        try:
            leaving.append(_Leaving(offered.make(), offered))
        except Exception as error:  # a bug with one move must not leave those beside it without an answer
            _answer(offered, error)
    leaving.sort(key=lambda one: isinstance(one.move, Claim))
    return leaving


def _apart(leaving: list[_Leaving]) -> Iterator[Sequence[_Leaving]]:
    """Removals of colonies by themselves and last: they take long, and nobody beside them shall wait for one."""
    removals = [one for one in leaving if isinstance(one.move, RemoveColony)]
    others = [one for one in leaving if not isinstance(one.move, RemoveColony)] if removals else leaving
    if others:
        yield others
    for removal in removals:
        yield [removal]


def _answer(offered: _Offered, outcome: Any) -> None:
    caller_has_gone = offered.answer.cancelled()
    if offered.settled:
        try:
            offered.settled(outcome, caller_has_gone)
        except Exception:  # a bug in what follows must not stop the commits of everybody else
            log.exception("what follows a move failed", extra=fields("bug"))
    if offered.answer.done():
        return  # gone before, or sent away by what followed
    if isinstance(outcome, Exception):
        offered.answer.set_exception(outcome)
    else:
        offered.answer.set_result(outcome)
