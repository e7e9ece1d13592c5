"""One subscription or watch: its places on channels, and how it is told."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence

from broker.channels.hub import Channel
from colonies.wire.frames import encode_notification
from colonies.wire.model import Process, State

from .announcer import address_event, encode_event


class Subscription:
    """One place on some channels. `told` counts what was pushed."""

    __slots__ = ("_tell", "_timer", "channels", "group", "id", "owner", "told")

    def __init__(
        self,
        tell: Callable[[bytes], None],
        number: int,
        *,
        owner: str,
        channels: Sequence[Channel],
        group: Channel | None,
    ) -> None:
        self.id = number
        self.owner = owner
        self.channels = channels
        self.group = group
        self.told = 0
        self._tell = tell
        self._timer: asyncio.TimerHandle | None = None

    def push(self, tail: bytes) -> None:
        """Push an event that was encoded by `encode_event`."""
        self.told += 1
        self._tell(address_event(self.id, tail))

    def end(self, reason: str) -> None:
        self.stop_timer()
        self._tell(encode_notification("ended", {"subscription": self.id, "reason": reason}))

    def end_after(self, seconds: float, ending: Callable[[], None]) -> None:
        self._timer = asyncio.get_running_loop().call_later(seconds, ending)

    def stop_timer(self) -> None:
        if self._timer:
            self._timer.cancel()


def push_standing(subscription: Subscription, process: Process | None, *, states: Sequence[State], event: str) -> None:
    """Push what was found lying there, unless the subscription was told of something meanwhile."""
    if process is not None and process.state in states and not subscription.told:
        subscription.push(encode_event(event, process))
