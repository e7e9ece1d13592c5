"""A subscriber that writes down when it is subscribed and what it is told."""

from __future__ import annotations

import asyncio
from collections.abc import Collection

from colonies import AsyncColonies, errors
from colonies.subscription import Event as Told

from .history import Recorder, facts

EXECUTORTYPE = "cli"
PAUSE_SECONDS = 0.2
# A subscription that lasts and that a broker could not make again is asked for again within so long.
MADE_AGAIN_SECONDS = 2.0


class Ears:
    """lasts: by a subscription that the SDK makes again by itself; when it stands is known by another one beside it."""

    def __init__(
        self,
        client: AsyncColonies,
        recorder: Recorder,
        who: str,
        *,
        state: int,
        broker: str = "",
        executorid: str = "",
        lasts: bool = False,
    ) -> None:
        self.who = who
        self._client = client
        self._recorder = recorder
        self._state = state
        self._about = {"state": state, "broker": broker, "executorid": executorid}
        self._lasts = lasts
        self._ask = 0
        self._heard: set[str] = set()
        self._changed = asyncio.Event()
        self._is_listening = asyncio.Event()

    async def listen(self) -> None:
        """Listen for ever, on one connection after the other."""
        async with asyncio.TaskGroup() as tasks:
            if self._lasts:
                tasks.create_task(self._hear_all())
            while True:
                try:
                    await self._listen_once()
                except errors.ColoniesError:
                    await asyncio.sleep(PAUSE_SECONDS)

    async def _listen_once(self) -> None:
        async with self._client.subscribe_until_lost(EXECUTORTYPE, 0, self._state, None) as made:
            if self._lasts:
                await asyncio.sleep(MADE_AGAIN_SECONDS)
            self._ask = self._recorder.asked(self.who, "listening", **self._about)
            self._is_listening.set()
            try:
                while True:
                    told = await made.next_event()
                    if not self._lasts:
                        self._note(told)
            finally:
                self._is_listening.clear()
                self._recorder.note(self.who, "deaf", ask=self._ask)
                self._ask = self._recorder.number()  # what another broker tells may be what this one told

    async def _hear_all(self) -> None:
        async for told in self._client.subscribe(EXECUTORTYPE, state=self._state).events():
            self._note(told)

    def _note(self, told: Told) -> None:
        self._recorder.note(self.who, "heard", ask=self._ask, event=told.event, **facts(told.process))
        self._heard.add(told.process.processid)
        self._changed.set()

    @property
    def heard(self) -> int:
        """Of how many processes it was told; it grows for as long as anything new is done."""
        return len(self._heard)

    async def wait_listening(self) -> None:
        await self._is_listening.wait()

    async def wait_heard(self, processids: Collection[str]) -> None:
        """Return once it was told of all these."""
        while missing := set(processids) - self._heard:
            self._changed.clear()
            print(f"{self.who} has not heard of {len(missing)} yet", flush=True)
            await self._changed.wait()
