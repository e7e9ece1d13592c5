"""Submits, claims and closes on a bare store without end, and says what was acknowledged. Made to be killed.

`python -m tests.support.storing ADDRESS COLONYID` prints `PROCESSID submitted|claimed|closed`
after each acknowledgement.
"""

from __future__ import annotations

import asyncio
import itertools
import sys
from typing import Any

from broker.store.moves import Move
from broker.store.open import open_store
from colonies.wire.model import Process

from .builders import HeldColony, a_worker, granted


async def store_without_end(address: str, colonyid: str) -> None:
    store = open_store(address)
    await store.open()
    colony = HeldColony(store=store, colonyid=colonyid)
    worker = a_worker()
    running: list[Process] = []
    for number in itertools.count():
        closing = running[: len(running) // 2]
        moves: list[Move[Any]] = [
            *(colony.submission(args=[number]) for _ in range(20)),
            *(colony.claiming(worker) for _ in range(10)),
        ]
        moves += [colony.closing(process, out=["done"]) for process in closing]
        answers = await store.apply(moves)
        submitted, claimed, closed = answers[:20], answers[20:30], answers[30:]
        running = [*running[len(closing) :], *(process for process in map(granted, claimed) if process)]
        lines = [f"{granted(answer).process.processid} submitted" for answer in submitted]
        lines += [f"{process.processid} claimed" for process in map(granted, claimed) if process]
        lines += [f"{granted(answer).after.processid} closed" for answer in closed]
        print("\n".join(lines), flush=True)


if __name__ == "__main__":
    asyncio.run(store_without_end(sys.argv[1], sys.argv[2]))
