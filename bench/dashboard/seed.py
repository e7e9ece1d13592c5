"""Fill a database with a colony of many processes: `python -m bench.dashboard.seed sqlite:PATH [NUMBER]`.

The database is to be empty, and no broker may run on it meanwhile. Says which keys the colony has, so that a broker can
be started on it and looked at.
"""

from __future__ import annotations

import asyncio
import sys
import tempfile
import time
from dataclasses import dataclass, field
from pathlib import Path

from broker.store.open import open_store
from colonies import AsyncColonies
from colonies.wire.identity import Identity
from tests.support.broker import running_broker

from .million import million
from .past import put


@dataclass(frozen=True, kw_only=True)
class Keys:
    server_owner: Identity = field(default_factory=Identity.generate)
    owner: Identity = field(default_factory=Identity.generate)
    operator: Identity = field(default_factory=Identity.generate)
    executor: Identity = field(default_factory=Identity.generate)


async def seed(store_address: str, folder: Path, keys: Keys, number: int) -> None:
    with running_broker(store_address, folder, owner=keys.server_owner) as broker:
        async with AsyncColonies(broker.address) as client:
            await client.add_colony(keys.owner.id, "bench", prvkey=keys.server_owner)
            await client.add_user(keys.operator.id, "operator", "operator", prvkey=keys.owner)
            await client.add_executor(keys.executor.id, "type-00-1", "type-00", approve=True, prvkey=keys.owner)
    begun = time.monotonic()
    store = open_store(store_address)
    await store.open()
    try:
        moves = million(keys.owner.id, keys.operator.id, number=number, now=int(time.time() * 1000))
        put_in = await put(store, moves)
    finally:
        await store.close()
    print(f"stored {put_in:,} processes in {time.monotonic() - begun:.0f} s", flush=True)


def main() -> None:
    store_address, number = sys.argv[1], int(sys.argv[2]) if len(sys.argv) > 2 else 1_000_000
    keys = Keys()
    with tempfile.TemporaryDirectory() as place:
        asyncio.run(seed(store_address, Path(place), keys, number))
    print(f"colonies server start --store {store_address} --owner {keys.server_owner.id}")
    print(f"http://127.0.0.1:8080/#key={keys.operator.private_key}")


if __name__ == "__main__":
    main()
