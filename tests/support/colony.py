"""A colony with its members, made over the wire."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from colonies.wire.identity import Identity

from .peer import Peer


@dataclass
class ColonyKeys:
    server_owner: Identity
    owner: Identity = field(default_factory=Identity.generate)
    operator: Identity = field(default_factory=Identity.generate)
    viewer: Identity = field(default_factory=Identity.generate)
    executors: list[Identity] = field(default_factory=list)

    @property
    def executor(self) -> Identity:
        return self.executors[0]


async def make_colony(
    link: Peer, server_owner: Identity, *, name: str = "test", executors: int = 1, executortype: str = "cli"
) -> ColonyKeys:
    keys = ColonyKeys(server_owner)
    await link.call(server_owner, "colony.add", colonyid=keys.owner.id, name=name)
    for user, role in ((keys.operator, "operator"), (keys.viewer, "viewer")):
        await link.call(keys.owner, "user.add", user={"userid": user.id, "name": role, "role": role})
    for number in range(executors):
        keys.executors.append(await add_executor(link, keys, f"{name}-{executortype}-{number}", executortype))
    return keys


async def add_executor(
    link: Peer, keys: ColonyKeys, name: str, executortype: str = "cli", *, approve: bool = True
) -> Identity:
    key = Identity.generate()
    executor = {"executorid": key.id, "executorname": name, "executortype": executortype}
    await link.call(keys.owner, "executor.add", executor=executor, approve=approve)
    return key


def spec(func: str = "sleep", *, executortype: str = "cli", **fields: Any) -> dict[str, Any]:
    """A process spec as it travels."""
    return {"conditions": {"executortype": executortype}, "func": func, **fields}
