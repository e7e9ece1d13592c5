"""Read a plan from standard input, be ready, begin when told, and say what came of it.

It says one line in the end: the result, or why there is none. It ends with whoever started
it, for it is started as a `child`.
"""

from __future__ import annotations

import asyncio
import contextlib
import sys
from typing import Any

import msgspec
import uvloop

from broker.bench import plans
from broker.bench.link import LinkLost
from colonies.wire import errors

from . import assigns, connections, fanout, latency, lifecycle, limits, submit
from .part import Run

PARTS: dict[type[plans.Plan], Any] = {
    plans.Lifecycle: lifecycle.ready,
    plans.Submit: submit.ready,
    plans.Latency: latency.ready,
    plans.Fanout: fanout.ready,
    plans.Connections: connections.ready,
    plans.Assigns: assigns.ready,
    plans.Limits: limits.ready,
}


async def live() -> bytes:
    plan = msgspec.json.decode(await _line(), type=plans.AnyPlan)
    try:
        async with PARTS[type(plan)](plan) as run:
            said = msgspec.json.encode(await _told_and_run(run)).decode()
    except* (LinkLost, OSError) as many:
        said = f"the connection was lost: {_first(many) or 'no answer came in time'}"
    except* errors.ColoniesError as many:
        said = f"the broker refused: {_first(many)}"
    return said.encode()


def _first(many: BaseException) -> BaseException:
    """One of those that were raised together; the others are its consequence, or the same."""
    while isinstance(many, BaseExceptionGroup):
        many = many.exceptions[0]
    return many


async def _told_and_run(run: Run) -> Any:
    print("ready", flush=True)
    return await run(float(await _line()))


async def _line() -> bytes:
    line: bytes = await asyncio.to_thread(sys.stdin.buffer.readline)
    if not line:
        raise SystemExit(0)
    return line


def main() -> None:
    with contextlib.suppress(KeyboardInterrupt):
        said = uvloop.run(live())
        sys.stdout.buffer.write(said + b"\n")
        sys.stdout.flush()
        sys.stdin.buffer.readline()  # what it used is looked at after it has said what came of it


main()
