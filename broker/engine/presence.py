"""Which keys have a live connection here, and since when executors among the others have not.

Anybody can make keys, so a connection may sign with so many and no more, and of whoever was
no executor nothing is left once its connection has ended.
"""

from __future__ import annotations

from broker.channels.hub import Hub
from colonies.wire import errors

from .announcer import of_identity
from .connection import Connection
from .lately import Lately


class Presence:
    def __init__(self, hub: Hub, *, max_per_identity: int, max_keys: int) -> None:
        """max_per_identity: connections of one key. max_keys: keys of one connection."""
        self._hub = hub
        self._max = max_per_identity
        self._max_keys = max_keys
        self._connections: dict[str, set[Connection]] = {}
        self._executors: set[str] = set()  # of those keys, who was known as one when it asked something
        self._left = Lately()

    def arrive(self, identity: str, connection: Connection) -> None:
        """A key has signed on a connection for the first time. Overloaded when either has too many of the other."""
        if len(connection.identities) >= self._max_keys:
            raise errors.Overloaded(
                f"{self._max_keys} keys have signed on this connection, and no more may; open another for the others"
            )
        there = self._connections.setdefault(identity, set())
        if len(there) >= self._max:
            raise errors.Overloaded(f"the key {identity[:8]}… has {self._max} connections here already; close some")
        there.add(connection)
        connection.identities.add(identity)
        self._hub.listen(of_identity(identity), connection.tell)

    def saw(self, identity: str) -> None:
        """An executor asked something on one of its connections."""
        self._executors.add(identity)

    def leave(self, connection: Connection, now: int) -> list[str]:
        """The connection is gone. Returns the executors that have none any more."""
        gone = []
        for identity in connection.identities:
            self._hub.leave(of_identity(identity), connection.tell)
            there = self._connections[identity]
            there.discard(connection)
            if not there:
                del self._connections[identity]
                if identity in self._executors:
                    self._executors.discard(identity)
                    self._left.note(identity, now)
                    gone.append(identity)
        return gone

    def left_at(self, identity: str) -> int:
        """When its last connection here ended (ms), which the store may learn a moment later; 0: unknown."""
        return self._left.last(identity)

    def is_online(self, identity: str) -> bool:
        return identity in self._connections

    def all_connections(self) -> set[Connection]:
        """Every connection on which a key has signed."""
        return {connection for there in self._connections.values() for connection in there}

    def connections(self, identity: str) -> set[Connection]:
        return self._connections.get(identity, set())
