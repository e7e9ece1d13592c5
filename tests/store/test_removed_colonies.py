"""A colony that was removed takes nothing any more: whatever comes in its name late is refused, or goes with it."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any

import pytest

from broker.store.base import Membership, Store
from broker.store.moves import (
    AddColony,
    AddExecutor,
    AddFunction,
    AddUser,
    Move,
    RemoveColony,
)
from colonies.wire import errors
from colonies.wire.model import Colony, Executor, Function, User
from colonies.wire.params import ProcessFilter
from tests.support.builders import HeldColony, a_worker, add_colony, an_executor, an_id, do

ROUNDS = 10


@pytest.fixture
async def mine(colony: HeldColony) -> Colony:
    """What `colony` says is in it."""
    made = await add_colony(colony.store)
    colony.colonyid = made.colonyid
    return made


def a_user(name: str = "eve") -> User:
    return User(userid=an_id(), name=name, role="operator")


async def assert_is_empty(store: Store, colony: Colony) -> None:
    """Added anew, it is as one that never was."""
    assert await do(store, AddColony(colony=colony)) == colony
    page = await store.page(colony.colonyid, ProcessFilter(), newest=True, limit=10, cursor="")
    assert (page.processes, page.total) == ([], 0)
    assert await store.counts(colony.colonyid) == []
    for left in (store.executors, store.users, store.functions):
        assert await left(colony.colonyid) == []


LATE: dict[str, Callable[[HeldColony, Executor], Move[Any]]] = {
    "submit": lambda colony, _: colony.submission(),
    "submit with a latestkey": lambda colony, _: colony.submission(latestkey="lamp"),
    "executor": lambda colony, _: AddExecutor(
        executor=an_executor(Colony(colonyid=colony.colonyid, name=""), f"executor {an_id()}")
    ),
    "the same executor": lambda colony, there: AddExecutor(executor=there),
    "user": lambda colony, _: AddUser(colonyid=colony.colonyid, user=a_user()),
    "function": lambda colony, there: AddFunction(
        colonyid=colony.colonyid, function=Function(funcname="f", executorid=there.executorid)
    ),
}


@pytest.mark.parametrize("late", list(LATE))
async def test_what_comes_after_the_removal_is_refused(colony: HeldColony, mine: Colony, late: str) -> None:
    store = colony.store
    executor = await do(store, AddExecutor(executor=an_executor(mine)))
    move = LATE[late](colony, executor)
    await do(store, RemoveColony(colonyid=mine.colonyid))
    for _ in range(2):
        with pytest.raises(errors.NotFound):
            await do(store, move)
    await assert_is_empty(store, mine)


async def test_a_colony_that_is_added_anew_takes_what_is_asked(colony: HeldColony, mine: Colony) -> None:
    store = colony.store
    submission = colony.submission()
    await do(store, submission)
    await do(store, RemoveColony(colonyid=mine.colonyid))
    with pytest.raises(errors.NotFound):
        await do(store, submission)
    await do(store, AddColony(colony=mine))
    assert (await do(store, submission)).repeated is False
    executor = await do(store, AddExecutor(executor=an_executor(mine)))
    function = Function(funcname="f", executorid=executor.executorid)
    assert await do(store, AddFunction(colonyid=mine.colonyid, function=function)) == function
    assert await colony.drain(a_worker()) == [submission.process.processid]


async def test_a_removal_that_is_refused_takes_no_colony_away(colony: HeldColony, mine: Colony) -> None:
    executor = await do(colony.store, AddExecutor(executor=an_executor(mine)))
    for colonyid in (an_id(), executor.executorid):
        with pytest.raises(errors.NotFound):
            await do(colony.store, RemoveColony(colonyid=colonyid))
    assert await colony.submit()


async def test_nobody_is_a_member_of_a_colony_that_is_not_there(store: Store) -> None:
    nowhere = Colony(colonyid=an_id(), name="nowhere")
    executor, user = an_executor(nowhere), a_user()
    function = Function(funcname="f", executorid=executor.executorid)
    moves: list[Move[Any]] = [
        AddExecutor(executor=executor),
        AddUser(colonyid=nowhere.colonyid, user=user),
        AddFunction(colonyid=nowhere.colonyid, function=function),
    ]
    for move in moves:
        with pytest.raises(errors.NotFound):
            await do(store, move)
    assert await store.who(executor.executorid) == await store.who(user.userid) == Membership()
    assert await store.functions(nowhere.colonyid) == []


async def test_a_function_is_added_to_an_executor_of_the_colony_alone(store: Store) -> None:
    mine, other = await add_colony(store), await add_colony(store)
    executor = await do(store, AddExecutor(executor=an_executor(mine)))
    for colony, executorid in ((mine, an_id()), (other, executor.executorid)):
        function = Function(funcname="f", executorid=executorid)
        with pytest.raises(errors.NotFound):
            await do(store, AddFunction(colonyid=colony.colonyid, function=function))
        assert await store.functions(colony.colonyid) == []


async def test_what_is_asked_while_the_colony_goes_is_gone_with_it_or_refused(store: Store) -> None:
    """Batches of everything beside the removal, some before it and some after, as the store takes them."""
    for _ in range(ROUNDS):
        mine = await add_colony(store)
        colony = HeldColony(store=store, colonyid=mine.colonyid)
        executor = await do(store, AddExecutor(executor=an_executor(mine)))
        await store.apply([colony.submission() for _ in range(20)])
        async with asyncio.TaskGroup() as tasks:
            for number in range(12):
                batch: list[Move[Any]] = [RemoveColony(colonyid=mine.colonyid)] if number == 4 else []
                batch += [make(colony, executor) for make in LATE.values()]
                tasks.create_task(store.apply(batch))
                await asyncio.sleep(0)
        await assert_is_empty(store, mine)
        assert await store.who(executor.executorid) == Membership()
