"""A colony as operators know them, for pictures of the dashboard: its members, and how they work.

Most executors do what comes; those that render ask for nothing, one is not approved yet, and no lamp is there.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator
from dataclasses import dataclass, field

from colonies import AsyncColonies
from colonies.errors import NothingToAssign
from colonies.wire.identity import Identity
from colonies.wire.model import Conditions, ProcessSpec

EXECUTORS = {"render": 3, "mail": 2, "etl": 2, "thumbnail": 4, "lamp": 1}
AT_WORK = ("mail", "etl", "thumbnail")
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
}
ERRORS = {
    "render": (
        "CUDA out of memory: tried to allocate 512 MiB (GPU 0; 7.79 GiB total capacity)",
        "FileNotFoundError: /assets/scene-0042/mesh.gltf",
    ),
    "mail": ("550 5.1.1 <anna@example.org>: recipient address rejected: user unknown",),
    "etl": ("psycopg.errors.DeadlockDetected: process 48213 waits for ShareLock on transaction 991",),
}
WORK_SECONDS = 0.3


@dataclass
class Colony:
    """Its keys. executors: type → those of it."""

    owner: Identity = field(default_factory=Identity.generate)
    operator: Identity = field(default_factory=Identity.generate)
    executors: dict[str, list[Identity]] = field(
        default_factory=lambda: {kind: [Identity.generate() for _ in range(n)] for kind, n in EXECUTORS.items()}
    )

    def spec(self, kind: str, number: int, *, env: dict[str, str] | None = None) -> ProcessSpec:
        """number: which of the things that are asked of this type."""
        func, args = FUNCTIONS[kind]
        return ProcessSpec(
            conditions=Conditions(executortype=kind, colonyid=self.owner.id),
            func=func,
            args=list(args[number % len(args)]),
            env=env or {},
            label=LABELS.get(kind, ""),
            maxexectime=600,
            maxretries=3,
        )


async def settle(client: AsyncColonies, server_owner: Identity, colony: Colony) -> None:
    """Add the members; one of them waits to be approved."""
    await client.add_colony(colony.owner.id, "aurora", prvkey=server_owner)
    await client.add_user(colony.operator.id, "ada", "operator", prvkey=colony.owner)
    for kind, keys in colony.executors.items():
        for number, key in enumerate(keys, 1):
            await client.add_executor(key.id, f"{kind}-{number}", kind, approve=True, prvkey=colony.owner)
            if kind != "lamp":  # to say what it can, it would have to be seen now
                func = FUNCTIONS[kind][0]
                await client.add_function(func, description=SAYS[func], prvkey=key)
    await client.add_executor(Identity.generate().id, "render-4", "render", prvkey=colony.owner)


@contextlib.asynccontextmanager
async def at_work(address: str, colony: Colony) -> AsyncIterator[None]:
    """Have the executors connected for the length of a block."""
    async with contextlib.AsyncExitStack() as stack, asyncio.TaskGroup() as tasks:
        asking = []
        for kind in AT_WORK:
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
            process = await client.assign(timeout=60)
            await asyncio.sleep(WORK_SECONDS)
            errors = [ERRORS["mail"][0]] if process.spec.args == FUNCTIONS["mail"][1][1] else []
            await client.close_process(
                process, successful=not errors, out=["done"] if not errors else [], errors=errors
            )


async def stir(client: AsyncColonies, colony: Colony) -> None:
    """Have something happen that is worth watching, over some seconds."""
    for number, kind in enumerate(("thumbnail", "etl", "mail", "lamp", "thumbnail", "mail", "thumbnail")):
        process = await client.submit(colony.spec(kind, number), prvkey=colony.operator)
        await asyncio.sleep(WORK_SECONDS)
        if kind not in AT_WORK:
            await client.cancel(process.processid, prvkey=colony.operator)
