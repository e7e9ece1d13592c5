"""`python -m bench.cluster.client`: reads a plan, says `ready`, reads when to begin, and says what came of it."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Iterator
from contextlib import AbstractAsyncContextManager

import msgspec
import uvloop

from . import crowd, paced, streams
from .parts import Part
from .plans import Crowd, Lamp, Paced, Plan, Streams, Waiter


def part_of(plan: Plan) -> AbstractAsyncContextManager[Part]:
    match plan:
        case Paced():
            return paced.submitting(plan)
        case Lamp():
            return paced.lamp(plan)
        case Waiter():
            return paced.waiting(plan)
        case Crowd():
            return crowd.living(plan)
        case Streams():
            return streams.following(plan)
    raise TypeError(f"there is no client for the plan {type(plan).__name__}")


def reasons(error: BaseException) -> Iterator[str]:
    """What went wrong, each in a line, without the groups of tasks that it went wrong in."""
    if isinstance(error, BaseExceptionGroup):
        for one in error.exceptions:
            yield from reasons(one)
    else:
        yield f"{type(error).__name__}: {error}"


async def main() -> None:
    plan = msgspec.json.decode(sys.stdin.readline(), type=Paced | Lamp | Waiter | Crowd | Streams)
    async with part_of(plan) as part:
        print("ready", flush=True)
        if moment := await asyncio.to_thread(sys.stdin.readline):
            try:
                result = await part(float(moment))
            except Exception as error:
                raise SystemExit("\n".join(dict.fromkeys(reasons(error)))) from error
            print(msgspec.json.encode(result).decode(), flush=True)


if __name__ == "__main__":
    uvloop.run(main())
