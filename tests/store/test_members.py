"""Colonies and their members: one place for each id, and adding again is harmless."""

from __future__ import annotations

import pytest

from broker.store.base import Membership, Store
from broker.store.moves import (
    AddExecutor,
    AddFunction,
    AddUser,
    RemoveExecutor,
    RemoveFunction,
    RemoveUser,
    Seen,
    SetExecutorState,
)
from colonies.wire import errors
from colonies.wire.model import Colony, ExecutorState, Function, User
from tests.support.builders import HeldColony, Worker, add_colony, an_executor, an_id, do


@pytest.fixture
async def mine(store: Store) -> Colony:
    return await add_colony(store)


async def test_nobody_is_nothing(store: Store) -> None:
    assert await store.who(an_id()) == Membership()


async def test_an_executor_is_added_pending_and_approved_or_rejected(store: Store, mine: Colony) -> None:
    executor = await do(store, AddExecutor(executor=an_executor(mine)))
    assert executor.state == ExecutorState.PENDING
    for state in (ExecutorState.APPROVED, ExecutorState.REJECTED, ExecutorState.APPROVED):
        move = SetExecutorState(colonyid=mine.colonyid, executorid=executor.executorid, state=state)
        answered = await do(store, move)
        assert answered.state == state
        assert await store.who(executor.executorid) == Membership(executor=answered)
        assert await do(store, move) == answered


async def test_adding_the_same_executor_again_answers_what_is_stored(store: Store, mine: Colony) -> None:
    pending = an_executor(mine)
    approved = an_executor(mine, executorid=pending.executorid, state=ExecutorState.APPROVED)
    assert await do(store, AddExecutor(executor=pending)) == pending
    assert await do(store, AddExecutor(executor=pending)) == pending
    assert await do(store, AddExecutor(executor=approved)) == approved
    assert await do(store, AddExecutor(executor=pending)) == approved
    assert await store.executors(mine.colonyid) == [approved]


async def test_executors_are_found_by_their_names(store: Store, mine: Colony) -> None:
    stored = [await do(store, AddExecutor(executor=an_executor(mine, name))) for name in ("a", "b\x00", "c")]
    other = await add_colony(store)
    await do(store, AddExecutor(executor=an_executor(other, "elsewhere")))
    names = ["b\x00", "a", "a", "nobody", "elsewhere"]
    assert await store.executor_ids(mine.colonyid, names) == {one.executorname: one.executorid for one in stored[:2]}


async def test_adding_again_does_not_approve_what_was_rejected(store: Store, mine: Colony) -> None:
    executor = await do(store, AddExecutor(executor=an_executor(mine)))
    await do(
        store,
        SetExecutorState(colonyid=mine.colonyid, executorid=executor.executorid, state=ExecutorState.REJECTED),
    )
    again = an_executor(mine, executorid=executor.executorid, state=ExecutorState.APPROVED)
    assert (await do(store, AddExecutor(executor=again))).state == ExecutorState.REJECTED


async def test_an_executor_needs_a_name_and_an_id_of_its_own(store: Store, mine: Colony) -> None:
    other = await add_colony(store)
    stored = await do(store, AddExecutor(executor=an_executor(mine)))
    user = User(userid=an_id(), name="eve", role="viewer")
    await do(store, AddUser(colonyid=other.colonyid, user=user))
    for executor in (
        an_executor(mine),
        an_executor(mine, "other name", executorid=stored.executorid),
        an_executor(mine, executorid=stored.executorid, executortype="gpu"),
        an_executor(other, executorid=stored.executorid),
        an_executor(mine, "other name", executorid=mine.colonyid),
        an_executor(mine, "other name", executorid=other.colonyid),
        an_executor(mine, "other name", executorid=user.userid),
    ):
        with pytest.raises(errors.Exists):
            await do(store, AddExecutor(executor=executor))
    assert await store.executors(mine.colonyid) == [stored]
    same_name_elsewhere = an_executor(other)
    assert await do(store, AddExecutor(executor=same_name_elsewhere)) == same_name_elsewhere


async def test_executors_are_listed_by_name_within_the_colony(store: Store, mine: Colony) -> None:
    other = await add_colony(store)
    for name in ("b", "c", "a"):
        await do(store, AddExecutor(executor=an_executor(mine, name)))
    await do(store, AddExecutor(executor=an_executor(other, "d")))
    assert [executor.executorname for executor in await store.executors(mine.colonyid)] == ["a", "b", "c"]


async def test_what_is_done_to_an_executor_of_another_colony_finds_nothing(store: Store, mine: Colony) -> None:
    other = await add_colony(store)
    executor = await do(store, AddExecutor(executor=an_executor(mine)))
    approve = SetExecutorState(colonyid=other.colonyid, executorid=executor.executorid, state=ExecutorState.APPROVED)
    with pytest.raises(errors.NotFound):
        await do(store, approve)
    with pytest.raises(errors.NotFound):
        await do(store, RemoveExecutor(colonyid=other.colonyid, executorid=executor.executorid))
    assert await store.executors(mine.colonyid) == [executor]


