"""The I/O: one WebSocket that comes back by itself, for ever, as long as somebody wants something.

Every step of connecting has its own limit of time. After a loss the next address is tried,
with full jitter; subscriptions are made again before anything else is said. A broker that
says to stay away is believed: everything that waits fails with its reason.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Callable, Sequence
from typing import Any

from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed, InvalidHandshake, WebSocketException

from .backoff import full_jitter
from .dialogue import Asked, Dialogue
from .subscription import Event, Subscription
from .wire import errors
from .wire.errors import BadFrame, CloseCode, may_come_back
from .wire.frames import SUBPROTOCOL, Notification, decode_messages
from .wire.identity import Signer
from .wire.model import Process
from .wire.validation import decode

STEP_SECONDS = 10.0
MAX_MESSAGE_BYTES = 4 << 20


class Unreachable(errors.Unavailable):
    """No broker answered in time."""


class Connection:
    def __init__(self, addresses: Sequence[str], *, connect_seconds: float) -> None:
        self._addresses = list(addresses)
        self._connect_seconds = connect_seconds
        self._dialogue = Dialogue(notify=self._notified)
        self._wanted = asyncio.Event()
        self._filled = asyncio.Event()
        self._subscriptions: set[Subscription] = set()
        self._numbers: dict[int, Subscription] = {}
        self._running: asyncio.Task[None] | None = None
        self._was_open = False
        self._trouble = ""
        self.on_cancelled: list[Callable[[dict[str, Any]], None]] = []

    # — asking —

    async def ask(self, method: str, params: dict[str, Any], signer: Signer, *, seconds: float) -> Any:
        """Ask, and wait for the answer at most `seconds` once there is a connection. Raises what was refused."""
        answer: asyncio.Future[Any] = asyncio.get_running_loop().create_future()

        def settle(result: Any, error: Exception | None) -> None:
            if answer.done():
                return
            if error is None:
                answer.set_result(result)
            else:
                answer.set_exception(error)

        asked = Asked(method, params, signer, settle)
        self._say(asked)
        try:
            return await self._wait_answer(asked, answer, seconds)
        finally:
            if not answer.done() or answer.cancelled():
                self._dialogue.forget(asked)

    async def _wait_answer(self, asked: Asked, answer: asyncio.Future[Any], seconds: float) -> Any:
        if not self._was_open:
            await asyncio.wait([answer], timeout=self._connect_seconds)
            if not answer.done() and not self._was_open:
                raise self._unreachable()
        try:
            async with asyncio.timeout(seconds):
                return await answer
        except TimeoutError:
            if not asked.was_sent:
                raise self._unreachable() from None
            raise errors.Unavailable(f"{asked.method} was not answered within {seconds:g} s") from None

    def _unreachable(self) -> Unreachable:
        where = " or ".join(self._addresses)
        why = f": {self._trouble}" if self._trouble else ""
        return Unreachable(
            f"no broker answers at {where}{why}; is it running? `colonies dev` or `colonies server start` starts one"
        )

    def _say(self, asked: Asked, *, first: bool = False) -> None:
        (self._dialogue.ask_first if first else self._dialogue.ask)(asked)
        self._filled.set()
        self._wanted.set()
        if self._running is None:
            self._running = asyncio.get_running_loop().create_task(self._run())

    # — subscriptions —

    def subscribe(self, subscription: Subscription) -> None:
        """Make a subscription, now and after every reconnect."""
        self._subscriptions.add(subscription)
        self._ask_subscription(subscription)

    def _ask_subscription(self, subscription: Subscription, *, first: bool = False) -> None:
        def settle(result: Any, error: Exception | None) -> None:
            if subscription.reason:
                if error is None:
                    self._cancel(subscription, result["subscription"])
            elif error is None:
                subscription.number = result["subscription"]
                self._numbers[result["subscription"]] = subscription
            elif isinstance(error, errors.ColoniesError):
                self._subscriptions.discard(subscription)
                subscription.end("refused", error)

        self._say(Asked(subscription.method, subscription.params(), subscription.signer, settle), first=first)

    def unsubscribe(self, subscription: Subscription) -> None:
        """Take a subscription back."""
        self._subscriptions.discard(subscription)
        number = subscription.number
        subscription.number = None
        if number is not None and number in self._numbers:
            del self._numbers[number]
            self._cancel(subscription, number)

    def _cancel(self, subscription: Subscription, number: int) -> None:
        params = {"subscription": number}
        self._say(Asked("subscription.cancel", params, subscription.signer, lambda _result, _error: None))

    def _notified(self, notification: Notification) -> None:
        params = notification.params
        if notification.name == "process":
            found = self._numbers.get(params["subscription"])
            if found:
                found.push(Event(params["event"], decode(params["process"], Process)))
        elif notification.name == "ended":
            ended = self._numbers.pop(params["subscription"], None)
            # What a stopping broker ends is made again at the next one.
            if ended and not (ended.lasts and params["reason"] in ("draining", "slow")):
                self._subscriptions.discard(ended)
                ended.end(params["reason"])
        elif notification.name == "cancelled":
            for hear in self.on_cancelled:
                hear(params)

    # — the life of it —

    async def _run(self) -> None:
        failures = 0
        while True:
            if self._dialogue.is_idle and not self._subscriptions:
                self._wanted.clear()
                await self._wanted.wait()
            self._addresses.append(self._addresses.pop(0))
            address = self._addresses[-1]
            try:
                failures = 0 if await self._one_connection(address) else failures + 1
            except (OSError, TimeoutError, WebSocketException, BadFrame) as error:
                failures += 1
                self._trouble = _why(error)
            self._after_loss()
            if failures:
                await asyncio.sleep(full_jitter(failures))

    async def _one_connection(self, address: str) -> bool:
        """Connect and talk until the connection is lost. Whether it was a good one: then the next is tried at once."""
        async with contextlib.AsyncExitStack() as stack:
            async with asyncio.timeout(STEP_SECONDS):
                socket = await stack.enter_async_context(
                    connect(
                        address,
                        subprotocols=[SUBPROTOCOL],  # type: ignore[list-item]
                        compression=None,
                        max_size=MAX_MESSAGE_BYTES,
                        open_timeout=STEP_SECONDS,
                        close_timeout=1,
                    )
                )
            try:
                async with asyncio.timeout(STEP_SECONDS):
                    self._dialogue.opened(await _hello(socket))
                self._opened()
                await self._talk(socket)
            except ConnectionClosed:
                pass
            self._heed(socket.close_code, socket.close_reason or "")
            return socket.close_code not in (CloseCode.DRAINING, CloseCode.OVERLOADED)

    def _opened(self) -> None:
        self._was_open = True
        self._trouble = ""
        for subscription in self._subscriptions:
            if subscription.number is not None:  # the others are still being asked for
                subscription.number = None
                self._ask_subscription(subscription, first=True)
        self._filled.set()

    async def _talk(self, socket: ClientConnection) -> None:
        async with contextlib.AsyncExitStack() as stack:
            writer = asyncio.get_running_loop().create_task(self._write(socket))
            stack.callback(writer.cancel)
            async for frame in socket:
                if isinstance(frame, bytes):
                    self._dialogue.received(frame)
                    # An answer makes room for what waits because too much was unanswered.
                    self._filled.set()

    async def _write(self, socket: ClientConnection) -> None:
        with contextlib.suppress(ConnectionClosed):
            while True:
                await self._filled.wait()
                self._filled.clear()
                for frame in self._dialogue.frames():
                    await socket.send(frame)

    def _after_loss(self) -> None:
        self._dialogue.lost()
        self._numbers.clear()
        for subscription in [one for one in self._subscriptions if not one.lasts]:
            self._subscriptions.discard(subscription)
            subscription.end("the connection was lost")

    def _heed(self, code: int | None, reason: str) -> None:
        """A broker that says to stay away fails everything that waits."""
        if code is None or may_come_back(code):
            return
        refused = {
            CloseCode.BAD_SIGNATURE: errors.BadSignature,
            CloseCode.REPLAYED: errors.Replayed,
            CloseCode.TOO_LARGE: errors.TooLarge,
        }.get(code, errors.Forbidden)  # type: ignore[call-overload]
        error = refused(f"the broker closed the connection for good: {reason or code}")
        self._dialogue.fail_all(error)
        for subscription in list(self._subscriptions):
            self._subscriptions.discard(subscription)
            subscription.end("refused", error)

    async def close(self) -> None:
        """End everything and leave nothing behind."""
        running, self._running = self._running, None
        if running:
            running.cancel()
            await asyncio.wait([running])
        closed = errors.Unavailable("the client was closed")
        self._dialogue.fail_all(closed)
        for subscription in list(self._subscriptions):
            subscription.end("closed")
        self._subscriptions.clear()


async def _hello(socket: ClientConnection) -> dict[str, Any]:
    frame = await socket.recv()
    if isinstance(frame, bytes):
        for message in decode_messages(frame):
            if isinstance(message, Notification) and message.name == "hello":
                return message.params
    raise BadFrame("the broker did not say hello")


def _why(error: Exception) -> str:
    if isinstance(error, ConnectionRefusedError):
        return "connection refused"
    if isinstance(error, TimeoutError):
        return "it did not answer in time"
    if isinstance(error, InvalidHandshake):
        return "what answers there is no Colonies broker"
    return str(error)[:200] or type(error).__name__
