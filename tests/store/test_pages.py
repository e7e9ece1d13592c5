"""Listing processes: filters, pages, cursors."""

from __future__ import annotations

from typing import Any

import pytest

from broker.store.base import PAGE_BYTES
from colonies.wire import errors
from colonies.wire.frames import MAX_FRAME_BYTES, pack
from colonies.wire.model import MAX_SPEC_BYTES, Attribute, Page, Process, State
from colonies.wire.params import ProcessFilter
from colonies.wire.validation import encode
from tests.support.builders import HeldColony, Worker, a_worker, do, granted


async def _page(colony: HeldColony, *, newest: bool = True, limit: int = 100, cursor: str = "", **wanted: Any) -> Page:
    return await colony.store.page(colony.colonyid, ProcessFilter(**wanted), newest=newest, limit=limit, cursor=cursor)


async def _ids(colony: HeldColony, **wanted: Any) -> list[str]:
    """The processids of all that match, oldest first, on one page whose total is right."""
    page = await _page(colony, newest=False, **wanted)
    assert page.total == len(page.processes)
    assert page.cursor == ""
    return [process.processid for process in page.processes]


async def test_a_colony_without_processes_has_one_empty_page(colony: HeldColony) -> None:
    assert await _page(colony) == Page(processes=[], cursor="", total=0)


