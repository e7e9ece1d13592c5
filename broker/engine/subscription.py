"""One subscription or watch: its places on channels, and how it is told."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence

from broker.channels.hub import Channel
from colonies.wire.frames import encode_notification
from colonies.wire.model import Process, State

from .announcer import encode_event
from .push import addressed


class Subscription:
    """One place on some channels.

    can_skip   asked before a push that the next one will outdate: whether to leave it out. None: nothing is left out.
    elsewhere  bus channels on which other brokers tell what concerns it.
    look       set by whoever makes it: look whether something lies there that it should have been told of.
    """

    __slots__ = (
        "_can_skip",
        "_has_ended",
        "_last",
        "_standing",
        "_tell",
        "_timer",
        "channels",
        "elsewhere",
        "group",
        "id",
        "look",
        "owner",
        "was_told",
    )

    def __init__(
        self,
        tell: Callable[[bytes], None],
        number: int,
        *,
        owner: str,
        channels: Sequence[Channel],
        group: Channel | None,
        elsewhere: Sequence[str] = (),
        can_skip: Callable[[], bool] | None = None,
    ) -> None:
        self.id = number
        self.owner = owner
        self.channels = channels
        self.group = group
        self.elsewhere = elsewhere
        self.look: Callable[[], Awaitable[None]] | None = None
        self.was_told = False
        self._tell = tell
        self._can_skip = can_skip
        self._standing: frozenset[bytes] = frozenset()
        self._last = b""
        self._has_ended = False
        self._timer: asyncio.TimerHandle | None = None

    def push(self, push: bytes) -> None:
        """Push what was encoded by `encode_push`."""
        if self._has_ended or (self._can_skip and self._can_skip()):
            return
        if push in self._standing:
            self._standing = frozenset()  # it came to be so once more only if it is announced again
            return
        self.was_told = True
        self._last = push
        self._tell(addressed(push, self.id))

    def push_standing(self, process: Process | None, *, states: Sequence[State], event: str) -> None:
        """Push what was found lying there, unless the subscription was told of something meanwhile.

        A store may show a process a moment before the change that made it so is announced; that
        announcement is then this event a second time, and is left out.
        """
        if process is None or process.state not in states or self.was_told:
            return
        self.push(encode_event(event, process))
        self._standing = frozenset(encode_event(name, process) for name in {event, "submitted", "requeued"})

    def push_missed(self, process: Process | None, *, states: Sequence[State], event: str) -> None:
        """Push what was found lying there when changes may have been missed, unless it was the last to be told."""
        if process is not None and process.state in states:
            push = encode_event(event, process)
            if push != self._last:
                self.push(push)

    def end(self, reason: str) -> None:
        self.stop_timer()
        self._has_ended = True
        self._tell(encode_notification("ended", {"subscription": self.id, "reason": reason}))

    def end_after(self, seconds: float, ending: Callable[[], None]) -> None:
        self._timer = asyncio.get_running_loop().call_later(seconds, ending)

    def stop_timer(self) -> None:
        if self._timer:
            self._timer.cancel()
