"""A colony as operators know them: some of it works, some of it waits, some of it fails. For pictures of the dashboard."""

from __future__ import annotations

import asyncio
import contextlib
import random
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass, field

from broker.store.moves import Submit
from colonies import AsyncColonies
from colonies.errors import NothingToAssign
from colonies.wire.identity import Identity

from .past import Ended, ended, spec_of, waiting

MINUTE_MS = 60_000

EXECUTORS = {"render": 3, "mail": 2, "etl": 2, "thumbnail": 4, "lamp": 1}
FUNCTIONS: dict[str, tuple[str, list[list[object]]]] = {
    "render": ("render_frame", [["scene-0042", 117], ["scene-0042", 118], ["scene-0007", 9]]),
    "mail": ("send_invoice", [["INV-2026-1187"], ["INV-2026-1188"]]),
    "etl": ("load_partition", [["events", "2026-11-23"], ["orders", "2026-11-24"]]),
    "thumbnail": ("make_thumbnail", [["img_88123.jpg", 320], ["img_88124.jpg", 320]]),
    "lamp": ("set_lamp", [["on"], ["off"]]),
}
LABELS = {"render": "trailer-v3", "etl": "nightly"}
SAYS = {
    "render_frame": "Renders one frame of a scene into the bucket of its film.",
    "send_invoice": "Sends an invoice to the address of its customer.",
    "load_partition": "Loads one day of a table into the warehouse.",
    "make_thumbnail": "Makes a small picture of a large one.",
    "set_lamp": "Switches the lamp.",
}
ERRORS = {
    "render": (
        "CUDA out of memory: tried to allocate 512 MiB (GPU 0; 7.79 GiB total capacity)",
        "FileNotFoundError: /assets/scene-0042/mesh.gltf",
    ),
    "mail": ("550 5.1.1 <anna@example.org>: recipient address rejected: user unknown",),
    "etl": ("psycopg.errors.DeadlockDetected: process 48213 waits for ShareLock on transaction 991",),
}
# How many a minute, and which part of them fails.
PACE = {"thumbnail": (18, 0.0), "mail": (7, 0.06), "etl": (3, 0.1), "render": (9, 0.18)}


@dataclass
class Colony:
    """Its keys. executors: type → those of it."""

    owner: Identity = field(default_factory=Identity.generate)
    operator: Identity = field(default_factory=Identity.generate)
    executors: dict[str, list[Identity]] = field(
        default_factory=lambda: {kind: [Identity.generate() for _ in range(n)] for kind, n in EXECUTORS.items()}
    )

    def spec(self, kind: str, number: int) -> dict[str, object]:
        func, args = FUNCTIONS[kind]
        return {
            "conditions": {"executortype": kind},
            "func": func,
            "args": args[number % len(args)],
            "label": LABELS.get(kind, ""),
            "maxexectime": 600,
            "maxretries": 3,
        }


def last_hour(colony: Colony, *, now: int) -> Iterator[Submit]:
    """What ended in the last hour: renders began to fail twenty minutes ago. And lamps that nobody switches."""
    chance = random.Random(7)
    for minute in range(59, -1, -1):
        for kind, (pace, failing) in PACE.items():
            for _ in range(round(pace * chance.uniform(0.6, 1.4))):
                part = failing if kind != "render" else (0.02 if minute > 20 else 0.3)
                yield _one(colony, kind, now - minute * MINUTE_MS - chance.randrange(MINUTE_MS), part, chance)
    func, args = FUNCTIONS["lamp"]
    for index in range(14):
        spec = spec_of(colony.owner.id, "lamp", func, list(args[index % 2]))
        yield waiting(colony.owner.id, colony.operator.id, spec, submitted=now - (12 * MINUTE_MS) + index * 40_000)


def _one(colony: Colony, kind: str, end: int, failing: float, chance: random.Random) -> Submit:
    func, args = FUNCTIONS[kind]
    took, waited = chance.randrange(400, 9000), chance.randrange(40, 900)
    past = Ended(
        spec=spec_of(colony.owner.id, kind, func, list(chance.choice(args)), label=LABELS.get(kind, "")),
        submitted=end - took - waited,
        waited=waited,
        took=took,
        executorid=chance.choice(colony.executors[kind]).id,
        error=chance.choice(ERRORS[kind]) if chance.random() < failing else "",
    )
    return ended(colony.owner.id, colony.operator.id, past)


async def settle(client: AsyncColonies, server_owner: Identity, colony: Colony) -> None:
    """Add the members; one of them waits to be approved."""
    await client.add_colony(colony.owner.id, "aurora", prvkey=server_owner)
    await client.add_user(colony.operator.id, "ada", "operator", prvkey=colony.owner)
    for kind, keys in colony.executors.items():
        for number, key in enumerate(keys, 1):
            await client.add_executor(key.id, f"{kind}-{number}", kind, approve=True, prvkey=colony.owner)
            func = FUNCTIONS[kind][0]
            await client.add_function(func, description=SAYS[func], prvkey=key)
    await client.add_executor(Identity.generate().id, "render-4", "render", prvkey=colony.owner)


async def tell_a_story(client: AsyncColonies, colony: Colony) -> str:
    """Leave work waiting and running, and one process that had a hard time. Returns its id."""
    for index in range(23):
        await client.submit(colony.spec("render", index), prvkey=colony.operator)
    for key in colony.executors["render"][:2]:
        await client.assign(timeout=5, prvkey=key)
    first, second = colony.executors["etl"]
    spec = {**colony.spec("etl", 1), "env": {"REGION": "eu-north-1"}}
    processid = (await client.submit(spec, prvkey=colony.operator)).processid
    await client.hand_back(await client.assign(timeout=5, prvkey=first), prvkey=first)
    process = await client.assign(timeout=5, prvkey=second)
    for line in ("reading orders/2026-11-24", "18,204 rows read", "writing to warehouse.orders", "waiting for a lock"):
        await client.add_log(processid, line, prvkey=second)
    await client.set_attribute(processid, "rows", 18204, prvkey=second)
    await client.close_process(process, successful=False, errors=[ERRORS["etl"][0]], prvkey=second)
    return processid


@contextlib.asynccontextmanager
async def at_work(address: str, colony: Colony) -> AsyncIterator[None]:
    """Executors that are connected: most do what comes, those that render ask for nothing, and no lamp is there."""
    async with contextlib.AsyncExitStack() as stack, asyncio.TaskGroup() as tasks:
        asking = []
        for kind in ("mail", "etl", "thumbnail"):
            for key in colony.executors[kind]:
                client = await stack.enter_async_context(AsyncColonies(address, key=key))
                asking.append(tasks.create_task(_ask(client)))
        for key in colony.executors["render"]:
            await (await stack.enter_async_context(AsyncColonies(address, key=key))).server_info()
        yield
        for task in asking:
            task.cancel()


async def _ask(client: AsyncColonies) -> None:
    while True:
        with contextlib.suppress(NothingToAssign):
            await client.close_process(await client.assign(timeout=60), out=["done"])
