"""A store on MongoDB, and what MongoDB did for it, as its own profiler tells."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from typing import Any, TypeAlias

import pymongo

from broker.store.mongo import MongoStore
from tests.support.builders import HeldColony, granted

BACKLOG = 600

Profile: TypeAlias = list[dict[str, Any]]


class Watched:
    """A store, and what MongoDB did for it."""

    def __init__(self, address: str) -> None:
        self.store = MongoStore(address)
        self._client: pymongo.MongoClient[dict[str, Any]] = pymongo.MongoClient(address)
        self._database = self._client.get_default_database()

    def close(self) -> None:
        self._client.close()

    @contextlib.contextmanager
    def profiled(self, *, keeps_figures: bool = False) -> Iterator[Profile]:
        """Everything that is done inside, except what the profiler itself does.

        keeps_figures  with the writes of figures, which come a moment after the moves they are about.
        """
        done: Profile = []
        self._database.command("profile", 2)
        yield done
        self._database.command("profile", 0)
        figures = {"$in": [f"{self._database.name}.{name}" for name in ("counts", "finished", "failures")]}
        ours: dict[str, Any] = {"appName": "colonies-broker"}
        if not keeps_figures:
            ours["$nor"] = [{"ns": figures, "op": {"$in": ["update", "remove"]}}]
        done += self._database["system.profile"].find(ours).sort("ts", 1)
        self._database.drop_collection("system.profile")


async def with_backlog(watched: Watched) -> HeldColony:
    """A colony with a backlog in three lanes, some of it with limits and keys, and as much that is final."""
    colony = HeldColony(store=watched.store)
    kinds = ("cli", "gpu", "lamp")
    waiting = [
        colony.submission(f"f{number % 5}", executortype=kinds[number % 3], maxwaittime=number % 2 * 3600, args=["x"])
        for number in range(BACKLOG)
    ]
    for outcome in await watched.store.apply(waiting):
        granted(outcome)
    final = [colony.submission("old", executortype=kinds[number % 3]) for number in range(BACKLOG)]
    submitted = [granted(outcome) for outcome in await watched.store.apply(final)]
    await watched.store.apply([colony.cancelling(one.process) for one in submitted])
    return colony


def examined(done: Profile) -> int:
    most: int = max(max(step.get("keysExamined", 0), step.get("docsExamined", 0)) for step in done)
    return most


def assert_by_index(done: Profile) -> None:
    assert done
    for step in done:
        assert "COLLSCAN" not in step.get("planSummary", ""), step
        assert not step.get("hasSortStage"), step
