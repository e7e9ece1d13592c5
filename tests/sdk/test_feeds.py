"""What a client is told without asking: figures, activity and log lines, and what is kept of them."""

from __future__ import annotations

from contextlib import aclosing
from typing import Any

import pytest

from colonies import AsyncColonies, Colonies
from colonies.asked import Standing
from colonies.subscription import LogLine
from colonies.wire.errors import BadFrame
from colonies.wire.frames import encode_notification, join
from tests.support.broker import Broker
from tests.support.colony import ColonyKeys, spec

from .strange_broker import KEY, Guest, StrangeBroker
from .talk import ANN, Heard, Talk

# — without a connection —


def followed(talk: Talk, method: str, number: int) -> list[Any]:
    told: list[Any] = []
    standing = Standing(method, {}, ANN, push=told.append, ended=lambda _: None, settle=Heard())
    talk.dialogue.ask(standing)
    ((request,),) = talk.hear()
    talk.answer(request, {"subscription": number})
    return told


def test_each_notification_reaches_the_subscription_of_its_number_and_says_what_it_says(talk: Talk) -> None:
    stats = followed(talk, "stats.subscribe", 1)
    activity = followed(talk, "activity.subscribe", 2)
    log = followed(talk, "log.subscribe", 3)
    talk.notify("stats", subscription=1, stats={"time": 5, "types": []})
    talk.notify("activity", subscription=2, events=[{"event": "failed"}], missed=7)
    talk.notify("log", subscription=3, processid="p", seq=9)
    talk.notify("log", subscription=4, processid="p", seq=9)
    talk.notify("stats", subscription=3, stats={"time": 5, "types": []})
    assert (stats, activity, log) == ([{"time": 5, "types": []}], [([{"event": "failed"}], 7)], [("p", 9)])


@pytest.mark.parametrize(
    ("name", "params"),
    [("stats", {"subscription": 1}), ("activity", {"subscription": 1, "missed": 1}), ("log", {"subscription": 1})],
)
def test_a_notification_without_what_belongs_into_it_is_a_bad_frame(
    talk: Talk, name: str, params: dict[str, Any]
) -> None:
    with pytest.raises(BadFrame):
        talk.notify(name, **params)


# — what is kept for whoever does not read —


async def heard_everything(client: AsyncColonies, guest: Guest) -> None:
    """Wait until the client has heard everything that was said before."""
    answer = client.caller.begin("server.info", {}, None)
    await guest.answer(await guest.asked("server.info"), {})
    await answer.wait()


async def test_of_figures_that_nobody_has_read_only_the_newest_are_kept_and_none_count_as_missed() -> None:
    def told(time: int) -> bytes:
        return encode_notification("stats", {"subscription": 7, "stats": {"time": time, "types": []}})

    async with StrangeBroker.open() as strange, AsyncColonies(strange.address, key=KEY) as client:
        figures = client.subscribe_stats(0.5)
        made = figures._make()
        guest = await strange.guest()
        request = await guest.asked("stats.subscribe")
        assert request.params == {"interval": 0.5}
        await guest.answer(request, {"subscription": 7})
        await made
        await guest.say(join([told(1), told(2), told(3)]))
        await heard_everything(client, guest)
        assert (await figures.next_event()).time == 3
        await guest.say(told(4))
        async with aclosing(aiter(figures)) as each:
            assert (await anext(each)).time == 4
        assert figures.missed == 0
        assert (await guest.asked("subscription.cancel")).params == {"subscription": 7}


async def test_a_logs_follower_is_woken_when_it_was_made_when_there_is_a_line_and_after_a_reconnect() -> None:
    async with StrangeBroker.open() as strange, AsyncColonies(strange.address, key=KEY) as client:
        lines = client.subscribe_logs("p")
        lines._make()
        guest = await strange.guest()
        await guest.answer(await guest.asked("log.subscribe"), {"subscription": 1})
        assert await lines.next_event() == LogLine("p", 0)
        await guest.notify("log", subscription=1, processid="p", seq=4)
        assert await lines.next_event() == LogLine("p", 4)
        await guest.close()
        again = await strange.guest()
        await again.answer(await again.asked("log.subscribe"), {"subscription": 2})
        assert await lines.next_event() == LogLine("p", 0)
        lines.close()


# — with a real broker —


async def test_figures_activity_and_log_lines_come_by_themselves(broker: Broker, keys: ColonyKeys) -> None:
    async with AsyncColonies(broker.address, key=keys.operator) as client, client.subscribe_activity() as activity:
        submitted = await client.submit(spec("live"))
        async with client.subscribe_stats(0.25) as figures:
            async for stats in figures:
                if any(counts.waiting == 1 for counts in stats.types):
                    break
        events, missed = await activity.next_event()
        told = (events[0].event, events[0].processid, events[0].func, missed)
        assert told == ("submitted", submitted.processid, "live", 0)
        process = await client.assign(30, prvkey=keys.executor)
        async with client.subscribe_logs(process.processid) as lines:
            async for line in lines:
                if line.seq == 1:
                    break
                await client.add_log(process.processid, "hello", prvkey=keys.executor)


def test_a_blocking_client_is_told_the_same(broker: Broker, keys: ColonyKeys) -> None:
    with Colonies(broker.address, key=keys.operator) as client, client.subscribe_activity() as activity:
        submitted = client.submit(spec("live"))
        for stats in client.subscribe_stats(0.25):
            if any(counts.waiting == 1 for counts in stats.types):
                break
        assert activity.next_event().events[0].processid == submitted.processid
        for line in client.subscribe_logs(submitted.processid):
            assert line == LogLine(submitted.processid, 0)
            break
