"""Failures in groups: what failed for one cause, how often, since when, and which of it last."""

from __future__ import annotations

from typing import Any

import pytest
from msgspec.structs import replace

from broker.store.moves import AddColony, RemoveColony
from colonies.wire.figures import FailureGroup
from colonies.wire.model import Colony, Page, Process, State
from colonies.wire.params import Matching, ProcessFilter, ProcessList
from tests.support.builders import HeldColony, Worker, a_worker, an_id, do, granted


async def _groups(colony: HeldColony, executortype: str | None = None, limit: int = 100) -> list[FailureGroup]:
    return await colony.store.failures(colony.colonyid, executortype=executortype, limit=limit)


async def _fail(colony: HeldColony, error: str, func: str = "sleep", *, executortype: str = "cli") -> Process:
    running = await colony.run(a_worker(executortype), func=func, executortype=executortype)
    return await colony.close(running, successful=False, errors=[error])


def _group(last: Process, *, number: int, first: Process | None = None, cause: str) -> FailureGroup:
    return FailureGroup(
        executortype=last.spec.conditions.executortype,
        func=last.spec.func,
        cause=cause,
        number=number,
        first=(first or last).endtime,
        last=last.endtime,
        processid=last.processid,
    )


async def test_a_colony_without_failures_has_no_groups(colony: HeldColony, worker: Worker) -> None:
    await colony.close(await colony.run(worker))
    await colony.cancel(await colony.submit())
    assert await _groups(colony) == []


async def test_equal_failures_are_one_group_and_the_last_to_fail_stands_first(colony: HeldColony) -> None:
    first = await _fail(colony, "no bulb in 17")
    other = await _fail(colony, "no power")
    last = await _fail(colony, "no bulb in 4")
    await _fail(HeldColony(store=colony.store), "no bulb in 5")
    assert await _groups(colony) == [
        _group(last, number=2, first=first, cause="no bulb in #"),
        _group(other, number=1, cause="no power"),
    ]
    assert await _groups(colony, limit=1) == [_group(last, number=2, first=first, cause="no bulb in #")]


async def test_groups_are_by_type_and_function_and_can_be_asked_for_by_type(colony: HeldColony) -> None:
    cli = await _fail(colony, "no bulb")
    func = await _fail(colony, "no bulb", "turn_on")
    lamp = await _fail(colony, "no bulb", "turn_on", executortype="lamp")
    groups = [_group(process, number=1, cause="no bulb") for process in (lamp, func, cli)]
    assert await _groups(colony) == groups
    assert await _groups(colony, "cli") == groups[1:]
    assert await _groups(colony, "lamp") == groups[:1]
    assert await _groups(colony, "") == []


async def test_limits_that_end_are_causes_like_others(colony: HeldColony, worker: Worker) -> None:
    running = await colony.run(worker, maxexectime=1)
    colony.now = running.execdeadline
    overrun = (await colony.change(colony.overrunning(running))).after
    waiting = await colony.submit(maxwaittime=3)
    colony.now = waiting.waitdeadline
    waited = (await colony.change(colony.ending_the_wait(waiting))).after
    silent = await colony.close(await colony.run(worker), successful=False)
    assert await _groups(colony) == [
        _group(silent, number=1, cause="no error given"),
        _group(waited, number=1, cause="maxwaittime # s exceeded"),
        _group(overrun, number=1, cause="maxexectime # s exceeded, # retries used up"),
    ]


async def test_removing_takes_from_a_group_and_an_empty_one_goes(colony: HeldColony) -> None:
    first, second, third = [await _fail(colony, f"no bulb in {number}") for number in range(3)]
    await do(colony.store, colony.removing(third))
    assert await _groups(colony) == [_group(second, number=2, first=first, cause="no bulb in #")]
    await do(colony.store, colony.removing(first))
    assert await _groups(colony) == [_group(second, number=1, first=first, cause="no bulb in #")]
    await do(colony.store, colony.removing(second))
    assert await _groups(colony) == []
    again = await _fail(colony, "no bulb in 9")
    assert await _groups(colony) == [_group(again, number=1, cause="no bulb in #")]


async def test_closing_again_or_in_vain_is_not_counted(colony: HeldColony, worker: Worker) -> None:
    running = await colony.run(worker)
    move = colony.closing(running, successful=False, errors=["no bulb"])
    late = colony.closing(running, successful=False, errors=["too late"], attempt=7)
    await colony.store.apply([late, move, move])
    await colony.store.apply([move, colony.cancelling(running)])
    assert [(group.number, group.cause) for group in await _groups(colony)] == [(1, "no bulb")]


async def test_what_fails_and_is_removed_in_one_batch_leaves_the_others(colony: HeldColony) -> None:
    kept = await _fail(colony, "no bulb")
    gone = [await _fail(colony, "no bulb") for _ in range(4)]
    running = [await colony.run(a_worker()) for _ in range(2)]
    closing = [colony.closing(process, successful=False, errors=["no bulb"]) for process in running]
    await colony.store.apply([*map(colony.removing, gone), *closing])
    (group,) = await _groups(colony)
    assert (group.number, group.first, group.last) == (3, kept.endtime, colony.now)
    assert group.processid in {process.processid for process in running}


