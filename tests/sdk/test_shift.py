"""How a worker takes, closes and lets go: what must never be lost, whatever happens around it."""

from __future__ import annotations

import asyncio
import sys
import threading

from colonies import AsyncColonies, WorkContext, Worker, errors
from colonies.wire.frames import encode_notification, encode_response, join
from tests.support.broker import Broker
from tests.support.colony import ColonyKeys, spec

from .strange_broker import KEY, PROCESS, StrangeBroker
from .working import working

PATIENCE = 30


# — taking and closing —


async def test_a_close_and_the_next_assign_leave_in_one_frame(strange: StrangeBroker) -> None:
    worker = Worker(strange.address, key=KEY)
    worker.function(name="f")(lambda: "done")
    async with working(worker):
        guest = await strange.guest()
        await guest.answer(await guest.asked("process.assign"), PROCESS)
        close = await guest.asked("process.close")
        await guest.asked("process.assign")
        assert guest.frames[-1] == ["process.close", "process.assign"]
        assert close.params == {
            "processid": PROCESS["processid"],
            "attempt": 2,
            "successful": True,
            "out": ["done"],
            "errors": [],
        }
        await guest.answer(close, PROCESS)


async def test_a_close_whose_answer_was_lost_is_said_again(strange: StrangeBroker) -> None:
    worker = Worker(strange.address, key=KEY)
    worker.function(name="f")(lambda: None)
    async with working(worker):
        guest = await strange.guest()
        await guest.answer(await guest.asked("process.assign"), PROCESS)
        close = await guest.asked("process.close")
        await guest.close(1011)
        guest = await strange.guest()
        again = await guest.asked("process.close")
        assert again.params == close.params
        await guest.answer(again, error=errors.Unavailable("no store just now"))
        await guest.asked("process.assign")
        await guest.answer(await guest.asked("process.close"), PROCESS)


async def test_a_cancel_that_comes_with_the_process_itself_is_heard(strange: StrangeBroker) -> None:
    worker = Worker(strange.address, key=KEY)
    worker.function(name="f")(lambda: None)
    async with working(worker):
        guest = await strange.guest()
        request = await guest.asked("process.assign")
        cancelled = encode_notification("cancelled", {"processid": PROCESS["processid"], "attempt": 2})
        await guest.say(join([encode_response(request.id, None, PROCESS), cancelled]))
        await guest.asked("process.assign")  # and no close


async def test_all_that_was_said_is_answered_before_the_close(strange: StrangeBroker) -> None:
    worker = Worker(strange.address, key=KEY, concurrency=2)
    worker.function(name="other")(lambda: None)

    @worker.function(name="f")
    async def talk(context: WorkContext) -> None:
        context.log("one")
        await context.set_attribute("two", 2)

    async with working(worker):
        guest = await strange.guest()
        first, second = await guest.asked("process.assign"), await guest.asked("process.assign")
        await guest.answer(first, PROCESS)
        log, attribute = await guest.asked("log.add"), await guest.asked("attribute.set")
        await guest.answer(attribute, {"key": "two", "value": 2})
        # The function has returned, and yet it is the other process that is closed first.
        other = {**PROCESS, "processid": "q" * 32, "spec": {**PROCESS["spec"], "func": "other"}}
        await guest.answer(second, other)
        close = await guest.asked("process.close")
        assert close.params["processid"] == other["processid"]
        await guest.answer(close, other)
        await guest.asked("process.assign")
        await guest.answer(log, {})
        await guest.answer(await guest.asked("process.close"), PROCESS)


async def test_a_function_that_says_too_much_without_waiting_is_told(
    client: AsyncColonies, broker: Broker, keys: ColonyKeys
) -> None:
    worker = Worker(broker.address, key=keys.executor)

    @worker.function
    async def chatter(context: WorkContext) -> None:
        for number in range(10_000):
            context.log(str(number))

    async with working(worker):
        done = await client.submit(spec("chatter"), wait=True)
    assert "are unanswered; `await` what `log`" in done.errors[0]


async def test_a_blocking_function_logs_too(client: AsyncColonies, broker: Broker, keys: ColonyKeys) -> None:
    worker = Worker(broker.address, key=keys.executor)

    @worker.function
    def talk(context: WorkContext) -> None:
        for number in range(3):
            context.log(f"line {number}")
        context.set_attribute("where", threading.current_thread().name)

    async with working(worker):
        done = await client.submit(spec("talk"), wait=True)
        lines = await client.get_logs(done.processid)
    assert [line.message for line in lines] == ["line 0", "line 1", "line 2"]
    assert [attribute.value for attribute in done.attributes] == ["colonies talk"]


async def test_whatever_a_function_raises_the_worker_goes_on(
    client: AsyncColonies, broker: Broker, keys: ColonyKeys
) -> None:
    worker = Worker(broker.address, key=keys.executor)

    @worker.function
    async def cancels_itself() -> None:
        inner = asyncio.ensure_future(asyncio.Event().wait())
        inner.cancel()
        await inner

    @worker.function
    def leaves() -> None:
        sys.exit(3)

    @worker.function
    async def stops() -> None:
        raise StopAsyncIteration

    @worker.function
    def stops_too() -> None:
        raise StopIteration

    async with working(worker):
        for func, words in (
            ("cancels_itself", "CancelledError"),
            ("leaves", "SystemExit: 3"),
            ("stops", "StopAsyncIteration"),
            ("stops_too", "StopIteration"),
        ):
            done = await client.submit(spec(func), wait=True, timeout=PATIENCE)
            assert (done.state.name, words in done.errors[0]) == ("FAILED", True), done.errors
            assert "functions.py" not in done.errors[0]


async def test_a_blocking_function_that_overruns_is_told_and_left_behind(
    client: AsyncColonies, broker: Broker, keys: ColonyKeys
) -> None:
    worker = Worker(broker.address, key=keys.executor)
    told, release = threading.Event(), threading.Event()

    @worker.function
    def stuck(context: WorkContext) -> str:
        context.cancelled.wait(PATIENCE)
        told.set()
        release.wait(PATIENCE)
        return "too late"

    worker.function(name="quick")(lambda: "done")
    async with working(worker):
        late = await client.submit(spec("stuck", maxexectime=0.2), wait=True)
        assert late.errors == ["maxexectime 0.2 s exceeded, 0 retries used up"]
        assert await asyncio.to_thread(told.wait, PATIENCE)
        assert (await client.submit(spec("quick"), wait=True)).out == ["done"]
        release.set()
        assert (await client.get_process(late.processid)).out == []
