"""Colonies: an id and a name of its own, and nothing left behind."""

from __future__ import annotations

import pytest

from broker.store.base import Membership, Store
from broker.store.moves import AddColony, AddExecutor, AddFunction, AddUser, RemoveColony
from colonies.wire import errors
from colonies.wire.model import Colony, Function, User
from colonies.wire.params import ProcessFilter
from tests.support.builders import HeldColony, a_worker, add_colony, an_executor, an_id, do


@pytest.fixture
async def mine(store: Store) -> Colony:
    return await add_colony(store)


async def test_a_colony_belongs_to_the_id_that_names_it(store: Store, mine: Colony) -> None:
    assert await store.who(mine.colonyid) == Membership(owner_of=mine)
    assert mine in await store.colonies()
    assert await do(store, AddColony(colony=mine)) == mine


async def test_a_colony_needs_a_name_and_an_id_of_its_own(store: Store, mine: Colony) -> None:
    executor = await do(store, AddExecutor(executor=an_executor(mine)))
    user = User(userid=an_id(), name="eve", role="viewer")
    await do(store, AddUser(colonyid=mine.colonyid, user=user))
    for colony in (
        Colony(colonyid=mine.colonyid, name="another name " + an_id()),
        Colony(colonyid=an_id(), name=mine.name),
        Colony(colonyid=executor.executorid, name=an_id()),
        Colony(colonyid=user.userid, name=an_id()),
    ):
        with pytest.raises(errors.Exists):
            await do(store, AddColony(colony=colony))
    assert await store.who(mine.colonyid) == Membership(owner_of=mine)
    assert await store.who(executor.executorid) == Membership(executor=executor)


async def test_colonies_are_listed_by_name(empty_store: Store) -> None:
    for name in ("b", "c", "a"):
        await do(empty_store, AddColony(colony=Colony(colonyid=an_id(), name=name)))
    assert [colony.name for colony in await empty_store.colonies()] == ["a", "b", "c"]


async def test_a_removed_colony_leaves_nothing_behind(colony: HeldColony) -> None:
    store, worker = colony.store, a_worker()
    mine, other = await add_colony(store), await add_colony(store)
    elsewhere = HeldColony(store=store, colonyid=other.colonyid, now=colony.now)
    colony.colonyid = mine.colonyid
    executor = await do(store, AddExecutor(executor=an_executor(mine, executorid=worker.executorid)))
    user = await do(store, AddUser(colonyid=mine.colonyid, user=User(userid=an_id(), name="eve", role="viewer")))
    await do(
        store, AddFunction(colonyid=mine.colonyid, function=Function(funcname="f", executorid=executor.executorid))
    )
    running = await colony.run(worker, latestkey="lamp", maxexectime=1)
    await do(store, colony.logging(running, "line"))
    await colony.submit(executorids=(worker.executorid,))
    await colony.submit(latestkey="lamp", maxwaittime=1)
    kept = await elsewhere.submit()

    removed = await do(store, RemoveColony(colonyid=mine.colonyid))

    assert removed.colony == mine
    assert removed.members == [executor.executorid, user.userid]
    assert await store.who(mine.colonyid) == await store.who(worker.executorid) == Membership()
    assert mine not in await store.colonies()
    assert await store.executors(mine.colonyid) == []
    assert await store.users(mine.colonyid) == []
    assert await store.functions(mine.colonyid) == []
    assert await store.counts(mine.colonyid) == []
    assert await store.running(mine.colonyid) == {}
    assert await store.logs(running.processid, since=0, limit=10) == []
    assert await store.process(mine.colonyid, running.processid) is None
    page = await store.page(mine.colonyid, ProcessFilter(), newest=True, limit=10, cursor="")
    assert (page.processes, page.total) == ([], 0)
    assert await colony.claim(worker) is None
    assert mine.colonyid not in {due.colonyid for due in await store.upcoming(100_000)}
    assert await elsewhere.stored(kept) == kept
    with pytest.raises(errors.NotFound):
        await do(store, RemoveColony(colonyid=mine.colonyid))
    assert await do(store, AddColony(colony=mine)) == mine
    assert (await colony.submit_whole(latestkey="lamp", processid=running.processid)).repeated is False
