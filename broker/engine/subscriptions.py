"""Subscriptions and watches: who on which connection is told of what, and until when.

A subscription listens from the moment it is made, and only then is the store asked whether
something lies there already, so that there is no gap between looking and listening. The
reply that names it is in the outbox before anything that it pushes.
"""

from __future__ import annotations

import asyncio
import itertools
from collections.abc import Iterable, Sequence

from broker.channels.bus import Bus
from broker.channels.hub import Channel, Hub
from broker.store.others import Told
from broker.telemetry import Telemetry
from colonies.wire import errors

from .connection import Connection
from .subscription import Subscription

LOOKS_AT_ONCE = 32


class Subscriptions:
    def __init__(self, hub: Hub, bus: Bus[Told], telemetry: Telemetry, *, max_per_connection: int) -> None:
        self._hub = hub
        self._bus = bus
        self._telemetry = telemetry
        self._max = max_per_connection

    async def add(
        self,
        connection: Connection,
        *,
        owner: str,
        channels: Sequence[Channel],
        elsewhere: Sequence[str] = (),
        group: Channel | None = None,
        timeout: float = 0,
        only_newest: bool = False,
    ) -> Subscription:
        """Listen on these channels, and be a member of the queue group where there is one.

        elsewhere    bus channels: it begins when what other brokers publish there is read.
        timeout      seconds until it ends with a message; 0: not before the connection does.
        only_newest  each push outdates the one before, so a connection that is behind is spared them.
        Raises Overloaded when the connection has too many already.
        """
        self._refuse_too_many(connection)
        self._bus.hold(elsewhere)
        try:
            await self._bus.covered(elsewhere)
            self._refuse_too_many(connection)
        except BaseException:
            self._bus.release(elsewhere)
            raise
        connection.last_subscription += 1
        made = Subscription(
            connection.tell,
            connection.last_subscription,
            owner=owner,
            channels=channels,
            group=group,
            elsewhere=elsewhere,
            can_skip=connection.is_behind if only_newest else None,
        )
        connection.subscriptions[made.id] = made
        for channel in channels:
            self._hub.listen(channel, made.push)
        if group is not None:
            self._hub.join(group, made.push)
        if timeout > 0:
            made.end_after(timeout, lambda: self.end(connection, made, "timeout"))
        self._telemetry.subscriptions.inc()
        return made

    def _refuse_too_many(self, connection: Connection) -> None:
        if len(connection.subscriptions) >= self._max:
            raise errors.Overloaded(
                f"this connection has {self._max} subscriptions already; cancel some, or use another"
            )

    def cancel(self, connection: Connection, number: int, *, owner: str) -> None:
        """End one of the caller's own. NotFound when it has none of that number on this connection."""
        found = connection.subscriptions.get(number)
        if found is None or found.owner != owner:
            raise errors.NotFound(f"you have no subscription {number} on this connection; it may have ended")
        self.end(connection, found, "cancelled")

    def end(self, connection: Connection, subscription: Subscription, reason: str) -> None:
        """Say that it ended, and end it."""
        self._forget(connection, subscription)
        subscription.end(reason)

    def end_all(self, connection: Connection, reason: str) -> None:
        for subscription in list(connection.subscriptions.values()):
            self.end(connection, subscription, reason)

    def end_of(self, connection: Connection, owner: str) -> None:
        """End what a member had who may listen no longer."""
        for subscription in list(connection.subscriptions.values()):
            if subscription.owner == owner:
                self.end(connection, subscription, "cancelled")

    async def look_again(self, connections: Iterable[Connection]) -> None:
        """Changes may have been missed: have each look whether something lies there that it was not told of.

        Raises Unavailable; then some have not looked.
        """
        looks = iter([one.look for connection in connections for one in connection.subscriptions.values() if one.look])
        while some := list(itertools.islice(looks, LOOKS_AT_ONCE)):
            await asyncio.gather(*(look() for look in some))

    def forget_all(self, connection: Connection) -> None:
        """The connection is gone: stop listening, without a word."""
        for subscription in list(connection.subscriptions.values()):
            subscription.stop_timer()
            self._forget(connection, subscription)

    def drop(self, connection: Connection, subscription: Subscription) -> None:
        """End one of which nobody has been told."""
        subscription.stop_timer()
        self._forget(connection, subscription)

    def _forget(self, connection: Connection, subscription: Subscription) -> None:
        if connection.subscriptions.pop(subscription.id, None) is None:
            return
        self._bus.release(subscription.elsewhere)
        for channel in subscription.channels:
            self._hub.leave(channel, subscription.push)
        if subscription.group is not None:
            self._hub.leave(subscription.group, subscription.push)
        self._telemetry.subscriptions.dec()
