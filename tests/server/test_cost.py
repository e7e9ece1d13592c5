"""What a request costs, in counts that do not depend on how fast the machine is. Times belong to `colonies bench`."""

from __future__ import annotations

import asyncio
import re
from collections import Counter
from collections.abc import AsyncIterator, Mapping
from contextlib import AbstractAsyncContextManager, AsyncExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.request import urlopen

import pytest

from colonies.wire.identity import Identity
from tests.conftest import STORES, store_address
from tests.support.colony import ColonyKeys, make_colony, spec
from tests.support.counted import Work, counted_broker
from tests.support.peer import Peer, peer

LIFECYCLES = 20
LISTENERS = 20

# BEGIN, processes, counts, COMMIT; and BEGIN, processes, counts and what finished, COMMIT. On MongoDB an insert;
# and a look into each kind of lane, and a write.
IN_A_LIFECYCLE = {"sqlite": {"statement": 9, "commit": 2}, "mongodb": {"insert": 1, "find": 2, "update": 1}}
# BEGIN, processes, lanes, counts, COMMIT.
IN_SUBMITS = {"sqlite": {"statement": 5, "commit": 1}, "mongodb": {"insert": 1}}
ONE_REQUEST = {"verify": 1, "pack": 1, "write": 1}


@dataclass
class Scene:
    address: str
    work: Work
    store: str
    producer: Peer
    worker: Peer
    keys: ColonyKeys

    def peer(self) -> AbstractAsyncContextManager[Peer]:
        return silent_peer(self.address)

    async def told(self) -> Mapping[str, float]:
        """What the broker says of itself."""
        return await asyncio.to_thread(_told, self.address)

    async def wait_in_line(self) -> asyncio.Future[Any]:
        """The first assign of the worker, once it stands in line."""
        claims = (await self.told()).get("moves Claim", 0)
        assigned = await self.worker.send(self.keys.executor, "process.assign", timeout=60)
        while (await self.told()).get("moves Claim", 0) == claims:  # noqa: ASYNC110
            await asyncio.sleep(0.01)  # nothing tells when somebody stands in line
        return assigned

    async def lifecycle(self, assigned: asyncio.Future[Any]) -> asyncio.Future[Any]:
        """Submit to a worker in line, and have it close that and stand in line again."""
        await self.producer.call(self.keys.operator, "process.submit", spec=spec())
        process = await asyncio.wait_for(assigned, 20)
        closing = {"processid": process["processid"], "attempt": process["attempt"], "successful": True}
        closed, assigned = await self.worker.batch(
            self.keys.executor, ("process.close", closing), ("process.assign", {"timeout": 60})
        )
        await asyncio.wait_for(closed, 20)
        return assigned


def silent_peer(address: str) -> AbstractAsyncContextManager[Peer]:
    """One that says nothing by the clock, so that it is not answered either."""
    return peer(address, ping_interval=None)


def _told(address: str) -> Mapping[str, float]:
    with urlopen(f"{address}/metrics") as answer:
        lines = answer.read().decode().splitlines()
    found = (re.fullmatch(r"colonies_(\w+?)(?:_total)?(?:\{\w+=\"(\w+)\"\})? ([\d.e+]+)", line) for line in lines)
    return {" ".join(filter(None, one.groups()[:2])): float(one[3]) for one in found if one}


@pytest.fixture(params=STORES)
async def scene(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Scene]:
    owner = Identity.generate()
    async with AsyncExitStack() as stack:
        store = store_address(request.param, tmp_path, request)
        address, work = await stack.enter_async_context(counted_broker(store, owner))
        while not (await asyncio.to_thread(_told, address))["changes_heard"]:  # noqa: ASYNC110
            await asyncio.sleep(0.01)  # nothing tells when it begins to
        producer, worker = [await stack.enter_async_context(silent_peer(address)) for _ in range(2)]
        keys = await make_colony(producer, owner)
        if request.param == "mongodb":
            await work.wait_heard(keys.executor.id)  # the last one that was added
        await producer.call(keys.operator, "server.info")  # who that is, is known from here on
        yield Scene(address, work, request.param, producer, worker, keys)


def spent(before: Mapping[str, float], after: Mapping[str, float], *names: str) -> dict[str, float]:
    return {name: after.get(name, 0) - before.get(name, 0) for name in names}


def each(number: int, counts: Mapping[str, int]) -> dict[str, int]:
    return {what: number * count for what, count in counts.items()}


async def test_a_lifecycle(scene: Scene) -> None:
    """Two signatures, two batches for the store and no read, a spec measured, three replies encoded, three writes."""
    assigned = await scene.lifecycle(await scene.wait_in_line())
    with scene.work.counted() as done:
        for _ in range(LIFECYCLES):
            assigned = await scene.lifecycle(assigned)
    once = {"verify": 2, "store.apply": 2, "pack": 1 + 3, "write": 3, **IN_A_LIFECYCLE[scene.store]}
    assert done == each(LIFECYCLES, once)


