"""What was acknowledged is there: after closing and opening again, and after `kill -9`."""

from __future__ import annotations

import asyncio
import contextlib
import os
import sys
from collections import Counter

import pytest

from broker.store.base import Membership, Store
from broker.store.mongo import MongoStore
from broker.store.moves import AddColony, AddExecutor, AddFunction, AddUser
from broker.store.open import open_store
from colonies.wire import errors
from colonies.wire.model import Colony, Executor, Function, Process, State, User
from colonies.wire.params import ProcessFilter
from tests.support.builders import HeldColony, Worker, an_id, do


async def test_everything_is_there_after_opening_again(empty_address: str, worker: Worker) -> None:
    first = open_store(empty_address)
    await first.open()
    colony = HeldColony(store=first)
    mine = await do(first, AddColony(colony=Colony(colonyid=colony.colonyid, name="mine")))
    executor = Executor(
        executorid=worker.executorid, executorname="a", executortype="cli", colonyid=mine.colonyid, lastseen=7
    )
    await do(first, AddExecutor(executor=executor))
    user = await do(first, AddUser(colonyid=mine.colonyid, user=User(userid=an_id(), name="eve", role="viewer")))
    function = Function(funcname="f", executorid=worker.executorid)
    await do(first, AddFunction(colonyid=mine.colonyid, function=function))
    closed = await colony.close(await colony.run(worker), out=["42"])
    outdated = await colony.run(worker, latestkey="lamp")
    await do(first, colony.logging(outdated, "line"))
    waiting = await colony.submit(latestkey="lamp", maxwaittime=5)
    counts = await first.counts(mine.colonyid)
    await first.close()

    again = open_store(empty_address)
    await again.open()
    try:
        colony.store = again
        page = await again.page(mine.colonyid, ProcessFilter(), newest=False, limit=10, cursor="")
        assert page.processes == [closed, outdated, waiting]
        assert await again.who(mine.colonyid) == Membership(owner_of=mine)
        assert await again.executors(mine.colonyid) == [executor]
        assert await again.users(mine.colonyid) == [user]
        assert await again.functions(mine.colonyid) == [function]
        assert sorted(await again.counts(mine.colonyid)) == sorted(counts)
        assert [line.message for line in await again.logs(outdated.processid, since=0, limit=9)] == ["line"]
        assert [due.time for due in await again.upcoming(2)] == [waiting.waitdeadline]
        changed = await colony.change(colony.handing_back(outdated))
        assert changed.after.errors == [f"superseded by {waiting.processid}"]
        assert await colony.drain(worker) == [waiting.processid]
    finally:
        await again.close()


async def test_closing_twice_is_harmless_and_then_nothing_is_taken(empty_store: Store, worker: Worker) -> None:
    colony = HeldColony(store=empty_store)
    await colony.submit()
    await asyncio.gather(empty_store.close(), empty_store.close())
    await empty_store.close()
    for refused in (colony.submit(), colony.claim(worker), empty_store.ping(), empty_store.upcoming(1)):
        with pytest.raises(errors.Unavailable):
            await refused


async def test_closing_finishes_what_is_on_its_way(empty_address: str) -> None:
    first = open_store(empty_address)
    await first.open()
    colony = HeldColony(store=first)
    moves = [colony.submission() for _ in range(200)]
    async with asyncio.TaskGroup() as tasks:
        applied = tasks.create_task(first.apply(moves))
        await asyncio.sleep(0)  # one turn of the loop: the batch is on its way
        await first.close()
    assert len(applied.result()) == 200
    again = open_store(empty_address)
    await again.open()
    try:
        assert (await again.counts(colony.colonyid))[0].number == 200
    finally:
        await again.close()


async def test_an_open_store_answers_a_ping(store: Store) -> None:
    await store.ping()
    await store.ping()


@pytest.mark.parametrize("kills", [3])
async def test_what_was_acknowledged_survives_kill_9(empty_address: str, kills: int) -> None:
    colonyid = an_id()
    acknowledged: dict[str, str] = {}
    for _ in range(kills):
        acknowledged |= await _what_a_killed_process_said(empty_address, colonyid)
    store = open_store(empty_address)
    await store.open()
    try:
        stored = await _everything(store, colonyid)
        await _recounted(store)
        counts = {count.state: count.number for count in await store.counts(colonyid)}
        finished = await store.finished(colonyid, since=0)
    finally:
        await store.close()
    assert len(acknowledged) >= 300 * kills
    order = {"submitted": 0, "claimed": 1, "closed": 2}
    for processid, said in acknowledged.items():
        assert processid in stored, f"{said} was acknowledged, and it is not there"
        assert int(stored[processid].state) >= order[said]
        assert stored[processid].out == (["done"] if int(stored[processid].state) == 2 else [])
    assert counts == Counter(process.state for process in stored.values())
    if not store.shared:
        assert sum(slot.number for slot in finished) == counts[State.SUCCESSFUL]


async def _recounted(store: Store) -> None:
    """On MongoDB, what a killed broker had gathered is lost until the next one has counted again."""
    if isinstance(store, MongoStore):
        assert store._keeper
        await store._keeper.recounted.wait()


async def _what_a_killed_process_said(address: str, colonyid: str) -> dict[str, str]:
    child = await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        "tests.support.storing",
        address,
        colonyid,
        stdout=asyncio.subprocess.PIPE,
        cwd=os.getcwd(),
    )
    assert child.stdout is not None
    said: dict[str, str] = {}
    try:
        while len(said) < 300 or "closed" not in said.values():
            line = await child.stdout.readline()
            assert line, "it ended by itself"
            processid, _, word = line.decode().strip().partition(" ")
            said[processid] = word
    finally:
        with contextlib.suppress(ProcessLookupError):
            child.kill()
        rest, _ = await child.communicate()
        await child.wait()
    for whole in rest.decode().splitlines(keepends=True):
        if whole.endswith("\n"):
            processid, _, word = whole.strip().partition(" ")
            said[processid] = word
    return said


async def _everything(store: Store, colonyid: str) -> dict[str, Process]:
    found: dict[str, Process] = {}
    cursor = ""
    while True:
        page = await store.page(colonyid, ProcessFilter(), newest=False, limit=500, cursor=cursor)
        found |= {process.processid: process for process in page.processes}
        if not (cursor := page.cursor):
            return found
