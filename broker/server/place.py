"""One of the brokers on an address, whichever process that is just now.

A broker that died is followed by another one, at once and then with growing pauses; one that
is replaced drains only when the one in its place serves. Between the two nothing is refused.
"""

from __future__ import annotations

import asyncio
import logging

from broker.logs import fields

from .child import Orders
from .children import Child, Children

log = logging.getLogger(__name__)

FIRST_PAUSE_SECONDS = 0.1
LONGEST_PAUSE_SECONDS = 30.0
STEADY_SECONDS = 60.0  # one that lived this long did not die of how it was started


class Place:
    def __init__(self, children: Children, orders: Orders) -> None:
        self._children = children
        self._orders = orders
        self._child: Child | None = None
        self._filling = asyncio.Lock()

    async def fill(self) -> int:
        """Start a broker here. 0 once it serves; otherwise the exit code with which it ended instead."""
        child = await self._children.start(self._orders)
        if not await child.wait_serves():
            return max(1, await child.wait_end())
        self._child = child
        return 0

    async def keep(self) -> None:
        """Start another one whenever the one that is here dies, until cancelled."""
        failures, loop = 0, asyncio.get_running_loop()
        while (child := self._child) is not None:
            begun = loop.time()
            code = await child.wait_end()
            if child is not self._child:  # it was replaced
                failures = 0
                continue
            failures = 1 if loop.time() - begun > STEADY_SECONDS else failures + 1
            pause = min(LONGEST_PAUSE_SECONDS, FIRST_PAUSE_SECONDS * 2 ** min(failures - 1, 16))
            told = fields("child_died", broker=self._orders.settings.name, code=code, seconds=pause)
            log.error("a broker has ended and is started again", extra=told)
            await asyncio.sleep(pause)
            async with self._filling:
                if child is self._child:
                    await self.fill()

    async def replace(self) -> bool:
        """Start another one, and once it serves have the one before it drain.

        False: it does not serve, and all is as before.
        """
        async with self._filling:
            before = self._child
            if await self.fill():
                return False
            if before and not before.is_over:
                await self._children.end(before)
            return True
