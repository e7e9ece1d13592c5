"""Activity: what is gathered for a push, what is left out, and that it fits a frame."""

from __future__ import annotations

import asyncio
from typing import Any

from msgspec.structs import replace

from broker.channels.hub import Hub
from broker.engine.activity import MAX_PUSHED, Activities, in_brief, of_activity
from broker.engine.push import addressed
from broker.telemetry import Telemetry
from colonies.wire.frames import MAX_FRAME_BYTES, decode_messages
from colonies.wire.model import Attempt, Conditions, Process, ProcessSpec, State
from tests.support.clock import HeldClock

PROCESS = Process(
    processid="process-1",
    colonyid="c",
    submitterid="s",
    spec=ProcessSpec(conditions=Conditions(executortype="cli"), func="f"),
    submissiontime=1,
)


class Heard:
    def __init__(self) -> None:
        hub = Hub()
        self.activities = Activities(hub, HeldClock(), Telemetry())
        self._pushed: asyncio.Queue[bytes] = asyncio.Queue()
        hub.listen(of_activity("c"), self._pushed.put_nowait)

    async def push(self) -> bytes:
        """The next push, whole."""
        running = asyncio.create_task(self.activities.run())
        try:
            return addressed(await asyncio.wait_for(self._pushed.get(), 20), 7)
        finally:
            running.cancel()

    async def params(self) -> dict[str, Any]:
        (message,) = decode_messages(await self.push())
        params: dict[str, Any] = message.params  # type: ignore[union-attr]
        return params


async def test_of_too_many_the_newest_are_told_and_the_others_counted() -> None:
    heard = Heard()
    for number in range(MAX_PUSHED + 30):
        heard.activities.hear(replace(PROCESS, attempt=number), "assigned")
    params = await heard.params()
    assert (params["subscription"], params["missed"]) == (7, 30)
    assert [event["attempt"] for event in params["events"]] == list(range(30, MAX_PUSHED + 30))


async def test_what_nobody_listens_to_is_not_gathered() -> None:
    heard = Heard()
    heard.activities.hear(replace(PROCESS, colonyid="other"), "submitted")
    heard.activities.hear(PROCESS, "submitted")
    assert len((await heard.params())["events"]) == 1
    assert heard.activities.gathered() == 0


async def test_the_largest_push_fits_a_frame() -> None:
    widest = "\U0001f4a1"  # four bytes of UTF-8, as many as a letter can have
    spec = ProcessSpec(conditions=Conditions(executortype=widest * 256), func=widest * 256, label=widest * 1024)
    large = replace(
        PROCESS,
        processid="p" * 64,
        spec=spec,
        state=State.FAILED,
        assigneeid="e" * 64,
        errors=[widest * 10_000],
        attempt=1 << 40,
    )
    heard = Heard()
    for _ in range(MAX_PUSHED):
        heard.activities.hear(large, "successful")
    assert len(await heard.push()) < MAX_FRAME_BYTES


def test_what_went_back_to_the_queue_says_who_had_it() -> None:
    back = replace(PROCESS, attempt=1, history=[Attempt(attempt=1, executorid="e", start=1, end=2, ended="overrun")])
    assert in_brief(back, "requeued", 5).executorid == "e"
    assert in_brief(replace(back, state=State.CANCELLED), "cancelled", 5).executorid == ""