async def test_of_a_batch_the_one_that_failed_last_is_the_last_of_its_group(colony: HeldColony) -> None:
    running = [await colony.run(a_worker()) for _ in range(3)]
    moves = []
    for process, later in zip(running, (1000, 3000, 2000), strict=True):
        moves.append(replace(colony.closing(process, successful=False), now=colony.now + later))
    first, last, _ = [granted(outcome).after for outcome in await colony.store.apply(moves)]
    assert await _groups(colony) == [_group(last, number=3, first=first, cause="no error given")]


async def test_a_colony_that_is_removed_leaves_no_groups(colony: HeldColony) -> None:
    colonyid = colony.colonyid
    await do(colony.store, AddColony(colony=Colony(colonyid=colonyid, name=an_id())))
    await _fail(colony, "no bulb")
    assert await _groups(colony)
    await do(colony.store, RemoveColony(colonyid=colonyid))
    assert await _groups(colony) == []
    assert await colony.store.finished(colonyid, since=0) == []
    assert await colony.store.counts(colonyid) == []


# — listing what is in a group —


async def _page(colony: HeldColony, wanted: ProcessFilter, *, limit: int = 100, cursor: str = "") -> Page:
    return await colony.store.page(colony.colonyid, wanted, newest=True, limit=limit, cursor=cursor)


async def _ids(colony: HeldColony, **wanted: Any) -> list[str]:
    """Newest first, on one page whose total is right."""
    page = await _page(colony, ProcessFilter(**wanted))
    assert page.total == len(page.processes)
    return [process.processid for process in page.processes]


async def test_the_failures_of_one_cause_are_listed(colony: HeldColony, worker: Worker) -> None:
    bulbs = [(await _fail(colony, f"no bulb in {number}")).processid for number in range(3)]
    lamp = (await _fail(colony, "no bulb in 7", "turn_on", executortype="lamp")).processid
    await _fail(colony, "no power")
    await colony.cancel(await colony.submit())
    await colony.close(await colony.run(worker), errors=["no bulb in 3"])
    assert await _ids(colony, cause="no bulb in #") == [lamp, *bulbs[::-1]]
    assert await _ids(colony, cause="no bulb in #", state=State.FAILED, executortype="cli") == bulbs[::-1]
    assert await _ids(colony, cause="no bulb in #", executortype="lamp", func="turn_on") == [lamp]
    assert await _ids(colony, cause="no bulb in #", func="turn_off") == []
    assert await _ids(colony, cause="no bulb in #", text="in 1") == bulbs[1:2]
    assert await _ids(colony, cause="no bulb in 1") == []
    for state in set(State) - {State.FAILED}:
        assert await _ids(colony, cause="no bulb in #", state=state) == []


async def test_pages_of_one_cause_follow_each_other(colony: HeldColony) -> None:
    failed = []
    for number in range(7):
        failed.append((await _fail(colony, f"no bulb in {number}")).processid)
        await _fail(colony, "no power")
    found, cursor, pages = [], "", 0
    while cursor or not pages:
        page = await _page(colony, ProcessFilter(cause="no bulb in #"), limit=3, cursor=cursor)
        assert page.total == 7
        found += [process.processid for process in page.processes]
        cursor, pages = page.cursor, pages + 1
    assert (found, pages) == (failed[::-1], 3)


@pytest.mark.parametrize("wanted", [ProcessList, Matching])
async def test_totals_are_the_same_for_filters_of_requests(
    colony: HeldColony, wanted: type[ProcessList] | type[Matching]
) -> None:
    """Their classes are others than the filter's, and not equal to it."""
    for error in ("no bulb in 1", "no bulb in 2", "no power"):
        await _fail(colony, error)
    assert (await _page(colony, wanted(cause="no bulb in #"), limit=1)).total == 2
    assert (await _page(colony, wanted(cause="no bulb in #", func="other"), limit=1)).total == 0
    assert (await _page(colony, wanted(state=State.FAILED, limit=1), limit=1)).total == 3
    assert (await _page(colony, wanted(state=State.WAITING), limit=1)).total == 0


async def test_what_an_executor_runs_or_ran_last_is_listed(colony: HeldColony, worker: Worker) -> None:
    closed = await colony.close(await colony.run(worker))
    failed = await colony.close(await colony.run(worker), successful=False)
    handed_back = await colony.run(worker)
    await colony.change(colony.handing_back(handed_back))
    other = a_worker()
    taken_over = await colony.claim(other)
    running = await colony.run(worker)
    assert await _ids(colony, assigneeid=worker.executorid) == [
        process.processid for process in (running, failed, closed)
    ]
    assert await _ids(colony, assigneeid=worker.executorid, state=State.RUNNING) == [running.processid]
    assert await _ids(colony, assigneeid=worker.executorid, state=State.FAILED, cause="no error given") == [
        failed.processid
    ]
    assert taken_over
    assert await _ids(colony, assigneeid=other.executorid) == [taken_over.processid]
    assert await _ids(colony, assigneeid=an_id()) == []
