"""Sockets that sign in with one request and then do nothing but answer pings."""

from __future__ import annotations

import contextlib
import time
from collections.abc import AsyncIterator

from broker.bench.ear import Ear
from broker.bench.plans import Connected, Connections
from colonies.wire.identity import Identity

from .part import Run, at, each_connected, until

EVERY = 500


@contextlib.asynccontextmanager
async def ready(plan: Connections) -> AsyncIterator[Run]:
    ears: list[Ear] = [Ear() for _ in range(plan.number)]
    keys = dict(zip(ears, plan.keys, strict=False))
    done = 0

    async def connect(ear: Ear) -> None:
        nonlocal done
        await ear.connect(plan.address)
        if key := keys.get(ear):
            await ear.sign_in(Identity(key), "colony.get")
        done += 1
        if done % EVERY == 0:
            at(f"{done:,} of {plan.number:,} connected")

    begun = time.monotonic()
    try:
        await each_connected(ears, connect)
        took = time.monotonic() - begun

        async def idle(moment: float) -> Connected:
            await until(moment + plan.seconds)
            return Connected(lost=sum(ear.is_lost for ear in ears), seconds=took)

        yield idle
    finally:
        for ear in ears:
            ear.close()
