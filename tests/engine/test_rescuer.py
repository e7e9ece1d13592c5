"""What was assigned to nobody goes back, and what cannot go back now keeps no other from it and is tried again."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from broker.engine import rescuer
from broker.engine.node import Node
from broker.settings import Settings
from broker.store.moves import AddColony
from broker.store.open import open_store
from colonies.wire.identity import Identity
from colonies.wire.model import Colony, Conditions, Executor, ExecutorState, Process, ProcessSpec

COLONY = Identity.generate().id


@pytest.fixture
async def node(tmp_path: Path) -> AsyncIterator[Node]:
    async with Node(open_store(f"sqlite:{tmp_path}/b.db"), Settings()).running() as node:
        await node.commit.do(AddColony(colony=Colony(colonyid=COLONY, name="c")))
        yield node


async def running(node: Node) -> Process:
    spec = ProcessSpec(conditions=Conditions(executortype="cli"), func="f")
    await node.submitter.submit(spec, colonyid=COLONY, submitterid=COLONY)
    who = Executor(
        executorid=Identity.generate().id,
        executorname="e",
        executortype="cli",
        colonyid=COLONY,
        state=ExecutorState.APPROVED,
    )
    return await node.assigner.assign(who, timeout=0, latest=False)


async def test_a_bug_with_one_keeps_no_other_and_is_tried_again(node: Node, monkeypatch: pytest.MonkeyPatch) -> None:
    first, last = await running(node), await running(node)
    back: list[str] = []
    all_back = asyncio.Event()
    tries: list[str] = []
    hand_back = rescuer.hand_back

    async def failing_once(commit: Any, announcer: Any, process: Process, **how: Any) -> Process:
        tries.append(process.processid)
        if tries.count(last.processid) == 1 and process.processid == last.processid:
            raise ZeroDivisionError
        return await hand_back(commit, announcer, process, **how)

    def hear(process: Process, event: str) -> None:
        if event == "requeued":
            back.append(process.processid)
            if len(back) == 2:
                all_back.set()

    monkeypatch.setattr(rescuer, "hand_back", failing_once)
    node.announcer.observers.append(hear)
    for process in (first, last):
        node.rescuer.give_back(process)
    await asyncio.wait_for(all_back.wait(), 60)
    assert back == [first.processid, last.processid]
    assert tries == [last.processid, first.processid, last.processid]
