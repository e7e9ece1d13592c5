"""A repeated assign looks into the store before its caller stands in line, and in that time its executor may go."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from broker.channels.outbox import Outbox
from broker.engine.authority import Caller, Need
from broker.engine.connection import Connection
from broker.engine.node import Node
from broker.handlers import members, work
from broker.handlers.registry import Call
from broker.settings import Settings
from broker.store.moves import AddColony, AddExecutor
from broker.store.open import open_store
from colonies.wire import errors
from colonies.wire.identity import Identity
from colonies.wire.model import Colony, Conditions, Executor, ExecutorState, ProcessSpec, State
from colonies.wire.params import Assign, ExecutorId

OWNER, EXECUTOR = Identity.generate().id, Identity.generate().id


@pytest.fixture
async def node(fresh_store: str) -> AsyncIterator[Node]:
    async with Node(open_store(fresh_store), Settings()).running() as node:
        await node.commit.do(AddColony(colony=Colony(colonyid=OWNER, name="c")))
        executor = Executor(
            executorid=EXECUTOR,
            executorname="e",
            executortype="cli",
            colonyid=OWNER,
            state=ExecutorState.APPROVED,
        )
        await node.commit.do(AddExecutor(executor=executor))
        yield node


async def a_call(node: Node, identity: str, need: Need) -> Call:
    caller: Caller = await node.authority.permit(identity, need, None)
    return Call(node, Connection(Outbox(max_messages=10, max_bytes=1 << 20)), caller, 1)


async def test_an_executor_that_is_removed_in_the_middle_of_it_is_given_nothing(
    node: Node, monkeypatch: pytest.MonkeyPatch
) -> None:
    spec = ProcessSpec(conditions=Conditions(executortype="cli"), func="f")
    waits = (await node.submitter.submit(spec, colonyid=OWNER, submitterid=OWNER)).process
    give_back_unanswered = node.rescuer.give_back_unanswered

    async def and_then_it_is_removed(colonyid: str, executorid: str, claimid: str) -> None:
        await give_back_unanswered(colonyid, executorid, claimid)
        await members.remove_executor(await a_call(node, OWNER, Need.OPERATOR), ExecutorId(executorid=EXECUTOR))

    monkeypatch.setattr(node.rescuer, "give_back_unanswered", and_then_it_is_removed)
    call = await a_call(node, EXECUTOR, Need.EXECUTOR)
    with pytest.raises(errors.UnknownIdentity):
        await work.assign(call, Assign(timeout=0, claimid="claim-01", repeated=True))
    assert (await node.process(OWNER, waits.processid)).state == State.WAITING
