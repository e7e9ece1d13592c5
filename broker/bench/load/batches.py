"""Many requests in as few frames as it goes, some of them on their way at the same time."""

from __future__ import annotations

import asyncio
import itertools
from collections.abc import Iterable, Iterator
from typing import Any

from broker.bench.link import Asked, Link
from colonies.wire.identity import Identity

from .part import at

BATCH, FRAMES = 100, 4
SAY_EVERY = 10_000


async def ask_many(link: Link, key: Identity, asked: Iterable[Asked], *, what: str = "", of: int = 0) -> list[Any]:
    """Return all results, in the order of the requests. what, of: to say how far it is; no results are kept then."""
    results: list[list[Any]] = []
    done = 0
    # All senders draw from one iterator, so there are never more than FRAMES on their way.
    frames = enumerate(_frames(asked))
    kept: dict[int, list[Any]] = {}

    async def send() -> None:
        nonlocal done
        for number, frame in frames:
            answers = await asyncio.gather(*link.ask_all(key, frame))
            before, done = done, done + len(frame)
            if not what:
                kept[number] = answers
            elif before // SAY_EVERY < done // SAY_EVERY:
                at(f"{what}: {done:,} of {of:,}")

    async with asyncio.TaskGroup() as tasks:
        for _ in range(FRAMES):
            tasks.create_task(send())
    results.extend(kept[number] for number in sorted(kept))
    return list(itertools.chain.from_iterable(results))


def _frames(asked: Iterable[Asked]) -> Iterator[list[Asked]]:
    source = iter(asked)
    while frame := list(itertools.islice(source, BATCH)):
        yield frame
