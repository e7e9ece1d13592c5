"""A look at every process that there is."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

from colonies import AsyncColonies, Process, State, errors

from .history import Recorder, whole

PAUSE_SECONDS = 0.5
PAGE = 500


class Looker:
    def __init__(self, client: AsyncColonies, recorder: Recorder, crew: str) -> None:
        self._client = client
        self._recorder = recorder
        self._who = f"{crew}:looker"

    async def look(self) -> None:
        """Write down every process, from the first to the last; once more from the start when a page does not come."""
        while True:
            ask = self._recorder.asked(self._who, "look")
            try:
                async for process in self._all():
                    self._recorder.note(self._who, "seen", ask=ask, **whole(process))
            except errors.ColoniesError:
                await asyncio.sleep(PAUSE_SECONDS)
                continue
            self._recorder.note(self._who, "looked", ask=ask)
            return

    def _all(self) -> AsyncIterator[Process]:
        return self._client.iter_processes(newest=False, limit=PAGE)

    async def wait_all_over(self) -> None:
        """Return once nothing waits and nothing runs."""
        while True:
            try:
                left = [
                    await self._client.get_processes(state=state, limit=1) for state in (State.WAITING, State.RUNNING)
                ]
                if not any(page.processes for page in left):
                    return
                async with asyncio.timeout(5):  # an end that was not told of is found by looking
                    await self._client.watch(left[0].processes[0].processid).next_event()
            except (errors.ColoniesError, TimeoutError, IndexError):
                await asyncio.sleep(PAUSE_SECONDS)
