"""Channels and who listens to them.

Publishing hands the same bytes to every listener of a channel; waking hands them to one
member of a queue group, in turn. A listener never makes the publisher wait: it takes the
bytes or has lost its place. A channel is there exactly as long as somebody listens, so an
unheard message costs one lookup. Knows bytes and callables.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Hashable, Iterable

Channel = Hashable
Listener = Callable[[bytes], None]


class Hub:
    def __init__(self) -> None:
        self._listeners: dict[Channel, dict[Listener, None]] = {}
        self._groups: dict[Channel, dict[Listener, None]] = {}

    def listen(self, channel: Channel, listener: Listener) -> None:
        self._listeners.setdefault(channel, {})[listener] = None

    def join(self, channel: Channel, listener: Listener) -> None:
        """Become a member of the channel's queue group: woken in turn instead of told everything."""
        self._groups.setdefault(channel, {})[listener] = None

    def leave(self, channel: Channel, listener: Listener) -> None:
        """Stop listening, or being a member. Harmless when it was neither."""
        for table in (self._listeners, self._groups):
            there = table.get(channel)
            if there is not None:
                there.pop(listener, None)
                if not there:
                    del table[channel]

    def is_heard(self, channels: Collection[Channel]) -> bool:
        """Whether anybody listens to one of these: whether encoding a message is worth it."""
        return not (self._listeners.keys().isdisjoint(channels) and self._groups.keys().isdisjoint(channels))

    def publish(self, channels: Iterable[Channel], message: bytes) -> int:
        """Hand the message to every listener of these channels, once to each. Returns to how many."""
        told: dict[Listener, None] = {}
        for channel in channels:
            told.update(self._listeners.get(channel, {}))
        for listener in told:
            listener(message)
        return len(told)

    def wake(self, channel: Channel, message: bytes, passed_over: Iterable[Listener] = ()) -> Listener | None:
        """Hand the message to the next member of the group that is not passed over, and move it to the back.

        Returns the member, or None when the group has no other.
        """
        members = self._groups.get(channel, {})
        skip = set(passed_over)
        member = next((member for member in members if member not in skip), None)
        if member is not None:
            del members[member]
            members[member] = None
            member(message)
        return member

    def groups(self) -> list[Channel]:
        """The channels that have a queue group."""
        return list(self._groups)

    def counted(self) -> int:
        """How many places are held by listeners and members, for telemetry."""
        return sum(map(len, self._listeners.values())) + sum(map(len, self._groups.values()))