async def test_a_removed_executor_takes_its_functions_along_and_may_come_back(store: Store, mine: Colony) -> None:
    executor = await do(store, AddExecutor(executor=an_executor(mine)))
    kept = Function(
        funcname="wake", executorid=(await do(store, AddExecutor(executor=an_executor(mine, "b")))).executorid
    )
    for function in (Function(funcname="sleep", executorid=executor.executorid), kept):
        await do(store, AddFunction(colonyid=mine.colonyid, function=function))
    move = RemoveExecutor(colonyid=mine.colonyid, executorid=executor.executorid)
    assert await do(store, move) == executor
    assert await store.who(executor.executorid) == Membership()
    assert await store.functions(mine.colonyid) == [kept]
    with pytest.raises(errors.NotFound):
        await do(store, move)
    assert await do(store, AddExecutor(executor=executor)) == executor


async def test_removing_an_executor_leaves_what_it_runs(colony: HeldColony, worker: Worker) -> None:
    mine = await add_colony(colony.store)
    colony.colonyid = mine.colonyid
    await do(colony.store, AddExecutor(executor=an_executor(mine, executorid=worker.executorid)))
    running = await colony.run(worker)
    await do(colony.store, RemoveExecutor(colonyid=mine.colonyid, executorid=worker.executorid))
    assert await colony.store.held(mine.colonyid, worker.executorid) == [running]


async def test_when_an_executor_was_seen_never_goes_back(store: Store, mine: Colony) -> None:
    executor = await do(store, AddExecutor(executor=an_executor(mine)))
    for time, remembered in ((100, 100), (300, 300), (200, 300)):
        await do(store, Seen(executorid=executor.executorid, time=time))
        assert [found.lastseen for found in await store.executors(mine.colonyid)] == [remembered]
    stranger = an_id()
    await do(store, Seen(executorid=stranger, time=1))
    assert await store.who(stranger) == Membership()


async def test_users_are_added_listed_by_name_and_removed(store: Store, mine: Colony) -> None:
    eve = User(userid=an_id(), name="eve", role="operator")
    ada = User(userid=an_id(), name="ada", role="viewer")
    for user in (eve, ada, eve):
        assert await do(store, AddUser(colonyid=mine.colonyid, user=user)) == user
    assert await store.users(mine.colonyid) == [ada, eve]
    assert await store.who(eve.userid) == Membership(user=(mine.colonyid, eve))
    with pytest.raises(errors.NotFound):
        await do(store, RemoveUser(colonyid=(await add_colony(store)).colonyid, userid=eve.userid))
    assert await do(store, RemoveUser(colonyid=mine.colonyid, userid=eve.userid)) == eve
    assert await store.users(mine.colonyid) == [ada]
    with pytest.raises(errors.NotFound):
        await do(store, RemoveUser(colonyid=mine.colonyid, userid=eve.userid))


async def test_a_user_needs_a_name_and_an_id_of_its_own(store: Store, mine: Colony) -> None:
    other = await add_colony(store)
    executor = await do(store, AddExecutor(executor=an_executor(mine)))
    eve = User(userid=an_id(), name="eve", role="viewer")
    await do(store, AddUser(colonyid=mine.colonyid, user=eve))
    for colony, user in (
        (mine, User(userid=an_id(), name="eve", role="viewer")),
        (mine, User(userid=eve.userid, name="eve", role="operator")),
        (other, eve),
        (mine, User(userid=executor.executorid, name="x", role="viewer")),
        (other, User(userid=mine.colonyid, name="x", role="viewer")),
    ):
        with pytest.raises(errors.Exists):
            await do(store, AddUser(colonyid=colony.colonyid, user=user))
    assert await store.users(mine.colonyid) == [eve]
    assert await store.users(other.colonyid) == []


async def test_a_function_is_replaced_by_the_next_of_its_name(store: Store, mine: Colony) -> None:
    executor = await do(store, AddExecutor(executor=an_executor(mine)))
    first = Function(
        funcname="sleep", description="waits", args=["seconds", {"max": 3}], executorid=executor.executorid
    )
    second = Function(funcname="sleep", description="waits long", executorid=executor.executorid)
    for function in (first, second):
        assert await do(store, AddFunction(colonyid=mine.colonyid, function=function)) == function
        assert await store.functions(mine.colonyid) == [function]
    remove = RemoveFunction(colonyid=mine.colonyid, executorid=executor.executorid, funcname="sleep")
    assert await do(store, remove) == second
    assert await store.functions(mine.colonyid) == []
    with pytest.raises(errors.NotFound):
        await do(store, remove)


async def test_a_function_of_somebody_else_is_not_found(store: Store, mine: Colony) -> None:
    executor = await do(store, AddExecutor(executor=an_executor(mine)))
    function = Function(funcname="sleep", executorid=executor.executorid)
    await do(store, AddFunction(colonyid=mine.colonyid, function=function))
    other = await add_colony(store)
    for colonyid, executorid in ((mine.colonyid, an_id()), (other.colonyid, executor.executorid)):
        with pytest.raises(errors.NotFound):
            await do(store, RemoveFunction(colonyid=colonyid, executorid=executorid, funcname="sleep"))
    assert await store.functions(mine.colonyid) == [function]
