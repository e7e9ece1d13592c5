"""What is broken, when, and for how long: scripts of faults, drawn from a seed, that leave everything healed."""

from __future__ import annotations

import random
import time
from collections.abc import Callable, Mapping

from .cluster import Cluster

PRIMARY_SECONDS = 10.0


class Faults:
    """One after the other until the time is up; what is broken last is mended, too."""

    def __init__(self, cluster: Cluster, dice: random.Random, seconds: float) -> None:
        self._cluster = cluster
        self._dice = dice
        self._until = time.monotonic() + seconds
        self.primary_seconds = min(PRIMARY_SECONDS, seconds / 4)

    def go_on(self) -> bool:
        return time.monotonic() < self._until

    def hold(self, least: float, most: float) -> None:
        """Let the clients go on as it is."""
        time.sleep(self._dice.uniform(least, most))

    def kill_broker(self) -> None:
        """`kill -9` one and start it again a while later."""
        broker = self._cluster.brokers[self._dice.choice(list(self._cluster.brokers))]
        broker.kill()
        self._cluster.count("brokers")
        self.hold(0, 2)
        broker.start()

    def kill_primary(self) -> None:
        replica_set, notes = self._cluster.replica_set, self._cluster.notes
        notes.note("primary", "fault")
        killed = replica_set.kill_primary()
        self._cluster.count("primaries")
        replica_set.wait_primary()
        notes.note("primary", "healed")
        self.hold(0, 1)
        replica_set.restart(killed)

    def step_down(self) -> None:
        notes = self._cluster.notes
        notes.note("primary", "fault")
        self._cluster.replica_set.step_down()
        self._cluster.count("steps down")
        self._cluster.replica_set.wait_primary()
        notes.note("primary", "healed")

    def cut(self) -> None:
        """Cut one broker from the database, but not from its clients."""
        doors = self._cluster.replica_set.doors
        assert doors, "this replica set has no doors"
        name = self._dice.choice(list(self._cluster.brokers))
        pid = self._cluster.brokers[name].pid
        self._cluster.notes.note(f"way of {name}", "fault", broker=name)
        doors.cut(pid)
        self._cluster.count("cuts")
        self.hold(1, 6)
        doors.heal(pid)
        self._cluster.notes.note(f"way of {name}", "healed", broker=name)

    def kill_workers(self) -> None:
        self._cluster.kill_workers(self._dice.randrange(2))


def brokers(faults: Faults) -> None:
    while faults.go_on():
        faults.hold(0.5, 2)
        faults.kill_broker()


def primary(faults: Faults) -> None:
    while faults.go_on():
        began = time.monotonic()
        faults.kill_primary()
        faults.hold(0, max(0.0, faults.primary_seconds - (time.monotonic() - began)) * 2)


def cut(faults: Faults) -> None:
    while faults.go_on():
        faults.cut()
        faults.hold(0.5, 3)


def everything(faults: Faults) -> None:
    """Also clients that are killed."""
    kinds = (
        faults.kill_broker,
        faults.kill_broker,
        faults.kill_primary,
        faults.step_down,
        faults.cut,
        faults.kill_workers,
    )
    while faults.go_on():
        faults.hold(0.5, 2)
        faults._dice.choice(kinds)()


# Those that cut need doors.
SCENARIOS: Mapping[str, Callable[[Faults], None]] = {
    "brokers": brokers,
    "primary": primary,
    "cut": cut,
    "everything": everything,
}
WITH_DOORS = ("cut", "everything")
