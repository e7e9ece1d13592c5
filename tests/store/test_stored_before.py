"""What an earlier program took, and this one would refuse: it is read, and all can be done with it."""

from __future__ import annotations

from broker.store.open import open_store
from colonies.wire.model import MAX_NAMED_EXECUTORS, Attribute, State
from tests.support.builders import HeldColony, a_worker


async def test_a_process_over_a_limit_that_came_later_is_listed_taken_and_closed(
    colony: HeldColony, shared_address: str
) -> None:
    workers = [a_worker() for _ in range(MAX_NAMED_EXECUTORS + 1)]
    stored = await colony.submit(executorids=tuple(worker.executorid for worker in workers), env={"": "x"})
    again = open_store(shared_address) if colony.store.shared else colony.store
    if not colony.store.shared:  # a file has one broker: it is closed, and with it goes what was remembered
        await colony.store.close()
    await again.open()
    try:
        later = HeldColony(store=again, colonyid=colony.colonyid)
        assert await later.stored(stored) == stored
        assert stored.attributes == [Attribute(key="", value="x", kind="env")]
        claimed = await later.claim(workers[-1])
        assert claimed is not None
        closed = await later.close(claimed)
        assert (closed.processid, closed.state) == (stored.processid, State.SUCCESSFUL)
    finally:
        if colony.store.shared:
            await again.close()
