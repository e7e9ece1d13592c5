"""What ended lately: how much became successful and failed in each slot of ten seconds, for an hour."""

from __future__ import annotations

from broker.store.base import KEPT_FINISHED_MS, SLOT_MS, Finished
from colonies.wire.model import State
from tests.support.builders import START, HeldColony, Worker, a_worker, do

SLOT = START // SLOT_MS * SLOT_MS


async def _finished(colony: HeldColony, since: int = 0) -> set[Finished]:
    found = await colony.store.finished(colony.colonyid, since=since)
    assert len(found) == len(set(found))
    return set(found)


async def _end(colony: HeldColony, time: int, *, successful: bool = True, executortype: str = "cli") -> None:
    running = await colony.run(a_worker(executortype), executortype=executortype)
    colony.now = time
    await colony.close(running, successful=successful)


async def test_slots_hold_what_became_successful_or_failed_in_them(colony: HeldColony) -> None:
    assert await _finished(colony) == set()
    for time in (SLOT + SLOT_MS, SLOT + SLOT_MS + 1, SLOT + 2 * SLOT_MS - 1, SLOT + 2 * SLOT_MS):
        await _end(colony, time)
    await _end(colony, SLOT + 2 * SLOT_MS + 7, successful=False)
    await _end(colony, SLOT + 2 * SLOT_MS + 9, executortype="lamp")
    await _end(HeldColony(store=colony.store), SLOT)
    first = Finished("cli", State.SUCCESSFUL, SLOT + SLOT_MS, 3)
    second = {
        Finished("cli", State.SUCCESSFUL, SLOT + 2 * SLOT_MS, 1),
        Finished("cli", State.FAILED, SLOT + 2 * SLOT_MS, 1),
        Finished("lamp", State.SUCCESSFUL, SLOT + 2 * SLOT_MS, 1),
    }
    assert await _finished(colony) == {first, *second}
    assert await _finished(colony, SLOT + SLOT_MS) == {first, *second}
    assert await _finished(colony, SLOT + SLOT_MS + 1) == second
    assert await _finished(colony, SLOT + 3 * SLOT_MS) == set()


async def test_limits_that_end_count_and_what_is_cancelled_or_handed_back_does_not(
    colony: HeldColony, worker: Worker
) -> None:
    colony.now = SLOT
    await colony.cancel(await colony.submit())
    await colony.change(colony.handing_back(await colony.run(worker)))
    running = await colony.claim(worker)
    assert running
    closing = colony.closing(running)
    await colony.store.apply([closing, closing])
    waiting = await colony.submit(maxwaittime=1)
    colony.now = SLOT + 2000
    await colony.change(colony.ending_the_wait(waiting))
    assert await _finished(colony) == {
        Finished("cli", State.SUCCESSFUL, SLOT, 1),
        Finished("cli", State.FAILED, SLOT, 1),
    }


async def test_removing_a_process_takes_nothing_from_what_ended(colony: HeldColony, worker: Worker) -> None:
    closed = await colony.close(await colony.run(worker))
    before = await _finished(colony)
    await do(colony.store, colony.removing(closed))
    assert await _finished(colony) == before
    assert [slot.number for slot in before] == [1]


async def test_an_hour_is_kept_and_no_more(colony: HeldColony) -> None:
    elsewhere = HeldColony(store=colony.store)
    await _end(elsewhere, SLOT)
    await _end(colony, SLOT)
    await _end(colony, SLOT + SLOT_MS)
    await _end(colony, SLOT + KEPT_FINISHED_MS)
    assert {slot.time for slot in await _finished(colony)} == {SLOT, SLOT + SLOT_MS, SLOT + KEPT_FINISHED_MS}
    await _end(colony, SLOT + KEPT_FINISHED_MS + SLOT_MS, executortype="lamp")
    assert {slot.time for slot in await _finished(colony)} == {
        SLOT + SLOT_MS,
        SLOT + KEPT_FINISHED_MS,
        SLOT + KEPT_FINISHED_MS + SLOT_MS,
    }
    assert {slot.time for slot in await _finished(elsewhere)} == {SLOT}
