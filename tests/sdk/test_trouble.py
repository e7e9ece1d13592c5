"""Brokers that do not answer, hang up, or turn a client away; and a client that goes in the wrong moment."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

import pytest

from colonies import AsyncColonies, errors
from colonies.connection import Connection
from tests.support.colony import spec
from tests.support.mongod import free_port

from .strange_broker import INFO, KEY, PROCESS, StrangeBroker


@pytest.fixture
async def client(strange: StrangeBroker) -> AsyncIterator[AsyncColonies]:
    async with AsyncColonies(strange.address, key=KEY) as opened:
        yield opened


# — before there is a broker —


async def test_a_handshake_that_is_never_answered_ends_in_a_sentence() -> None:
    async with StrangeBroker.open(greets=False) as silent:
        connection = Connection([silent.address.replace("http", "ws") + "/ws"], connect_seconds=1, step_seconds=0.1)
        answer = connection.ask("server.info", {}, KEY, seconds=5)
        await silent.guest()
        await silent.guest()  # it was given up in time and tried again
        with pytest.raises(errors.Unreachable, match="no answer in time; is it running"):
            await answer.wait()
        await connection.close()


@pytest.mark.parametrize(
    ("status", "said"),
    [
        ("404 Not Found", "what answers there is no broker"),
        ("502 Bad Gateway", "a balancer answers there, and no broker behind it is ready"),
        ("503 Service Unavailable", "a balancer answers there, and no broker behind it is ready"),
    ],
)
async def test_something_else_on_the_port_is_said_to_be_no_broker(status: str, said: str) -> None:
    async def reply(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(f"HTTP/1.1 {status}\r\nContent-Length: 0\r\n\r\n".encode())
        writer.close()

    async with await asyncio.start_server(reply, "127.0.0.1", 0) as server:
        address = f"127.0.0.1:{server.sockets[0].getsockname()[1]}"
        async with AsyncColonies(address, key=KEY, connect_seconds=0.5) as client:
            with pytest.raises(errors.Unreachable, match=rf"{said} \(HTTP {status[:3]}\)"):
                await client.server_info()


async def test_what_nobody_heard_is_not_said_to_a_broker_that_comes_later() -> None:
    port = free_port()
    async with AsyncColonies(f"127.0.0.1:{port}", key=KEY, connect_seconds=0.2) as client:
        with pytest.raises(errors.Unreachable):
            await client.add_log("p" * 32, "too late")
        async with StrangeBroker.open(port=port) as strange:
            asking = asyncio.create_task(client.server_info())
            guest = await strange.guest()
            await guest.answer(await guest.asked("server.info"), INFO)
            assert (await asking).name == "strange"


async def test_iterating_waits_for_a_broker_for_as_long_as_it_takes() -> None:
    port = free_port()
    async with AsyncColonies(f"127.0.0.1:{port}", key=KEY, connect_seconds=0.01) as client:
        hearing = asyncio.create_task(client.subscribe("cli").next_event())
        with pytest.raises(errors.Unreachable):
            await client.server_info()
        async with StrangeBroker.open(port=port) as strange:
            guest = await strange.guest()
            await guest.answer(await guest.asked("subscribe"), {"subscription": 1})
            await guest.notify("process", subscription=1, event="submitted", process=PROCESS)
            assert (await hearing).event == "submitted"


async def test_entering_a_subscription_without_a_broker_says_so() -> None:
    async with AsyncColonies(f"127.0.0.1:{free_port()}", key=KEY, connect_seconds=0.1) as client:
        with pytest.raises(errors.Unreachable, match="connection refused"):
            async with client.subscribe("cli"):
                pass


@pytest.mark.usefixtures("in_given_order")
async def test_the_next_address_is_tried_when_one_does_not_answer(strange: StrangeBroker) -> None:
    nobody = f"http://127.0.0.1:{free_port()}"
    async with AsyncColonies([nobody, strange.address], key=KEY) as client:
        asking = asyncio.create_task(client.server_info())
        guest = await strange.guest()
        await guest.answer(await guest.asked("server.info"), INFO)
        assert (await asking).name == "strange"


# — losses —


async def test_a_submit_whose_answer_was_lost_is_said_again_with_the_same_processid(
    strange: StrangeBroker, client: AsyncColonies
) -> None:
    submitting = asyncio.create_task(client.submit(spec()))
    guest = await strange.guest()
    first = await guest.asked("process.submit")
    await guest.close(1011)
    guest = await strange.guest()
    again = await guest.asked("process.submit")
    assert again.params == first.params
    assert len(first.params["processid"]) == 32
    await guest.answer(again, PROCESS)
    assert (await submitting).processid == PROCESS["processid"]


async def test_what_must_not_be_repeated_fails_when_its_answer_is_lost(
    strange: StrangeBroker, client: AsyncColonies
) -> None:
    logging = asyncio.create_task(client.add_log("p" * 32, "once"))
    guest = await strange.guest()
    await guest.asked("log.add")
    await guest.close(1011)
    with pytest.raises(errors.ConnectionLost, match=r"log\.add was answered; it may or may not have happened"):
        await logging


async def test_a_frame_that_is_none_costs_the_connection_and_not_the_client(
    strange: StrangeBroker, client: AsyncColonies
) -> None:
    asking = asyncio.create_task(client.server_info())
    for rubbish in ("text", b"\xc1", b"\x93\x02\xa7process\x80"):
        guest = await strange.guest()
        await guest.asked("server.info")
        await guest.say(rubbish)
        await guest.gone()
    guest = await strange.guest()
    await guest.answer(await guest.asked("server.info"), INFO)
    assert (await asking).name == "strange"


async def test_with_nothing_to_say_it_stays_away_until_it_has(strange: StrangeBroker, client: AsyncColonies) -> None:
    for number in (1, 2):
        asking = asyncio.create_task(client.server_info())
        guest = await strange.guest()
        assert guest.number == number
        await guest.answer(await guest.asked("server.info"), INFO)
        await asking
        await guest.close(1012)
        await guest.gone()
    # A broker closes for good what connects and says nothing. Coming back would have taken a tenth of a second.
    with pytest.raises(TimeoutError):
        await asyncio.wait_for(strange.guest(), 0.5)


async def test_what_is_called_off_before_the_hello_leaves_no_silent_connection_behind() -> None:
    async with StrangeBroker.open(greets=False) as slow, AsyncColonies(slow.address, key=KEY) as client:
        asking = asyncio.create_task(client.server_info())
        guest = await slow.guest()
        asking.cancel()
        await asyncio.wait([asking])
        await guest.hello()
        await guest.gone()


async def test_no_answer_in_time_says_whether_a_repeat_is_safe(strange: StrangeBroker) -> None:
    async with AsyncColonies(strange.address, key=KEY, request_seconds=0.2) as client:
        with pytest.raises(errors.NoAnswer, match=r"server\.info was not answered within 0\.2 s.*a repeat is safe"):
            await client.server_info()
        with pytest.raises(errors.NoAnswer, match="look before you repeat it"):
            await client.add_log("p" * 32, "m")


async def test_after_a_loss_without_end_a_call_says_that_nobody_answers(strange: StrangeBroker) -> None:
    async with AsyncColonies(strange.address, key=KEY, request_seconds=0.5) as client:
        asking = asyncio.create_task(client.server_info())
        guest = await strange.guest()
        await guest.answer(await guest.asked("server.info"), INFO)
        await asking
        strange.greets = False
        await guest.close(1012)
        with pytest.raises(errors.Unreachable):
            await client.server_info()
