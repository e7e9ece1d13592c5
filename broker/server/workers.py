"""Several brokers on one address, each a process of its own, and the parent that keeps them.

The parent hands on what it is told: SIGTERM and SIGINT drain all, and a second one ends them
at once; SIGHUP puts a new broker in the place of each, one after the other. It serves nobody
and holds nothing that could be lost with it; when it dies they drain.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import os
import signal
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace

import msgspec

from broker.logs import fields

from .child import Orders
from .children import Children
from .listening import address_of, reserve
from .place import Place

log = logging.getLogger(__name__)


async def serve_several(count: int, orders: Orders, *, ready: Callable[[str], None]) -> int:
    """Keep so many brokers until SIGTERM or SIGINT has drained them. Returns the exit code.

    orders  for each of them; port 0 takes a free one for all.
    ready   is called once, with the address, when all of them serve.
    Where one does not begin to serve it has said why, and its exit code is returned. Raises PortTaken.
    """
    # Held as long as they live, so that nobody takes the address between two of them.
    with contextlib.closing(reserve(orders.host, orders.port)) as place:
        orders = msgspec.structs.replace(orders, port=place.getsockname()[1])
        address = address_of(place, orders.host)
        return await _Parent(count, orders).run(lambda: ready(address))


class _Parent:
    def __init__(self, count: int, orders: Orders) -> None:
        self._children = Children(drain_seconds=orders.settings.drain_seconds)
        self._places = [Place(self._children, _named(orders, number + 1)) for number in range(count)]
        self._told = asyncio.Event()
        self._told_to_replace = asyncio.Event()
        self._was_on_terminal = os.isatty(0)

    async def run(self, ready: Callable[[], None]) -> int:
        with self._hearing_signals():
            async with asyncio.TaskGroup() as tasks:
                living = tasks.create_task(self._live(ready))
                living.add_done_callback(lambda _: self._told.set())
                await self._told.wait()
                living.cancel()
            failed = 0 if living.cancelled() else living.result()
            return await self._children.end_all() or failed

    async def _live(self, ready: Callable[[], None]) -> int:
        """Live until cancelled. Returns an exit code where they do not begin to serve."""
        # The first alone: what stands in the way is said once, and it makes whatever the database lacks.
        if code := await self._places[0].fill():
            return code
        if code := max(await asyncio.gather(*(place.fill() for place in self._places[1:])), default=0):
            return code
        ready()
        async with asyncio.TaskGroup() as tasks:
            for place in self._places:
                tasks.create_task(place.keep())
            tasks.create_task(self._replace_when_told(self._places))
        return 0

    async def _replace_when_told(self, places: Sequence[Place]) -> None:
        while True:
            await self._told_to_replace.wait()
            self._told_to_replace.clear()
            for place in places:
                if not await place.replace():
                    log.error(
                        "the new broker does not serve, and the old ones stay", extra=fields("replaced", all=False)
                    )
                    break
            else:
                log.info("all brokers are replaced", extra=fields("replaced", all=True))

    # — what it is told —

    @contextlib.contextmanager
    def _hearing_signals(self) -> Iterator[None]:
        loop = asyncio.get_running_loop()
        heard = {signal.SIGTERM: self._tell, signal.SIGINT: self._tell, signal.SIGHUP: self._tell_to_replace}
        for number, tell in heard.items():
            loop.add_signal_handler(number, tell)
        try:
            yield
        finally:
            for number in heard:
                loop.remove_signal_handler(number)

    def _tell(self) -> None:
        if self._told.is_set():
            self._children.tell_all(signal.SIGTERM)
        self._told.set()

    def _tell_to_replace(self) -> None:
        # The same signal says that the terminal in which it was started has gone.
        if self._was_on_terminal and not os.isatty(0):
            self._tell()
        else:
            self._told_to_replace.set()


def _named(orders: Orders, number: int) -> Orders:
    settings = replace(orders.settings, name=f"{orders.settings.name}-{number}")
    return msgspec.structs.replace(orders, settings=settings)
