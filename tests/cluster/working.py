"""The hands of an executor: it takes, and closes as it should; or late, or twice, or not at all."""

from __future__ import annotations

import asyncio
import contextlib
import itertools
import random
from typing import Any

from colonies import AsyncColonies, Process, errors

from .history import Recorder, facts

ASSIGN_SECONDS = 15.0  # longer than anybody in line may be passed over
PAUSE_SECONDS = 0.3
SLOW_SECONDS = (1.2, 2.8)  # around the limit of what runs
FAILED, NEVER, TWICE, BACK = 0.03, 0.01, 0.05, 0.01


class Hands:
    def __init__(
        self, client: AsyncColonies, recorder: Recorder, who: str, executorid: str, dice: random.Random
    ) -> None:
        self._client = client
        self._recorder = recorder
        self._who = who
        self._executorid = executorid
        self._dice = dice
        self._outs = itertools.count()

    async def work(self) -> None:
        """Take and close for ever."""
        async with asyncio.TaskGroup() as later:
            while True:
                process = await self._take()
                if process is not None:
                    await self._treat(process, later)

    async def _take(self) -> Process | None:
        ask = self._recorder.asked(self._who, "assign", executorid=self._executorid)
        try:
            process = await self._client.assign(ASSIGN_SECONDS)
        except errors.ColoniesError as error:
            await self._refused(ask, error)
            return None
        self._recorder.note(self._who, "assigned", ask=ask, **facts(process))
        return process

    async def _refused(self, ask: int, error: errors.ColoniesError) -> None:
        """Whether it may be refused is for the checker to say."""
        self._recorder.note(self._who, "refused", ask=ask, error=error.code)
        if not isinstance(error, errors.NothingToAssign):
            await asyncio.sleep(self._dice.uniform(0, PAUSE_SECONDS))

    async def _treat(self, process: Process, later: asyncio.TaskGroup) -> None:
        if process.spec.conditions.executorids:  # a call, for which all are waiting
            await self._close(process, successful=True)
            return
        if process.spec.func == "slow":
            later.create_task(self._close_slowly(process))
            return
        chance = self._dice.random()
        for share, treat in (
            (NEVER, None),
            (BACK, self._hand_back),
            (TWICE, self._close_twice),
        ):
            if chance < share:
                if treat:
                    later.create_task(treat(process))
                return
            chance -= share
        await self._close(process)

    async def _close(self, process: Process, *, successful: bool | None = None) -> None:
        if successful is None:
            successful = self._dice.random() >= FAILED
        out = f"{self._who}-{next(self._outs)}"
        how: dict[str, Any] = {"processid": process.processid, "attempt": process.attempt, "out": out}
        ask = self._recorder.asked(self._who, "close", executorid=self._executorid, state=2 if successful else 3, **how)
        try:
            closed = await self._client.close_process(process, successful=successful, out=[out])
        except (errors.DeadlinePassed, errors.NotAssignedToYou, errors.WrongState) as error:
            self._recorder.note(self._who, "refused", ask=ask, error=error.code)
        except errors.ColoniesError as error:
            await self._refused(ask, error)
        else:
            self._recorder.note(self._who, "closed", ask=ask, **facts(closed))

    async def _close_slowly(self, process: Process) -> None:
        await asyncio.sleep(self._dice.uniform(*SLOW_SECONDS))
        await self._close(process)

    async def _close_twice(self, process: Process) -> None:
        """With another result each time: the first that was done stays."""
        await asyncio.gather(self._close(process), self._close(process))

    async def _hand_back(self, process: Process) -> None:
        with contextlib.suppress(errors.ColoniesError):  # it goes back after its time, or has gone already
            await self._client.hand_back(process)
