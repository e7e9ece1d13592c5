"""Three real mongods as one replica set on loopback, whose members are killed, stopped and brought back.

Elections take about a second. With `doors`, every member is known by the port of a door (`doors.py`) that leads to it, so
that one process can be cut from all of them, although drivers find the members by the names in the set's configuration.
"""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pymongo
from pymongo.errors import AutoReconnect

from .doors import Doors
from .mongod import START_SECONDS, Mongod
from .ports import lasting_port

MEMBERS = 3
SETTINGS = {"electionTimeoutMillis": 1000, "heartbeatIntervalMillis": 200}
STEP_DOWN_SECONDS = 5


class ReplicaSet:
    """members: all of them, whether they run or not. hosts: the ports by which they are known."""

    def __init__(self, folder: Path, *, doors: Doors | None = None) -> None:
        self.members = [Mongod(folder / f"member{number}", port=lasting_port()) for number in range(MEMBERS)]
        self.doors = doors
        self._hosts = [f"127.0.0.1:{doors.open(member.port) if doors else member.port}" for member in self.members]

    @property
    def address(self) -> str:
        return f"mongodb://{','.join(self._hosts)}/?replicaSet=rs0"

    def start(self) -> None:
        """Start all members; return once they have a primary that takes writes."""
        for member in self.members:
            member.launch()
        for member in self.members:
            with _direct(member) as client:
                client.admin.command("ping")  # the driver waits until it answers; one that does not ends the vote
        configuration = {
            "_id": "rs0",
            "settings": SETTINGS,
            "members": [{"_id": number, "host": host} for number, host in enumerate(self._hosts)],
        }
        with _direct(self.members[0]) as client:
            client.admin.command("replSetInitiate", configuration)
        self.wait_primary()

    def end(self) -> None:
        for member in self.members:
            member.kill()

    # — who is primary —

    def wait_primary(self) -> Mongod:
        """Return the primary, once there is one and a majority follows it."""
        with self._client() as client:
            # The driver looks for a primary until then, and the write waits for those that follow.
            client.get_database("waiting", write_concern=pymongo.WriteConcern("majority")).writes.insert_one({})
            assert client.primary is not None
            return self._known_as(client.primary[1])

    def primary(self) -> Mongod:
        """The primary, as the driver finds it; it waits for an election that is going on."""
        with self._client() as client:
            client.admin.command("ping")
            primary = client.primary
            assert primary is not None, "the primary was lost as it was found; ask again"
            return self._known_as(primary[1])

    def secondaries(self) -> list[Mongod]:
        primary = self.primary()
        return [member for member in self.members if member is not primary and member.runs]

    def _known_as(self, port: int) -> Mongod:
        return self.members[self._hosts.index(f"127.0.0.1:{port}")]

    def _client(self) -> pymongo.MongoClient[dict[str, Any]]:
        return pymongo.MongoClient(
            self.address, serverSelectionTimeoutMS=START_SECONDS * 1000, heartbeatFrequencyMS=500
        )

    # — what is done to it —

    def kill_primary(self) -> Mongod:
        """`kill -9` the primary, and return it; the others elect another one. `restart` brings it back."""
        primary = self.primary()
        primary.kill()
        return primary

    def restart(self, member: Mongod) -> None:
        """Bring a member back. Return once it follows, or leads."""
        member.launch()
        with _direct(member) as client:
            while True:
                # It answers each change of its state at once; it is asked again after a second at the latest.
                hello = client.admin.command("hello")
                while not (hello.get("secondary") or hello.get("isWritablePrimary")):
                    assert member.runs, member.log()
                    topology = hello["topologyVersion"]
                    hello = client.admin.command("hello", topologyVersion=topology, maxAwaitTimeMS=1000)
                return

    def step_down(self) -> None:
        """Let the primary become a secondary; another member is elected."""
        with _direct(self.primary()) as client, contextlib.suppress(AutoReconnect):
            client.admin.command("replSetStepDown", STEP_DOWN_SECONDS, secondaryCatchUpPeriodSecs=STEP_DOWN_SECONDS - 1)

    @contextlib.contextmanager
    def majority_lost(self) -> Iterator[Mongod]:
        """Only what was the primary runs, and steps down over it, until the block ends; then there is a primary again."""
        primary = self.primary()
        lost = [member for member in self.members if member is not primary]
        for member in lost:
            member.kill()
        try:
            yield primary
        finally:
            for member in lost:
                self.restart(member)
            self.wait_primary()

    def heal(self) -> None:
        """Bring back whatever does not run. Return once there is a primary that a majority follows."""
        for member in self.members:
            if not member.runs:
                self.restart(member)
        self.wait_primary()


def _direct(member: Mongod) -> pymongo.MongoClient[dict[str, Any]]:
    return pymongo.MongoClient(
        "127.0.0.1", member.port, directConnection=True, serverSelectionTimeoutMS=START_SECONDS * 1000
    )


@contextlib.contextmanager
def running_replica_set(folder: Path, *, with_doors: bool = False) -> Iterator[ReplicaSet]:
    with contextlib.ExitStack() as stack:
        doors = stack.enter_context(Doors()) if with_doors else None
        replica_set = ReplicaSet(folder, doors=doors)
        stack.callback(replica_set.end)
        replica_set.start()
        yield replica_set