async def test_what_the_broker_says_of_a_lifecycle_is_what_it_does(scene: Scene) -> None:
    assigned = await scene.lifecycle(await scene.wait_in_line())
    before = await scene.told()
    with scene.work.counted() as done:
        for _ in range(LIFECYCLES):
            assigned = await scene.lifecycle(assigned)
    said = spent(before, await scene.told(), "verifications", "frames_out", "batch_moves_count")
    assert list(said.values()) == [done["verify"], done["write"], done["store.apply"]]
    once = {"encodes": 3, "messages_out": 3, "moves Submit": 1, "moves Claim": 1, "moves Close": 1}
    assert spent(before, await scene.told(), *once) == each(LIFECYCLES, once)


async def test_an_assign_that_finds_something_waiting(scene: Scene) -> None:
    """One signature and one batch for the store, in which what waits is looked for and taken."""
    for _ in range(2):
        await scene.producer.call(scene.keys.operator, "process.submit", spec=spec())
    await scene.worker.call(scene.keys.executor, "process.assign", timeout=60)
    with scene.work.counted() as done:
        await scene.worker.call(scene.keys.executor, "process.assign", timeout=60)
    in_store = {"sqlite": {"statement": 6, "commit": 1}, "mongodb": {"find": 2, "update": 1}}
    assert done == {**ONE_REQUEST, "store.apply": 1, **in_store[scene.store]}


async def test_a_frame_of_a_hundred_submits(scene: Scene) -> None:
    """One signature, one batch for the store, one write back."""
    requests = [("process.submit", {"spec": spec()})] * 100
    with scene.work.counted() as done:
        answers = await scene.producer.batch(scene.keys.operator, *requests)
        await asyncio.wait_for(asyncio.gather(*answers), 20)
    assert done == {"verify": 1, "store.apply": 1, "pack": 2 * 100, "write": 1, **IN_SUBMITS[scene.store]}


async def test_an_event_is_encoded_once_for_all_who_listen(scene: Scene) -> None:
    async with AsyncExitStack() as stack:
        listeners = [await stack.enter_async_context(scene.peer()) for _ in range(LISTENERS)]
        for listener in listeners:
            await listener.call(scene.keys.viewer, "subscribe", executortype="cli", state=0)
        before = await scene.told()
        with scene.work.counted() as done:
            await scene.producer.call(scene.keys.operator, "process.submit", spec=spec())
            for listener in listeners:
                await listener.notified()
        said = spent(before, await scene.told(), "encodes", "pushes", "frames_out")
    # The spec that is measured and the reply; an event, and for each listener which of its subscriptions it is for.
    packed = 2 + 5 + LISTENERS
    assert done == {"verify": 1, "store.apply": 1, "pack": packed, "write": 1 + LISTENERS, **IN_SUBMITS[scene.store]}
    assert said == {"encodes": 2, "pushes": LISTENERS, "frames_out": 1 + LISTENERS}


async def test_a_connection_begins_with_one_greeting_and_one_look_at_who_it_is(scene: Scene) -> None:
    async with AsyncExitStack() as stack:
        with scene.work.counted() as done:
            link = await stack.enter_async_context(scene.peer())
            await link.call(scene.keys.viewer, "server.info")
    in_store = {"sqlite": {"statement": 2}, "mongodb": {}}
    # The answer to the handshake, the greeting, the reply.
    assert done == {"verify": 1, "store.who": 1, "pack": 2, "write": 3, **in_store[scene.store]}


@pytest.mark.parametrize(
    ("method", "reads"),
    [
        ("server.info", []),
        ("member.whoami", ["colonies"]),
        ("process.get", ["process"]),
        ("process.list", ["page"]),
        ("log.list", ["process", "logs"]),
        ("executor.list", ["executors", "running"]),
        ("stats.get", ["counts", "finished", "executors", "running"]),
    ],
)
async def test_a_question_reads_no_more_than_it_asks_for(scene: Scene, method: str, reads: list[str]) -> None:
    process = await scene.producer.call(scene.keys.operator, "process.submit", spec=spec())
    params = {"processid": process["processid"]} if reads[:1] == ["process"] else {}
    with scene.work.counted() as done:
        await scene.producer.call(scene.keys.operator, method, **params)
    read = {what: count for what, count in done.items() if what.startswith("store.")}
    assert read == Counter(f"store.{name}" for name in reads)
    assert {what: done[what] for what in ONE_REQUEST} == ONE_REQUEST
    assert not done["commit"]