@pytest.mark.parametrize("newest", [True, False])
@pytest.mark.parametrize("limit", [1, 3, 10, 11])
async def test_pages_show_everything_once_in_order_of_submission(colony: HeldColony, newest: bool, limit: int) -> None:
    submitted = [granted(outcome).process for outcome in await colony.store.apply(_ten(colony))]
    await HeldColony(store=colony.store).submit()
    found: list[Process] = []
    cursor, pages = "", 0
    while cursor or not pages:
        page = await _page(colony, newest=newest, limit=limit, cursor=cursor)
        assert page.total == 10
        found += page.processes
        cursor, pages = page.cursor, pages + 1
        assert pages <= 10
    assert pages == -(-10 // limit)
    assert found == (submitted[::-1] if newest else submitted)


def _ten(colony: HeldColony) -> list[Any]:
    return [colony.submission(priority=number % 3) for number in range(10)]


@pytest.mark.parametrize("newest", [True, False])
async def test_what_comes_and_goes_meanwhile_moves_nothing_else(colony: HeldColony, newest: bool) -> None:
    submitted = [await colony.submit(executortype="cli") for _ in range(9)]
    first = await _page(colony, newest=newest, limit=3)
    for _ in range(5):
        await colony.submit(executortype="cli")
    gone = submitted[4]
    await colony.cancel(gone)
    await do(colony.store, colony.removing(gone))
    await do(colony.store, colony.removing(await colony.cancel(first.processes[-1])))
    found, cursor = [process.processid for process in first.processes], first.cursor
    while cursor:
        page = await _page(colony, newest=newest, limit=3, cursor=cursor)
        assert page.total == first.total == 9
        found += [process.processid for process in page.processes]
        assert cursor != page.cursor
        cursor = page.cursor
    assert len(found) == len(set(found))
    stayed = {process.processid for process in submitted if process is not gone}
    assert stayed <= set(found)


async def test_filters_by_what_a_process_is(colony: HeldColony, worker: Worker) -> None:
    lamp = await colony.submit("turn_on", executortype="lamp", label="hall")
    sleep = await colony.submit("sleep", label="hall")
    other = await colony.submit("sleep", label="Hall")
    named = await colony.submit("sleep", executortype="", executorids=(worker.executorid,))
    both = await colony.submit("turn_on", executortype="lamp", executorids=(worker.executorid,))
    assert await _ids(colony, executortype="lamp") == [lamp.processid, both.processid]
    assert await _ids(colony, executortype="") == [named.processid]
    assert await _ids(colony, func="sleep") == [sleep.processid, other.processid, named.processid]
    assert await _ids(colony, label="hall") == [lamp.processid, sleep.processid]
    assert await _ids(colony, func="sleep", label="hall") == [sleep.processid]
    assert await _ids(colony, func="slee") == []


async def test_filters_by_state(colony: HeldColony, worker: Worker) -> None:
    closed = await colony.close(await colony.run(worker))
    failed = await colony.close(await colony.run(worker), successful=False)
    running = await colony.run(worker)
    cancelled = await colony.cancel(await colony.submit())
    waiting = await colony.submit()
    for process in (closed, failed, running, cancelled, waiting):
        assert await _ids(colony, state=process.state) == [process.processid]
        assert await _ids(colony, state=process.state, executortype="cli") == [process.processid]
        assert await _ids(colony, state=process.state, executortype="gpu") == []


async def test_filters_by_time_from_and_up_to_but_not_including(colony: HeldColony) -> None:
    submitted = [await colony.submit(priority=priority) for priority in (0, 7, -7, 0)]
    times = [process.submissiontime for process in submitted]
    ids = [process.processid for process in submitted]
    assert await _ids(colony, since=times[1]) == ids[1:]
    assert await _ids(colony, before=times[2]) == ids[:2]
    assert await _ids(colony, since=times[1], before=times[3]) == ids[1:3]
    assert await _ids(colony, since=times[3] + 1) == []


@pytest.mark.parametrize(("since", "matching"), [(-(1 << 63), 1), (1 << 62, 0), ((1 << 64) - 1, 0)])
async def test_times_out_of_all_reason_are_taken_as_they_are_meant(
    colony: HeldColony, since: int, matching: int
) -> None:
    await colony.submit()
    assert (await _page(colony, since=since)).total == matching
    assert (await _page(colony, before=since)).total == 1 - matching


async def test_finds_a_part_of_an_argument_or_an_error_in_any_case_of_letters(
    colony: HeldColony, worker: Worker
) -> None:
    failed = await colony.close(await colony.run(worker, args=["a.mp4"]), successful=False, errors=["No Bulb: Ärger"])
    by_arg = await colony.submit(args=["Film 100%_done\\.MP4"])
    by_kwarg = await colony.submit(kwargs={"path": "/videos/Film.mkv"})
    assert await _ids(colony, text="no bulb") == [failed.processid]
    assert await _ids(colony, text="ÄRGER") == [failed.processid]
    assert await _ids(colony, text="film") == [by_arg.processid, by_kwarg.processid]
    assert await _ids(colony, text=".mp4") == [failed.processid, by_arg.processid]
    assert await _ids(colony, text="100%_d") == [by_arg.processid]
    assert await _ids(colony, text="e\\.m") == [by_arg.processid]
    for wild in ("100_", "f%m", "f.*m", "[a-z]", "path", "sleep"):
        assert await _ids(colony, text=wild) == [], wild


async def test_what_lies_beyond_the_first_4096_characters_is_not_searched(colony: HeldColony) -> None:
    within = await colony.submit(args=["x" * 4095, "needle"])
    assert await _ids(colony, text="xx") == [within.processid]
    assert await _ids(colony, text="needle") == []


async def test_an_error_is_found_beside_very_long_arguments(colony: HeldColony) -> None:
    waiting = await colony.submit(args=["x" * 100_000], maxwaittime=1)
    colony.now = waiting.waitdeadline
    await colony.change(colony.ending_the_wait(waiting))
    assert await _ids(colony, text="maxwaittime 1 s exceeded") == [waiting.processid]


@pytest.mark.parametrize("newest", [True, False])
async def test_a_page_of_large_processes_fits_a_frame(colony: HeldColony, newest: bool) -> None:
    worker = a_worker()
    sizes = [10, MAX_SPEC_BYTES - 1000, 10, 200_000, 10, MAX_SPEC_BYTES - 1000, 100_000, 10]
    for size in sizes:
        process = await colony.run(worker, args=["x" * size])
        attributes = [Attribute(key=f"k{number}", value="y" * 3000) for number in range(60)]
        await colony.close(process, out=["z" * size], attributes=attributes if size > 1000 else [])
    found, cursor, pages = 0, "", 0
    while cursor or not pages:
        page = await _page(colony, newest=newest, limit=500, cursor=cursor)
        size = len(pack(encode(page)))
        assert size < MAX_FRAME_BYTES
        assert len(page.processes) == 1 or size < PAGE_BYTES + 1000
        found, cursor, pages = found + len(page.processes), page.cursor, pages + 1
        assert page.processes
    assert found == len(sizes)
    assert 1 < pages < len(sizes)


@pytest.mark.parametrize(
    "cursor",
    ["x", "1", "1.2", "..", "1.1.short\n", "1.1." + "a" * 65, "9" * 30 + ".1.process-1", "1.1.a b c d e f", "é"],
)
async def test_a_cursor_that_is_none_is_refused(colony: HeldColony, cursor: str) -> None:
    with pytest.raises(errors.BadRequest) as refused:
        await _page(colony, cursor=cursor)
    assert refused.value.field == "cursor"


async def test_a_cursor_shows_nothing_of_another_colony(colony: HeldColony) -> None:
    for _ in range(3):
        await colony.submit()
    elsewhere = HeldColony(store=colony.store)
    page = await _page(colony, limit=1)
    assert (await _page(elsewhere, cursor=page.cursor)).processes == []


async def test_listings_show_processes_as_they_are_now(colony: HeldColony, worker: Worker) -> None:
    closed = await colony.close(await colony.run(worker, env={"A": "b"}), out=[{"x": [b"1"]}], attributes=[])
    assert closed.state == State.SUCCESSFUL
    assert (await _page(colony)).processes == [closed]


async def test_whatever_is_answered_can_be_sent(colony: HeldColony, worker: Worker) -> None:
    """A store whose driver has numbers of its own must not hand them out: the wire has no form for them."""
    waiting = await colony.submit(maxwaittime=99, args=[1 << 40])
    running = await colony.run(worker, maxexectime=5, maxretries=1, priority=1)
    line = await do(colony.store, colony.logging(running, "line"))
    peeked = await colony.store.peek(colony.claiming(worker).lanes, colony.now)
    held = await colony.store.held(colony.colonyid, worker.executorid)
    logs = await colony.store.logs(running.processid, since=0, limit=1)
    colony.now = running.execdeadline
    changed = await colony.change(colony.overrunning(running))
    again = await colony.claim(worker)
    assert again is not None
    closed = await colony.close(again)
    answers: list[Any] = [waiting, running, line, peeked, held, logs, *changed, again, closed, await _page(colony)]
    answers += [await colony.store.counts(colony.colonyid), await colony.store.running(colony.colonyid)]
    answers += [await colony.store.upcoming(10)]
    answers += [await colony.stored(closed), await colony.store.ahead(waiting)]
    for answer in answers:
        assert pack(encode(answer))
