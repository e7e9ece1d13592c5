"""A submitter at an even rate, that asks again under the same id until it is told; some of what it submits it watches or
cancels."""

from __future__ import annotations

import asyncio
import random
import secrets
from typing import Any

from colonies import AsyncColonies, errors

from .history import Recorder, facts

EXECUTORTYPE = "cli"
RUN_SECONDS = 2.0  # what is left in the hands of nobody comes back after so long
PAUSE_SECONDS = 0.3
MOST_UNANSWERED = 500
WATCHED, CANCELLED = 0.02, 0.02
SLOW = 0.03  # whoever holds one of these closes it about when its time is up, and somebody else may hold it then


class Submitter:
    def __init__(
        self, client: AsyncColonies, recorder: Recorder, who: str, dice: random.Random, *, rate: float
    ) -> None:
        self._client = client
        self._recorder = recorder
        self._who = who
        self._dice = dice
        self._rate = rate
        self._stopping = asyncio.Event()
        self._stopped = asyncio.Event()

    async def submit_all(self) -> None:
        """Submit until it is stopped; then return when all are acknowledged, and what is watched is over."""
        room = asyncio.Semaphore(MOST_UNANSWERED)
        loop = asyncio.get_running_loop()
        async with asyncio.TaskGroup() as tasks:
            due = loop.time()
            while not await self._stops_before(due):
                due = max(due + 1 / self._rate, loop.time() - 1)  # whoever was held up does not make up for all of it
                await room.acquire()
                tasks.create_task(self._one()).add_done_callback(lambda _: room.release())
        self._stopped.set()

    async def _stops_before(self, due: float) -> bool:
        try:
            async with asyncio.timeout_at(due):
                await self._stopping.wait()
        except TimeoutError:
            return False
        return True

    async def stop(self) -> None:
        self._stopping.set()
        await self._stopped.wait()

    async def call(self, executorid: str) -> str:
        """Submit something for this executor alone. Return its id when it is done."""
        processid = secrets.token_hex(8)
        await self._submit(processid, executorid)
        await self._watch(processid)
        return processid

    async def _one(self) -> None:
        processid = secrets.token_hex(8)
        chance = self._dice.random()
        await self._submit(processid)
        if chance < WATCHED:
            await self._watch(processid)
        elif chance < WATCHED + CANCELLED:
            await self._cancel(processid)

    async def _submit(self, processid: str, executorid: str = "") -> None:
        conditions: dict[str, Any] = {"executortype": EXECUTORTYPE}
        if executorid:
            conditions["executorids"] = [executorid]
        func = "slow" if not executorid and self._dice.random() < SLOW else "run"
        spec = {"conditions": conditions, "func": func, "maxexectime": RUN_SECONDS, "maxretries": -1}
        while True:
            ask = self._recorder.asked(self._who, "submit", processid=processid, executorid=executorid)
            try:
                process = await self._client.submit(spec, processid=processid)
            except errors.ColoniesError as error:
                if not await self._may_ask_again(ask, error):
                    return
            else:
                self._recorder.note(self._who, "submitted", ask=ask, **facts(process))
                return

    async def _may_ask_again(self, ask: int, error: errors.ColoniesError) -> bool:
        """What a repeat may mend is repeated after a while; whether the rest may be is for the checker to say."""
        self._recorder.note(self._who, "refused", ask=ask, error=error.code)
        if error.retry:
            await asyncio.sleep(self._dice.uniform(0, PAUSE_SECONDS))
        return error.retry

    async def _watch(self, processid: str) -> None:
        """Return when it is over. One that is told of nothing more never returns, and so the whole run does not end."""
        while True:
            ask = self._recorder.asked(self._who, "watch", processid=processid)
            try:
                event = await self._client.watch(processid).next_event()
            except errors.ColoniesError as error:
                if not await self._may_ask_again(ask, error):
                    return
            else:
                self._recorder.note(self._who, "heard", ask=ask, event=event.event, **facts(event.process))
                return

    async def _cancel(self, processid: str) -> None:
        while True:
            ask = self._recorder.asked(self._who, "cancel", processid=processid)
            try:
                process = await self._client.cancel(processid)
            except errors.ColoniesError as error:
                if not await self._may_ask_again(ask, error):
                    return
            else:
                self._recorder.note(self._who, "cancelled", ask=ask, **facts(process))
                return
