"""What a broker remembers of what it wrote: it saves the read, and however old it is it makes nothing true."""

from __future__ import annotations

import dataclasses
from collections.abc import AsyncIterator

import msgspec
import pytest

from broker.store import rules
from broker.store.mongo import MongoStore
from broker.store.mongo_memory import Memory
from colonies.wire import errors
from colonies.wire.model import Attribute, State
from tests.conftest import database
from tests.store.watched import Watched
from tests.support.builders import HeldColony, a_worker, do


@pytest.fixture
async def stores(mongodb: str) -> AsyncIterator[list[MongoStore]]:
    address = database(mongodb)
    opened = [MongoStore(address), MongoStore(address)]
    for store in opened:
        await store.open()
    yield opened
    for store in opened:
        await store.close()


@pytest.fixture
def here(stores: list[MongoStore]) -> HeldColony:
    return HeldColony(store=stores[0])


@pytest.fixture
def there(stores: list[MongoStore], here: HeldColony) -> HeldColony:
    """The same colony, at another broker."""
    return dataclasses.replace(here, store=stores[1])


async def test_what_this_broker_claimed_it_closes_without_reading_it(watched: Watched) -> None:
    colony = HeldColony(store=watched.store)
    running = await colony.run(a_worker())
    with watched.profiled() as done:
        await do(watched.store, colony.setting(running, Attribute(key="k", value=1)))
        await do(watched.store, colony.logging(running, "a line"))
        closed = await colony.close(running, out=[3])
    assert {step["op"] for step in done} == {"update", "insert"}
    assert await colony.stored(running) == closed
    assert (closed.state, closed.out, len(closed.attributes)) == (State.SUCCESSFUL, [3], 1)


async def test_what_was_stored_for_a_caller_in_line_is_closed_without_reading_it(watched: Watched) -> None:
    colony, worker = HeldColony(store=watched.store), a_worker()
    submission = colony.submission()
    running = rules.claimed(submission.process, executorid=worker.executorid, now=colony.now)
    claimed = (await do(colony.store, msgspec.structs.replace(submission, process=running))).process
    with watched.profiled() as done:
        closed = await colony.close(claimed)
    assert [step["op"] for step in done] == ["update"]
    assert await colony.stored(claimed) == closed


async def test_who_was_given_it_by_another_broker_since_may_close_it_here(here: HeldColony, there: HeldColony) -> None:
    running = await here.run(a_worker())
    await there.change(there.handing_back(running))
    again = await there.claim(a_worker())
    assert again
    closed = await here.close(again)
    assert (closed.state, closed.attempt, len(closed.history)) == (State.SUCCESSFUL, 2, 2)
    assert await there.stored(running) == closed


async def test_who_held_it_before_another_broker_gave_it_on_is_refused(here: HeldColony, there: HeldColony) -> None:
    running = await here.run(a_worker())
    await there.change(there.handing_back(running))
    again = await there.claim(a_worker())
    with pytest.raises(errors.NotAssignedToYou, match="attempt 2"):
        await here.close(running)
    assert await there.stored(running) == again


async def test_an_id_that_was_removed_and_submitted_anew_is_not_taken_for_what_it_was(
    here: HeldColony, there: HeldColony
) -> None:
    """It is written as often as the old one, so that its `rev` is the same."""
    running = await here.run(a_worker())
    await do(there.store, there.removing(await there.cancel(running)))
    there.now += 1000
    again = await there.run(a_worker(), processid=running.processid)
    with pytest.raises(errors.NotAssignedToYou):
        await here.close(running)
    assert await there.stored(running) == again


async def test_what_ended_elsewhere_is_said_as_it_is(here: HeldColony, there: HeldColony) -> None:
    running = await here.run(a_worker())
    cancelled = await there.cancel(running)
    with pytest.raises(errors.WrongState, match="cancelled"):
        await here.close(running)
    again = await here.run(a_worker())
    closed = await there.close(again)
    assert await here.change(here.closing(again)) == (closed, closed)  # found done, and not done anew
    assert await here.stored(running) == cancelled


def test_a_memory_forgets_what_it_was_told_first() -> None:
    memory: Memory[int] = Memory(max_entries=3, max_bytes=100)
    for number in range(5):
        memory.keep(str(number), number, size=10)
    assert [memory.take(str(number)) for number in range(5)] == [None, None, 2, 3, 4]
    assert memory.take("4") is None


def test_a_memory_is_bounded_in_bytes_and_counts_them_back() -> None:
    memory: Memory[str] = Memory(max_entries=1000, max_bytes=100)
    for number in range(50):
        memory.keep("same", "value", size=90)
        memory.keep(str(number), "value", size=10)
    assert len(memory) == 2
    memory.keep("large", "value", size=101)
    assert len(memory) == 0
    memory.keep("whole", "value", size=100)
    assert memory.take("whole") == "value"
