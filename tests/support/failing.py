"""Processes that have ended, made quickly: many a frame."""

from __future__ import annotations

import asyncio
from typing import Any

from .colony import ColonyKeys, spec
from .peer import Peer

FRAME = 100


async def submit_many(link: Peer, keys: ColonyKeys, number: int, **fields: Any) -> list[str]:
    """Submit that many processes, each with its number as its argument. Returns their ids, oldest first."""
    ids: list[str] = []
    for start in range(0, number, FRAME):
        each = range(start, min(start + FRAME, number))
        requests = [("process.submit", {"spec": spec(args=[argument], **fields)}) for argument in each]
        answers = await asyncio.gather(*await link.batch(keys.operator, *requests))
        ids += [process["processid"] for process in answers]
    return ids


async def end_many(link: Peer, keys: ColonyKeys, number: int, **how: Any) -> list[str]:
    """Assign and close that many of what waits, as failed unless `how` says otherwise. Returns their ids."""
    ids: list[str] = []
    for start in range(0, number, FRAME):
        size = min(FRAME, number - start)
        assigned = await asyncio.gather(*await link.batch(keys.executor, *[("process.assign", {"timeout": 10})] * size))
        closes = [
            ("process.close", {"processid": process["processid"], "successful": False, **how}) for process in assigned
        ]
        await asyncio.gather(*await link.batch(keys.executor, *closes))
        ids += [process["processid"] for process in assigned]
    return ids


async def fail_many(link: Peer, keys: ColonyKeys, number: int, **fields: Any) -> list[str]:
    """Submit that many processes and have them fail. Returns their ids, oldest first."""
    ids = await submit_many(link, keys, number, **fields)
    await end_many(link, keys, number, errors=["no"])
    return ids


async def ids_in(link: Peer, keys: ColonyKeys, **wanted: Any) -> list[str]:
    """The ids of everything that matches, oldest first."""
    ids: list[str] = []
    cursor = ""
    while True:
        page = await link.call(keys.viewer, "process.list", newest=False, limit=500, cursor=cursor, **wanted)
        ids += [process["processid"] for process in page["processes"]]
        cursor = page["cursor"]
        if not cursor:
            return ids
