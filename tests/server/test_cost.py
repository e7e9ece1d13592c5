"""What a request costs, in counts that do not depend on how fast the machine is. Times belong to `colonies bench`."""

from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncIterator, Mapping
from contextlib import AsyncExitStack
from dataclasses import dataclass
from pathlib import Path
from urllib.request import urlopen

import pytest

from colonies.wire.identity import Identity
from tests.conftest import STORES, store_address
from tests.support.broker import Broker, running_broker
from tests.support.colony import ColonyKeys, make_colony, spec
from tests.support.peer import Peer, peer

LIFECYCLES = 20
IDLE = 500


@dataclass
class Scene:
    broker: Broker
    producer: Peer
    worker: Peer
    keys: ColonyKeys

    async def counted(self) -> Mapping[str, float]:
        return await asyncio.to_thread(_counted, self.broker.address)


def _counted(address: str) -> Mapping[str, float]:
    with urlopen(f"{address}/metrics") as answer:
        lines = answer.read().decode().splitlines()
    found = (re.fullmatch(r"colonies_(\w+?)(?:_total)?(?:\{\w+=\"(\w+)\"\})? ([\d.e+]+)", line) for line in lines)
    return {" ".join(filter(None, one.groups()[:2])): float(one[3]) for one in found if one}


@pytest.fixture(params=STORES)
async def scene(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Scene]:
    store = store_address(request.param, tmp_path, request)
    owner = Identity.generate()
    with running_broker(store, tmp_path, owner=owner) as broker:
        async with peer(broker.address) as producer, peer(broker.address) as worker:
            yield Scene(broker, producer, worker, await make_colony(producer, owner))


def spent(before: Mapping[str, float], after: Mapping[str, float], *names: str) -> dict[str, float]:
    return {name: after.get(name, 0) - before.get(name, 0) for name in names}


async def test_a_lifecycle(scene: Scene) -> None:
    """Two signatures, three moves, two batches for the store, three replies, each encoded once, and as many frames."""
    executor, operator = scene.keys.executor, scene.keys.operator
    assigned = await scene.worker.send(executor, "process.assign", timeout=60)
    while (before := await scene.counted()).get("moves Claim") != 1:  # noqa: ASYNC110
        await asyncio.sleep(0.01)  # nothing tells when somebody stands in line
    for _ in range(LIFECYCLES):
        await scene.producer.call(operator, "process.submit", spec=spec())
        process = await asyncio.wait_for(assigned, 20)
        closing = {"processid": process["processid"], "attempt": process["attempt"], "successful": True}
        closed, assigned = await scene.worker.batch(
            executor, ("process.close", closing), ("process.assign", {"timeout": 60})
        )
        await asyncio.wait_for(closed, 20)
    after = await scene.counted()
    counts = spent(
        before,
        after,
        "verifications",
        "encodes",
        "frames_out",
        "messages_out",
        "batch_moves_count",
        "moves Submit",
        "moves Claim",
        "moves Close",
    )
    assert counts == {
        "verifications": 2 * LIFECYCLES,
        "encodes": 3 * LIFECYCLES,
        "frames_out": 3 * LIFECYCLES,
        "messages_out": 3 * LIFECYCLES,
        "batch_moves_count": 2 * LIFECYCLES,
        "moves Submit": LIFECYCLES,
        "moves Claim": LIFECYCLES,
        "moves Close": LIFECYCLES,
    }


async def test_a_frame_of_a_hundred_submits(scene: Scene) -> None:
    """One signature, one batch for the store, one frame back."""
    before = await scene.counted()
    answers = await scene.producer.batch(scene.keys.operator, *[("process.submit", {"spec": spec()})] * 100)
    await asyncio.wait_for(asyncio.gather(*answers), 20)
    after = await scene.counted()
    counts = spent(before, after, "verifications", "frames_out", "batch_moves_count", "moves Submit")
    assert counts == {"verifications": 1, "frames_out": 1, "batch_moves_count": 1, "moves Submit": 100}


async def test_an_event_is_encoded_once_for_all_who_listen(scene: Scene) -> None:
    async with AsyncExitStack() as stack:
        listeners = [await stack.enter_async_context(peer(scene.broker.address)) for _ in range(20)]
        for listener in listeners:
            await listener.call(scene.keys.viewer, "subscribe", executortype="cli", state=0)
        before = await scene.counted()
        await scene.producer.call(scene.keys.operator, "process.submit", spec=spec())
        for listener in listeners:
            await listener.notified()
        after = await scene.counted()
    assert spent(before, after, "encodes", "pushes", "frames_out") == {"encodes": 2, "pushes": 20, "frames_out": 21}


async def test_an_idle_connection_takes_little_memory(scene: Scene) -> None:
    def resident() -> int:
        return int(Path(f"/proc/{scene.broker.pid}/statm").read_text().split()[1]) * 4096

    strangers = [Identity.generate() for _ in range(10)]  # of one there may be only so many
    async with AsyncExitStack() as stack:
        before = resident()
        for number in range(IDLE):
            link = await stack.enter_async_context(peer(scene.broker.address))
            await link.call(strangers[number % len(strangers)], "server.info")
        assert (resident() - before) / IDLE < 48 * 1024
