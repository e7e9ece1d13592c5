"""The bus over a feed that a test opens, breaks off and loses at will."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Sequence

import pytest

from broker.channels import bus as buses
from broker.channels.bus import BrokenOff, Bus, PlaceLost


class Log:
    """What was published, in order, as (channel, message); the place of a reader is how far it has read."""

    def __init__(self) -> None:
        self.published: list[tuple[str, str]] = []
        self.opened: list[frozenset[str]] = []
        self.may_open = asyncio.Event()
        self.may_open.set()
        self.is_lost = False
        self.is_broken = False
        self._changed = asyncio.Event()

    def publish(self, channel: str, message: str) -> None:
        self.published.append((channel, message))
        self.wake()

    def wake(self) -> None:
        self._changed.set()
        self._changed = asyncio.Event()

    async def open(self, channels: frozenset[str], place: int | None) -> Reader:
        self.opened.append(channels)
        await self.may_open.wait()
        self.refuse()
        return Reader(self, channels, len(self.published) if place is None else place)

    def refuse(self) -> None:
        if self.is_broken:
            raise BrokenOff("broken")
        if self.is_lost:
            self.is_lost = False
            raise PlaceLost("lost")

    async def changed(self) -> None:
        await self._changed.wait()


class Reader:
    has_more = False

    def __init__(self, log: Log, channels: frozenset[str], place: int) -> None:
        self.place = place
        self._log = log
        self._channels = channels

    async def read(self) -> Sequence[str]:
        while True:
            self._log.refuse()
            read, self.place = self._log.published[self.place :], len(self._log.published)
            if found := [message for channel, message in read if channel in self._channels]:
                return found
            await self._log.changed()

    async def close(self) -> None:
        pass


class Ear:
    """A bus, and what it heard."""

    def __init__(self) -> None:
        self.log = Log()
        self.heard: list[str] = []
        self.losses = 0
        self.bus: Bus[str] = Bus(self.log, hear=self._hear, lost=self._lose)
        self._told = asyncio.Event()

    async def _hear(self, messages: Sequence[str]) -> None:
        self.heard += messages
        self._told.set()

    def _lose(self) -> None:
        self.losses += 1
        self._told.set()

    async def listen(self, *channels: str) -> None:
        self.bus.hold(channels)
        await self.bus.covered(channels)

    async def until(self, heard: Sequence[str]) -> None:
        async with asyncio.timeout(60):
            while self.heard != list(heard):
                self._told.clear()
                await self._told.wait()


@pytest.fixture
async def ear(monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Ear]:
    monkeypatch.setattr(buses, "PAUSE_SECONDS", 0)
    made = Ear()
    running = asyncio.create_task(made.bus.run())
    yield made
    running.cancel()
    with contextlib.suppress(asyncio.CancelledError):
        await running


async def test_what_is_covered_is_heard_and_nothing_else(ear: Ear) -> None:
    await ear.listen("a")
    for channel in ("a", "b", "a"):
        ear.log.publish(channel, f"{channel}{len(ear.log.published)}")
    await ear.until(["a0", "a2"])


async def test_widening_misses_nothing_and_tells_nothing_twice(ear: Ear) -> None:
    await ear.listen("a")
    ear.log.publish("a", "1")
    await ear.until(["1"])
    ear.log.may_open.clear()
    ear.bus.hold(["b"])
    while len(ear.log.opened) < 3:  # noqa: ASYNC110
        await asyncio.sleep(0)
    ear.log.publish("a", "2")  # while the feed is opened anew
    ear.log.may_open.set()
    await ear.bus.covered(["b"])
    ear.log.publish("b", "3")
    ear.log.publish("a", "4")
    await ear.until(["1", "2", "3", "4"])


async def test_what_is_held_many_times_is_read_until_the_last_lets_go(
    ear: Ear, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(buses, "KEEP_SECONDS", -1.0)
    await ear.listen("a")
    await ear.listen("a")
    await ear.listen("b")
    ear.bus.release(["a"])
    ear.log.publish("a", "still")
    await ear.until(["still"])
    ear.bus.release(["a"])
    ear.log.publish("b", "on")  # whenever something comes it is seen what is enough
    await ear.until(["still", "on"])
    while "a" in ear.log.opened[-1]:  # noqa: ASYNC110
        await asyncio.sleep(0)
    assert ear.log.opened[-1] == {"b"}


async def test_what_is_held_again_while_less_is_opened_is_covered_only_when_it_is_read(
    ear: Ear, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(buses, "KEEP_SECONDS", -1.0)
    await ear.listen("a")
    await ear.listen("b")
    ear.bus.release(["a"])
    ear.log.may_open.clear()
    ear.log.publish("b", "1")
    while ear.log.opened[-1] != {"b"}:  # noqa: ASYNC110
        await asyncio.sleep(0)
    covering = asyncio.create_task(ear.listen("a"))
    await asyncio.sleep(0)
    assert not covering.done()
    ear.log.may_open.set()
    await covering
    ear.log.publish("a", "2")
    await ear.until(["1", "2"])


async def test_a_feed_that_breaks_off_goes_on_where_it_was(ear: Ear) -> None:
    await ear.listen("a")
    ear.log.is_broken = True
    ear.log.publish("a", "1")
    ear.log.publish("a", "2")
    await asyncio.sleep(0)
    ear.log.is_broken = False
    await ear.until(["1", "2"])
    assert not ear.losses


async def test_a_lost_place_is_said_once_and_reading_goes_on(ear: Ear) -> None:
    await ear.listen("a")
    ear.log.is_lost = True
    ear.log.wake()
    async with asyncio.timeout(60):
        while not ear.losses:  # noqa: ASYNC110
            await asyncio.sleep(0)
    await ear.listen("b")
    ear.log.publish("a", "after")
    await ear.until(["after"])
    assert ear.losses == 1


async def test_whoever_may_have_missed_something_is_told_when_reading_has_gone_on(ear: Ear) -> None:
    await ear.listen("a")
    ear.log.may_open.clear()
    ear.log.is_lost = True
    ear.log.wake()
    while len(ear.log.opened) < 3:  # noqa: ASYNC110
        await asyncio.sleep(0)
    covering = asyncio.create_task(ear.bus.covered(["a"]))
    await asyncio.sleep(0)
    before = ear.losses
    assert before == 0
    assert not covering.done()  # nothing is read, so nothing is covered
    ear.log.may_open.set()
    await covering
    assert ear.losses == 1


async def test_of_very_many_channels_within_one_that_one_is_read(ear: Ear) -> None:
    many = [f"colony/type-{number}" for number in range(buses.MAX_WITHIN + 1)]
    await ear.listen("other/a")
    await ear.listen(*many)
    assert ear.log.opened[-1] == {"colony", "other/a"}
    await ear.listen("colony/one more")
    assert ear.log.opened[-1] == {"colony", "other/a"}
    ear.bus.release(many)


async def test_whoever_makes_up_channels_without_end_does_not_keep_the_others_from_hearing(ear: Ear) -> None:
    await ear.listen("a")
    going = True

    async def make_up() -> None:
        number = 0
        while going:
            number += 1
            ear.bus.hold([f"made up {number}"])
            await asyncio.sleep(0)

    making = asyncio.create_task(make_up())
    for number in range(5):
        ear.log.publish("a", f"{number}")
        await ear.until([f"{one}" for one in range(number + 1)])
    going = False
    await making


async def test_without_others_everything_is_covered() -> None:
    alone: Bus[str] = Bus(None, hear=Ear()._hear, lost=lambda: None)
    alone.hold(["a"])
    await alone.covered(["a"])
    alone.release(["a"])
