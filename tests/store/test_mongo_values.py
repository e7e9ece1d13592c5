"""What goes into MongoDB comes out as it was, and as what the wire can say."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any

import pytest

from broker.store.base import Store
from broker.store.mongo import MongoStore
from broker.store.moves import AddExecutor, AddFunction
from colonies.wire.frames import pack, unpack
from colonies.wire.model import Attribute, Function
from colonies.wire.params import ProcessFilter
from colonies.wire.validation import decode, encode
from tests.conftest import database
from tests.support.builders import HeldColony, a_worker, add_colony, an_executor, do


@pytest.fixture
async def store(mongodb: str) -> AsyncIterator[MongoStore]:
    opened = MongoStore(database(mongodb))
    await opened.open()
    yield opened
    await opened.close()


@pytest.fixture
def colony(store: Store) -> HeldColony:
    return HeldColony(store=store)


def sent(noun: Any) -> Any:
    """What arrives of a noun that a broker sends."""
    return decode(unpack(pack(encode(noun))), type(noun))


# What MongoDB itself would not take, or would take for something else.
STRANGE: list[Any] = [
    (1 << 64) - 1,
    -(1 << 63),
    {"$set": {"a.b": 1}, "": None, "_id": 1, "zero\0byte": "zero\0byte"},
    b"\0\xff",
    0.1,
    [[[]]],
    "ø" * 1000,
    None,
    True,
]


async def test_any_value_of_the_wire_is_kept(colony: HeldColony) -> None:
    running = await colony.run(a_worker(), args=STRANGE, kwargs={"$where": STRANGE}, env={"a.b$": "\0"})
    attribute = Attribute(key="$a.b", value=STRANGE)
    closed = await colony.close(running, out=STRANGE, errors=["\0", "$x"], attributes=[attribute])
    stored = await colony.stored(running)
    assert stored == closed
    assert sent(stored) == closed
    assert stored.out == STRANGE == stored.spec.args


async def test_all_that_is_read_can_be_sent(store: MongoStore, colony: HeldColony) -> None:
    worker = a_worker()
    running = await colony.run(worker, maxexectime=10)
    waiting = await colony.submit(maxwaittime=10)
    await do(store, colony.logging(running, "line"))
    mine = await add_colony(store)
    await do(store, AddExecutor(executor=an_executor(mine)))
    page = await store.page(colony.colonyid, ProcessFilter(), newest=False, limit=10, cursor="")
    assert sent(page).processes == [running, waiting]
    everything = [
        await store.logs(running.processid, since=0, limit=10),
        await store.held(colony.colonyid, worker.executorid),
        await store.executors(mine.colonyid),
        await store.upcoming(10),
        await store.counts(colony.colonyid),
        await store.running(colony.colonyid),
        await store.ahead(waiting),
    ]
    for read in everything:
        assert unpack(pack(encode(read))) not in ([], {}, None)


async def test_arguments_of_functions_are_kept(store: MongoStore) -> None:
    mine = await add_colony(store)
    executor = await do(store, AddExecutor(executor=an_executor(mine)))
    function = Function(funcname="a.b", args=STRANGE, executorid=executor.executorid)
    await do(store, AddFunction(colonyid=mine.colonyid, function=function))
    assert await store.functions(mine.colonyid) == [function]


@pytest.mark.parametrize("text", [".*", "a\0b", "$", "ÄÖ", "^x", "'\\"])
async def test_a_text_is_looked_for_as_it_stands(store: MongoStore, colony: HeldColony, text: str) -> None:
    wanted = await colony.submit(args=[f"before {text} after"])
    await colony.submit(args=["other"])
    page = await store.page(colony.colonyid, ProcessFilter(text=text), newest=True, limit=10, cursor="")
    assert page.processes == [wanted]


async def test_times_beyond_any_integer_of_mongodb_are_only_far_away(store: MongoStore, colony: HeldColony) -> None:
    process = await colony.submit()
    far = (1 << 64) - 1
    page = await store.page(
        colony.colonyid, ProcessFilter(since=-(1 << 63), before=far), newest=True, limit=1, cursor=""
    )
    assert page.processes == [process]
    assert await store.logs(process.processid, since=far, limit=1) == []
