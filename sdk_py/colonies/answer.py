"""The answer to a request: waited for at most so long, and given back when it comes to nobody.

A request that takes long says how far it is, and then the next sign of it is waited for that
long again.
"""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

from .asked import Asked, Progress
from .errors import NoAnswer
from .wire import errors

if TYPE_CHECKING:
    from .connection import Connection


class Answer:
    """The answer to a request that was asked."""

    asked: Asked

    def __init__(self, connection: Connection, method: str, seconds: float, tell: Progress) -> None:
        """tell: called with (done, matched); what it raises ends the waiting."""
        self._connection = connection
        self._tell = tell
        self._limit: asyncio.Timeout | None = None
        self._method = method
        self._seconds = seconds
        self._future: asyncio.Future[Any] = asyncio.get_running_loop().create_future()

    def settle(self, result: Any, error: errors.ColoniesError | None) -> None:
        if self._future.done():
            if error is None:
                self._connection.undo(self.asked, result)
        elif error is None:
            self._future.set_result(result)
        else:
            self._future.set_exception(error)

    def progress(self, done: int, matched: int) -> None:
        if self._future.done():
            return
        if self._limit and not self._limit.expired():
            self._limit.reschedule(asyncio.get_running_loop().time() + self._seconds)
        try:
            self._tell(done, matched)
        except Exception as error:
            self._future.set_exception(error)
            self._connection.forget(self.asked)

    async def wait(self) -> Any:
        """Wait for the result, or raise the refusal. Cancelling forgets it: an assigned process is handed back."""
        try:
            await self._connection.wait_reachable(self._future)
            async with asyncio.timeout(self._seconds) as self._limit:
                return await self._future
        except TimeoutError:
            self._give_up()
            raise self._no_answer() from None
        except BaseException:
            self._give_up()
            raise

    def _give_up(self) -> None:
        """Give back what came in the very moment of a cancel; otherwise forget what has not come."""
        future = self._future
        if not future.done() or future.cancelled():
            future.cancel()
            self._connection.forget(self.asked)
        elif future.exception() is None:
            self._connection.undo(self.asked, future.result())

    def _no_answer(self) -> errors.Unavailable:
        if not self._connection.is_open:
            return self._connection.unreachable()
        repeat = "a repeat is safe" if self.asked.may_repeat else "look before you repeat it"
        told = f"{self._method} was not answered within {self._seconds:g} s; it may or may not have happened, {repeat}"
        return NoAnswer(told)
