"""Brokers that turn a client away or stop, and a client that goes in the wrong moment."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import AsyncIterator

import pytest

from colonies import AsyncColonies, Worker, errors

from .strange_broker import INFO, KEY, PROCESS, StrangeBroker


@pytest.fixture
async def client(strange: StrangeBroker) -> AsyncIterator[AsyncColonies]:
    async with AsyncColonies(strange.address, key=KEY) as opened:
        yield opened


# — being sent away —


@pytest.mark.parametrize(
    ("code", "words"),
    [
        (4500, "could not read"),
        (4501, "a signature did not hold"),
        (4502, "came twice"),
        (4503, "larger than it takes"),
        (4504, "nothing signed"),
        (4505, "does not let this client in"),
        (4999, "close code 4999"),
    ],
)
async def test_a_close_code_that_says_stay_away_is_believed(
    strange: StrangeBroker, client: AsyncColonies, code: int, words: str
) -> None:
    calls = [asyncio.create_task(call) for call in (client.server_info(), client.assign(30))]
    subscription = client.subscribe("cli")
    hearing = asyncio.create_task(subscription.next_event())
    guest = await strange.guest()
    await guest.asked("server.info")
    await guest.close(code, "go")
    for waiting in (*calls, hearing):
        with pytest.raises(errors.TurnedAway, match=words):
            await waiting
    with pytest.raises(errors.TurnedAway, match=r"\(go\)"):
        await client.server_info()
    assert strange.guests == 1


async def test_a_worker_that_is_turned_away_ends_with_the_reason(strange: StrangeBroker) -> None:
    working = asyncio.create_task(Worker(strange.address, key=KEY).run())
    guest = await strange.guest()
    await guest.asked("process.assign")
    await guest.close(4505)
    with pytest.raises(errors.TurnedAway, match="does not let this client in"):
        await working


@pytest.mark.parametrize("code", [4001, 4002, 4003])
async def test_a_close_code_that_says_come_back_is_believed_too(
    strange: StrangeBroker, client: AsyncColonies, code: int
) -> None:
    asking = asyncio.create_task(client.server_info())
    for _ in range(3):
        guest = await strange.guest()
        await guest.asked("server.info")
        await guest.close(code)
    guest = await strange.guest()
    await guest.answer(await guest.asked("server.info"), INFO)
    await asking


@pytest.mark.usefixtures("in_given_order")
async def test_a_draining_broker_is_left_for_another_with_all_that_waits() -> None:
    async with (
        StrangeBroker.open() as stopping,
        StrangeBroker.open() as other,
        AsyncColonies([stopping.address, other.address], key=KEY) as client,
    ):
        hearing = asyncio.create_task(client.subscribe("cli").next_event())
        assigning = asyncio.create_task(client.assign(30))
        guest = await stopping.guest()
        await guest.answer(await guest.asked("subscribe"), {"subscription": 1})
        assign = await guest.asked("process.assign")
        await guest.notify("draining", reconnect=1)
        await guest.answer(assign, error=errors.Draining("ask another"))
        await guest.gone()  # with everything answered it leaves by itself
        guest = await other.guest()
        await guest.answer(await guest.asked("subscribe"), {"subscription": 5})
        await guest.answer(await guest.asked("process.assign"), PROCESS)
        await guest.notify("process", subscription=5, event="backlog", process=PROCESS)
        assert ((await hearing).event, (await assigning).attempt) == ("backlog", 2)


@pytest.mark.usefixtures("in_given_order")
async def test_what_a_draining_broker_does_not_answer_is_asked_elsewhere_once_it_closes() -> None:
    async with (
        StrangeBroker.open() as stopping,
        StrangeBroker.open() as other,
        AsyncColonies([stopping.address, other.address], key=KEY) as client,
    ):
        asking = asyncio.create_task(client.server_info())
        guest = await stopping.guest()
        await guest.asked("server.info")
        await guest.notify("draining", reconnect=1)
        await guest.close(4000)
        guest = await other.guest()
        await guest.answer(await guest.asked("server.info"), INFO)
        assert (await asking).name == "strange"


# — going in the wrong moment —


async def test_a_process_that_comes_in_the_moment_of_a_cancel_is_handed_back(
    strange: StrangeBroker, client: AsyncColonies
) -> None:
    answer = client.caller.begin("process.assign", {"timeout": 30}, None)
    waiting = asyncio.create_task(answer.wait())
    guest = await strange.guest()
    await guest.asked("process.assign")
    answer.settle(PROCESS, None)  # it is there, but whoever waits has not been woken yet
    waiting.cancel()
    with pytest.raises(asyncio.CancelledError):
        await waiting
    back = await guest.asked("process.hand_back")
    assert back.params == {"processid": PROCESS["processid"], "attempt": 2}
    await guest.answer(back, PROCESS)


async def test_a_process_that_comes_while_the_client_closes_is_handed_back(
    strange: StrangeBroker, client: AsyncColonies
) -> None:
    waiting = asyncio.create_task(client.assign(30))
    guest = await strange.guest()
    request = await guest.asked("process.assign")
    await guest.answer(request, PROCESS)  # on its way, and not read before the client closes
    closing = asyncio.create_task(client.close())
    if not waiting.done():
        with pytest.raises(errors.Closed):
            await waiting
    again = await strange.guest()
    back = await again.asked("process.hand_back")
    await again.answer(back, PROCESS)
    await closing


async def test_closing_ends_what_waits_and_leaves_no_task_behind(strange: StrangeBroker, client: AsyncColonies) -> None:
    before = asyncio.all_tasks()
    calls = [asyncio.create_task(client.server_info()), asyncio.create_task(client.subscribe("cli").next_event())]
    guest = await strange.guest()
    await guest.asked("server.info")
    await client.close()
    for call in calls:
        with pytest.raises(errors.Closed):
            await call
    await guest.gone()
    assert {task for task in asyncio.all_tasks() - before if "colonies" in task.get_name()} == set()
    with pytest.raises(errors.Closed):
        await client.server_info()
    await client.close()


async def test_closing_does_not_wait_for_a_broker_that_cannot_be_reached() -> None:
    with socket.socket() as mute:
        mute.bind(("127.0.0.1", 0))
        mute.listen()  # accepts, and never says a word
        client = AsyncColonies(f"127.0.0.1:{mute.getsockname()[1]}", key=KEY)
        asking = asyncio.create_task(client.server_info())
        accepted, _ = await asyncio.to_thread(mute.accept)
        async with asyncio.timeout(5):  # half of what the handshake may take
            await client.close()
        accepted.close()
        with pytest.raises(errors.Closed):
            await asking
