"""Brokers as processes on a database of their own in the replica set, with a colony; and what all of that costs."""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from urllib.request import urlopen

import pymongo
from prometheus_client.parser import text_string_to_metric_families

from bench.dashboard.machine import cpu_seconds
from colonies import Identity
from tests.conftest import database
from tests.support.broker import Broker
from tests.support.colony import ColonyKeys, add_executor, make_colony
from tests.support.peer import peer
from tests.support.replica_set import ReplicaSet

from .crowd import KIND


@dataclass(frozen=True)
class Stage:
    brokers: list[Broker]
    keys: ColonyKeys
    replica_set: ReplicaSet

    @property
    def addresses(self) -> list[str]:
        return [broker.address for broker in self.brokers]

    async def executor(self, kind: str) -> Identity:
        """One more member that works."""
        async with peer(self.brokers[0].address) as link:
            return await add_executor(link, self.keys, kind, kind)


@contextlib.asynccontextmanager
async def set_up(replica_set: ReplicaSet, folder: Path, *, brokers: int, workers: int) -> AsyncIterator[Stage]:
    """Brokers that have nothing but a colony with these workers; what they stored goes with them."""
    owner, store = Identity.generate(), database(replica_set.address)
    started = [Broker(store, folder, owner=owner) for _ in range(brokers)]
    try:
        await asyncio.gather(*(asyncio.to_thread(broker.start) for broker in started))
        async with peer(started[0].address) as link:
            keys = await make_colony(link, owner, executors=workers, executortype=KIND)
        yield Stage(started, keys, replica_set)
    finally:
        for broker in started:
            broker.kill()
        with pymongo.MongoClient[dict[str, object]](store) as client:
            client.drop_database(client.get_default_database())


@dataclass(frozen=True)
class Used:
    """Processor seconds of each broker, of each mongod and of the load; and what brokers counted.

    primary: which of the mongods it was.
    """

    moment: float
    primary: int
    brokers: list[float]
    mongods: list[float]
    load: float
    counted: list[Mapping[str, float]]


async def used(stage: Stage, load: Sequence[int]) -> Used:
    """Everything so far. load: the processes of the load."""
    primary = stage.replica_set.primary()
    mongods = stage.replica_set.members
    moment = time.monotonic()
    return Used(
        moment,
        mongods.index(primary),
        [cpu_seconds(broker.pid) for broker in stage.brokers],
        [cpu_seconds(mongod.pid) for mongod in mongods],
        sum(cpu_seconds(pid) for pid in load),
        await asyncio.gather(*(asyncio.to_thread(_counted, address) for address in stage.addresses)),
    )


def _counted(address: str) -> dict[str, float]:
    """What `/metrics` of a broker counts, by name, with its first label where it has one."""
    with urlopen(f"{address}/metrics") as answer:
        families = text_string_to_metric_families(answer.read().decode())
    return {
        " ".join((sample.name, *list(sample.labels.values())[:1])): sample.value
        for family in families
        for sample in family.samples
    }
