"""The I/O: one WebSocket, there whenever somebody wants something, and back by itself when it is lost.

It is opened by the first request and comes back for ever, with full jitter, at the next
address each time; with nothing to say it stays away. Every step of connecting has a limit.
A broker that says to stay away is believed: everything fails with its reason. One task does
all this, ended by `close`. What waits to be sent is bounded by who waits for its answer.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from . import trouble, websocket
from .answer import Answer
from .asked import Asked, Progress, unheard
from .attempts import Attempts
from .backoff import full_jitter
from .dialogue import Dialogue
from .errors import Closed, TurnedAway
from .wire import errors
from .wire.errors import BadFrame, CloseCode, may_come_back
from .wire.identity import Signer

if TYPE_CHECKING:
    from websockets.asyncio.client import ClientConnection

log = logging.getLogger("colonies")

LAST_WORDS_SECONDS = 5.0
Cancelled = Callable[[str, int], None]


class Connection:
    def __init__(self, addresses: Sequence[str], *, connect_seconds: float, step_seconds: float = 10.0) -> None:
        """connect_seconds: how long a request waits for a first broker. step_seconds: a limit for each step."""
        self._attempts = Attempts(addresses, connect_seconds)
        self._step_seconds = step_seconds
        self._dialogue = Dialogue(again=self._ask_again, cancelled=self._tell_cancelled)
        self._changed = asyncio.Event()
        self._running: asyncio.Task[None] | None = None
        self._over: errors.ColoniesError | None = None
        self._first_hello: asyncio.Future[None] | None = None
        self._trouble = ""
        self._later: set[asyncio.TimerHandle] = set()
        self.cancelled_listeners: set[Cancelled] = set()  # told when a process that runs is cancelled

    # — asking —

    def ask(
        self, method: str, params: Mapping[str, Any], signer: Signer, *, seconds: float, progress: Progress = unheard
    ) -> Answer:
        """Ask now, without waiting: what is asked in one turn of the loop leaves together. Then await its `wait`."""
        answer = Answer(self, method, seconds, progress)
        answer.asked = Asked(method, params, signer, settle=answer.settle, progress=answer.progress)
        self.say(answer.asked)
        return answer

    def say(self, asked: Asked) -> None:
        if self._over and (self._running is None or not asked.is_last_word):
            raise self._over
        self._dialogue.ask(asked)
        self._changed.set()
        if self._running is None:
            self._running = asyncio.get_running_loop().create_task(self._run(), name="colonies connection")

    def forget(self, asked: Asked) -> None:
        self._dialogue.forget(asked)
        self._changed.set()

    def undo(self, asked: Asked, result: Any) -> None:
        """Give back what was answered in the moment in which the asker went away."""
        self._dialogue.undo(asked, result)
        self._changed.set()

    async def wait_reachable(self, answer: asyncio.Future[Any]) -> None:
        """Return at once when a broker has ever answered; Unreachable when none does in `connect_seconds`."""
        if self._has_answered:
            return
        either = [answer, self._hello_future()]
        await asyncio.wait(either, timeout=self._attempts.connect_seconds, return_when=asyncio.FIRST_COMPLETED)
        if not (answer.done() or self._has_answered):
            raise self.unreachable()

    def unreachable(self) -> errors.Unavailable:
        return trouble.unreachable(self._attempts.addresses, self._trouble)

    def _hello_future(self) -> asyncio.Future[None]:
        if self._first_hello is None:
            self._first_hello = asyncio.get_running_loop().create_future()
        return self._first_hello

    @property
    def _has_answered(self) -> bool:
        return self._first_hello is not None and self._first_hello.done()

    @property
    def is_open(self) -> bool:
        return self._dialogue.is_open

    def _ask_again(self, asked: Asked) -> None:
        """A broker could not do it now."""

        def ask() -> None:
            self._later.discard(handle)
            self._dialogue.ask(asked)
            self._changed.set()

        handle = asyncio.get_running_loop().call_later(full_jitter(5), ask)
        self._later.add(handle)

    def _tell_cancelled(self, processid: str, attempt: int) -> None:
        for listener in list(self.cancelled_listeners):
            listener(processid, attempt)

    # — its life —

    async def _run(self) -> None:
        try:
            while not await self._is_done():
                await asyncio.sleep(self._pause())
                await self._one_connection()
        except TurnedAway as error:
            self._end(error)
        except Exception as bug:
            log.exception("the connection met a bug of this client")
            self._end(Closed(f"this client met a bug of its own and is closed: {bug!r}"))

    def _end(self, error: errors.ColoniesError) -> None:
        self._over = self._over or error
        self._dialogue.fail_all(error)
        self._dialogue.lost()

    async def _is_done(self) -> bool:
        """Wait until there is something to say. Whether there will never be any more."""
        while not self._over and self._dialogue.is_idle:
            self._changed.clear()
            await self._changed.wait()
            self._attempts.failures = 0  # whoever asks now has waited for nothing yet
        return self._over is not None and not self._dialogue.has_last_words

    def _pause(self) -> float:
        asked_for, self._dialogue.reconnect_seconds = self._dialogue.reconnect_seconds, 0.0
        return self._attempts.pause(asked_for, has_answered=self._has_answered)

    async def _one_connection(self) -> None:
        """Connect and talk until the socket ends. Raises TurnedAway when there must not be another."""
        address = self._attempts.begin()
        try:
            socket = await websocket.open_socket(address, seconds=self._step_seconds)
        except Exception as error:
            # Whatever a name server, proxy, certificate or stranger on the port can come up with: try again.
            self._trouble = trouble.in_words(error)
            log.debug("no connection to %s: %s", address, self._trouble)
            return
        try:
            await self._hear_hello(socket)
            await self._talk(socket)
        except (BadFrame, TimeoutError, EOFError) as error:
            self._trouble = trouble.in_words(error)
        finally:
            await websocket.close_socket(socket)
            self._dialogue.lost()
        self._heed(socket.close_code, socket.close_reason or "")

    def _heed(self, code: int | None, reason: str) -> None:
        log.debug("the connection ended with %s %s", code, reason)
        if code is not None and not may_come_back(code):
            raise trouble.turned_away(code, reason)
        if code == CloseCode.OVERLOADED:
            self._attempts.unsucceed()

    async def _hear_hello(self, socket: ClientConnection) -> None:
        async with asyncio.timeout(self._step_seconds):
            frame = await websocket.read_frame(socket)
        self._dialogue.take(frame)
        if not self._has_answered:
            self._hello_future().set_result(None)
        self._trouble = ""

    async def _talk(self, socket: ClientConnection) -> None:
        """Read and write until the socket has ended."""
        self._changed.set()
        bad: BadFrame | None = None
        async with asyncio.TaskGroup() as tasks:
            writer = tasks.create_task(self._write(socket))
            try:
                await self._read(socket)
            except BadFrame as error:
                bad = error
            writer.cancel()
        if bad:
            raise bad

    async def _read(self, socket: ClientConnection) -> None:
        with contextlib.suppress(EOFError):
            while True:
                self._dialogue.take(await websocket.read_frame(socket))
                self._attempts.succeed()
                self._changed.set()  # an answer makes room for what waits to be said

    async def _write(self, socket: ClientConnection) -> None:
        from websockets.exceptions import ConnectionClosed

        said = False
        with contextlib.suppress(ConnectionClosed):
            while True:
                await self._changed.wait()
                self._changed.clear()
                for frame in self._dialogue.frames(now=asyncio.get_running_loop().time()):
                    said = True
                    await socket.send(frame)
                if self._may_leave(said=said):
                    break
            await socket.close()

    def _may_leave(self, *, said: bool) -> bool:
        if self._over:
            return not self._dialogue.has_last_words
        # A broker closes for good what connects and then says nothing.
        return self._dialogue.may_leave or (not said and self._dialogue.is_idle)

    # — its end —

    async def close(self) -> None:
        """End everything and leave nothing behind; what was assigned to nobody is handed back first."""
        self._over = self._over or Closed("the client was closed")
        self._dialogue.fail_all(self._over)
        self._changed.set()
        running, self._running = self._running, None
        try:
            if running:
                await asyncio.wait([running], timeout=LAST_WORDS_SECONDS if self._is_worth_waiting() else 0)
        finally:
            for handle in self._later:
                handle.cancel()
            if running:
                running.cancel()
                await asyncio.gather(running, return_exceptions=True)

    def _is_worth_waiting(self) -> bool:
        return self._dialogue.is_open or self._dialogue.has_last_words
