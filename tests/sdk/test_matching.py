"""What operators do with many processes at once: progress, patience with it, and what came of it."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from colonies import AsyncColonies, Colonies, Matched, State, errors
from colonies.answer import Answer
from colonies.asked import Asked
from colonies.wire.errors import BadFrame
from tests.support.broker import Broker
from tests.support.colony import ColonyKeys, spec

from .strange_broker import KEY, StrangeBroker
from .talk import ANN, Heard, Talk

# — progress —


class Moved:
    def __init__(self, talk: Talk, method: str) -> None:
        self.reached: list[tuple[int, int]] = []
        self.heard = Heard()
        self.asked = Asked(method, {}, ANN, settle=self.heard, progress=lambda *how: self.reached.append(how))
        talk.dialogue.ask(self.asked)
        ((self.request,),) = talk.hear()


def test_progress_goes_to_its_request_for_as_long_as_somebody_waits_for_the_answer(talk: Talk) -> None:
    one, other = Moved(talk, "process.retry_matching"), Moved(talk, "process.retry_matching")
    talk.notify("progress", id=one.request.id, done=1, matched=9)
    talk.notify("progress", id=other.request.id, done=2, matched=8)
    talk.dialogue.forget(other.asked)
    talk.notify("progress", id=other.request.id, done=3, matched=8)
    talk.answer(one.request, {"done": 9, "matched": 9})
    talk.notify("progress", id=one.request.id, done=4, matched=9)
    assert (one.reached, other.reached) == ([(1, 9)], [(2, 8)])


def test_progress_without_its_numbers_is_a_bad_frame(talk: Talk) -> None:
    with pytest.raises(BadFrame):
        talk.notify("progress", id=1, done=1)


def test_a_move_that_a_stopping_broker_has_begun_is_not_begun_anew_unless_that_is_safe(talk: Talk) -> None:
    removing, cancelling, retrying = (Moved(talk, f"process.{move}_matching") for move in ("remove", "cancel", "retry"))
    for moved in (removing, retrying):
        talk.notify("progress", id=moved.request.id, done=0, matched=9)
    for moved in (removing, cancelling, retrying):
        talk.answer(moved.request, error=errors.Draining("stopping"))
    assert isinstance(removing.heard.errors[0], errors.Draining)
    assert talk.hear() == []
    talk.lose()
    talk.open()
    said = [request.method for frame in talk.hear() for request in frame]
    assert sorted(said) == ["process.cancel_matching", "process.retry_matching"]


class Reachable:
    """A connection on which nothing comes by itself."""

    is_open = True

    def __init__(self) -> None:
        self.forgotten: list[Asked] = []

    async def wait_reachable(self, _answer: asyncio.Future[Any]) -> None:
        pass

    def forget(self, asked: Asked) -> None:
        self.forgotten.append(asked)


async def turns() -> None:
    """Let the loop see what is due, cancel for it, and end what was cancelled."""
    for _ in range(5):
        await asyncio.sleep(0)


async def test_each_sign_of_a_move_on_many_is_waited_for_anew_and_none_in_time_is_said(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    loop = asyncio.get_running_loop()
    real, later = loop.time, 0.0
    monkeypatch.setattr(loop, "time", lambda: real() + later)
    reached: list[int] = []
    connection = Reachable()
    method = "process.remove_matching"
    answer = Answer(connection, method, 90, lambda done, _: reached.append(done))  # type: ignore[arg-type]
    answer.asked = Asked(method, {}, ANN)
    waiting = asyncio.create_task(answer.wait())
    for done in (1, 2, 3):
        await turns()
        later += 80
        answer.progress(done, 9)
    await turns()
    assert (reached, connection.forgotten) == ([1, 2, 3], [])
    later += 90
    with pytest.raises(errors.NoAnswer, match="look before you repeat it"):
        await waiting
    answer.progress(4, 9)
    assert (reached, connection.forgotten) == ([1, 2, 3], [answer.asked])


async def test_what_a_progress_callback_raises_is_raised_to_whoever_waits_and_the_connection_goes_on() -> None:
    async with StrangeBroker.open() as strange, AsyncColonies(strange.address, key=KEY) as client:
        moving = asyncio.create_task(client.retry_matching(progress=lambda *_: 1 // 0))
        guest = await strange.guest()
        request = await guest.asked("process.retry_matching")
        await guest.notify("progress", id=request.id, done=1, matched=9)
        with pytest.raises(ZeroDivisionError):
            await moving
        asking = client.caller.begin("server.info", {}, None)
        await guest.answer(await guest.asked("server.info"), {})
        await asking.wait()


# — with a real broker —


async def test_a_client_asks_who_it_is(broker: Broker, keys: ColonyKeys) -> None:
    async with AsyncColonies(broker.address, key=keys.operator) as client:
        told = await client.whoami()
        assert (told.id, told.role, told.colonyid) == (keys.operator.id, "operator", keys.owner.id)
        assert (await client.whoami(prvkey=keys.executor)).role == "executor"


async def test_what_matches_is_counted_cancelled_retried_once_and_removed_with_progress(
    broker: Broker, keys: ColonyKeys
) -> None:
    reached: list[tuple[int, int]] = []
    async with AsyncColonies(broker.address, key=keys.operator) as client:
        await asyncio.gather(*(client.submit(spec(func)) for func in "aab" * 50))
        assert await client.cancel_matching(func="a", dryrun=True) == Matched(matched=100, done=0)
        done = await client.cancel_matching(func="a", progress=lambda *how: reached.append(how))
        assert (done, reached[-1]) == (Matched(matched=100, done=100), (100, 100))
        assert await client.retry_matching(limit=10) == Matched(matched=100, done=10)
        assert await client.retry_matching() == Matched(matched=100, done=90)
        assert await client.remove_matching(state=State.CANCELLED) == Matched(matched=100, done=100)
        assert (await client.get_processes(state=State.WAITING)).total == 150
        with pytest.raises(errors.BadRequest):
            await client.retry_matching(state=State.WAITING)


async def test_failures_are_told_by_cause_and_what_failed_for_one_or_on_somebody_is_found(
    broker: Broker, keys: ColonyKeys
) -> None:
    async with AsyncColonies(broker.address, key=keys.operator) as client:
        for error in ("no disk 7", "no disk 12"):
            await client.submit(spec("resize"))
            process = await client.assign(30, prvkey=keys.executor)
            await client.close_process(process, keys.executor, successful=False, errors=[error])
        (group,) = await client.get_failures("cli")
        assert (group.func, group.number) == ("resize", 2)
        (history,) = (await client.get_stats_history()).types
        assert sum(history.failed) == 2
        assert (await client.get_processes(cause=group.cause)).total == 2
        assert len([each async for each in client.iter_processes(assigneeid=keys.executor.id, limit=1)]) == 2
        assert (await client.get_processes(assigneeid=keys.operator.id)).total == 0


def test_a_blocking_clients_progress_is_told_in_its_thread_where_it_may_call_the_client(
    broker: Broker, keys: ColonyKeys
) -> None:
    told: list[Any] = []
    with Colonies(broker.address, key=keys.operator) as client:
        client.submit(spec("a"))
        done = client.cancel_matching(progress=lambda *how: told.append((*how, client.get_stats().types[0].waiting)))
        assert done == Matched(matched=1, done=1)
        assert told[-1] == (1, 1, 0)
        with pytest.raises(ZeroDivisionError):
            client.retry_matching(progress=lambda *_: 1 // 0)
        assert client.whoami().id == keys.operator.id
