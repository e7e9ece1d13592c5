"""One publisher, many subscribers, and how many messages reach them.

The publisher goes on when subscribers have counted what was published before, and not when
its own request is answered: what is measured is what arrives.
"""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections.abc import AsyncIterator, Callable

import msgpack

from broker.bench.ear import Ear, messages_in
from broker.bench.link import LinkLost
from broker.bench.plans import Delivered, Fanout
from colonies.wire.frames import pack
from colonies.wire.identity import Identity

from .part import Run, each_connected, linked, until

STALLED_SECONDS = 15.0


@contextlib.asynccontextmanager
async def ready(plan: Fanout) -> AsyncIterator[Run]:
    audience = _Audience(plan)
    ears = [Ear(audience.hear) for _ in range(plan.subscribers)]
    try:
        async with _publishing(plan) as publish:
            await each_connected(list(enumerate(ears)), lambda pair: _subscribed(plan, *pair))
            yield lambda moment: audience.run(moment, publish, ears)
    finally:
        for ear in ears:
            ear.close()


async def _subscribed(plan: Fanout, index: int, ear: Ear) -> None:
    await ear.connect(plan.address)
    if plan.keys:
        key = Identity(plan.keys[index % len(plan.keys)])
        await ear.sign_in(key, "subscribe", executortype=plan.executortype, state=0)
    ear.count()


@contextlib.asynccontextmanager
async def _publishing(plan: Fanout) -> AsyncIterator[Callable[[], None]]:
    """How one message is published: by a submit, or by its being said to a server that is no broker."""
    if plan.message:
        publisher, message = await Ear().connect(plan.address, "/publish"), bytes.fromhex(plan.message)
        try:
            yield lambda: publisher.send(message)
        finally:
            publisher.close()
        return
    key, spec = Identity(plan.key), {"conditions": {"executortype": plan.executortype}, "func": "add", "args": [1, 2]}
    async with linked(plan.address, 1) as (link,):
        # An answer is not looked at: where a submit is refused nothing is delivered, and that is noticed.
        yield lambda: link.ask(key, "process.submit", spec=spec).add_done_callback(lambda done: done.exception())


class _Audience:
    def __init__(self, plan: Fanout) -> None:
        self._plan = plan
        self._heard = 0
        self._wanted = 0
        self._reached = asyncio.Event()
        self._is_over = False

    def hear(self, number: int) -> None:
        self._heard += number
        if self._heard >= self._wanted:
            self._reached.set()

    async def run(self, moment: float, publish: Callable[[], None], ears: list[Ear]) -> Delivered:
        begin = moment + self._plan.warm_up
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(self._publish(publish))
            await until(begin)
            heard, frames, begun = self._heard, _frames(ears), time.monotonic()
            await until(begin + self._plan.seconds)
            delivered, frames, seconds = self._heard - heard, _frames(ears) - frames, time.monotonic() - begun
            self._is_over = True
        if lost := sum(ear.is_lost for ear in ears):
            raise LinkLost(f"{lost} of {len(ears)} subscribers were lost")
        return Delivered(deliveries=delivered, frames=frames, seconds=seconds, message=_one_of(ears[0].last).hex())

    async def _publish(self, publish: Callable[[], None]) -> None:
        plan, published = self._plan, 0
        while not self._is_over:
            await self._wait_heard((published - plan.inflight + 1) * plan.subscribers)
            publish()
            published += 1
        await self._wait_heard(published * plan.subscribers)

    async def _wait_heard(self, number: int) -> None:
        """Wait until so many were delivered, from the beginning."""
        self._wanted = number
        self._reached.clear()
        if self._heard >= number:
            return
        try:
            async with asyncio.timeout(STALLED_SECONDS):
                await self._reached.wait()
        except TimeoutError:
            raise LinkLost(f"nothing was delivered for {STALLED_SECONDS:g} s, {number - self._heard} short") from None


def _frames(ears: list[Ear]) -> int:
    return sum(ear.frames for ear in ears)


def _one_of(payload: bytes) -> bytes:
    """One message, where a broker put several into a frame."""
    if not payload or messages_in(payload) == 1:
        return payload
    return pack(msgpack.unpackb(payload)[0])
