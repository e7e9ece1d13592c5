"""Make so many changes a second in a colony: `python -m bench.dashboard.load ADDRESS OPERATOR_KEY EXECUTOR_KEY CHANGES`.

A lifecycle is three changes: submitted, assigned, ended; one in ten fails. Runs until it is ended. Keeps to its pace by
the clock, so that a moment's delay is caught up with and not forgotten; prints each second how many it made.
"""

from __future__ import annotations

import asyncio
import sys

from colonies import AsyncColonies
from colonies.wire.identity import Identity

CHANGES = 3
TICK_SECONDS = 0.1


async def load(address: str, operator: Identity, executor: Identity, *, changes: float) -> None:
    loop = asyncio.get_running_loop()
    async with AsyncColonies(address) as client:
        begun, made, told = loop.time(), 0, 0.0
        while True:
            due = int((loop.time() - begun) * changes / CHANGES) - made
            await asyncio.gather(*(_live(client, operator, executor, made + index) for index in range(due)))
            made += due
            if loop.time() - told > 1:
                told = loop.time()
                print(made * CHANGES, flush=True)
            await asyncio.sleep(TICK_SECONDS)


async def _live(client: AsyncColonies, operator: Identity, executor: Identity, number: int) -> None:
    spec = {"conditions": {"executortype": "type-00"}, "func": "function_0", "args": [f"live-{number}"]}
    await client.submit(spec, prvkey=operator)
    process = await client.assign(timeout=30, latest=True, prvkey=executor)
    failing = number % 10 == 0
    errors = [f"ValueError: live item {number} is no good"] if failing else []
    await client.close_process(process, executor, successful=not failing, errors=errors)


if __name__ == "__main__":
    address, operator, executor, changes = sys.argv[1:]
    asyncio.run(load(address, Identity(operator), Identity(executor), changes=float(changes)))
