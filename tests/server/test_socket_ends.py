"""The end of a socket is noticed at once, also while its requests wait, and what did not leave is told."""

from __future__ import annotations

import asyncio
import socket
import struct
from collections.abc import Callable

import pytest

from broker.channels.outbox import Parcel
from broker.server.leaving import Leaving
from colonies.wire.identity import Identity
from tests.support.broker import Broker
from tests.support.colony import ColonyKeys, add_executor, spec
from tests.support.peer import Peer, peer
from tests.support.sockets import LOOPS, attended, on, reset

MakeLoop = Callable[[], asyncio.AbstractEventLoop]


def reset_peer(gateway: Peer) -> None:
    raw = gateway.socket.transport.get_extra_info("socket")
    raw.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    gateway.socket.transport.abort()


def half_close(gateway: Peer) -> None:
    gateway.socket.transport.get_extra_info("socket").shutdown(socket.SHUT_WR)


async def say_close(gateway: Peer) -> None:
    """The broker answers a close at once, however many requests came before it."""
    await asyncio.wait_for(gateway.socket.close(), 20)
    assert gateway.socket.close_code == 1000


async def wait_offline(link: Peer, viewer: Identity, executor: Identity) -> None:
    async with asyncio.timeout(20):
        while (await link.call(viewer, "executor.get", executorid=executor.id))["online"]:
            pass


# A close that stands behind more than is read ahead is seen when the socket ends.
@pytest.mark.parametrize(
    ("megabytes", "end"), [(0, say_close), (0, reset_peer), (0, half_close), (2, reset_peer), (2, half_close)]
)
async def test_a_gateway_that_ends_leaves_the_line_however_much_it_asked(
    megabytes: int, end: Callable[[Peer], object], broker: Broker, link: Peer, keys: ColonyKeys
) -> None:
    async with peer(broker.address) as gateway:
        for _ in range(gateway.hello["limits"]["inflight"] + 44):
            await gateway.send(keys.executor, "process.assign", timeout=60)
        for _ in range(megabytes * 5):
            await gateway.send(keys.executor, "process.get", processid="x" * 200_000)
        ended = end(gateway)
        if asyncio.iscoroutine(ended):
            await ended
        await wait_offline(link, keys.viewer, keys.executor)
    alive = await add_executor(link, keys, "alive")
    waiting = await link.send(alive, "process.assign", timeout=20)
    submitted = [await link.call(keys.operator, "process.submit", spec=spec()) for _ in range(3)]
    assert (await asyncio.wait_for(waiting, 20))["processid"] == submitted[0]["processid"]
    for process in submitted[1:]:
        found = await link.call(keys.viewer, "process.get", processid=process["processid"])
        assert (found["state"], found["history"]) == (0, [])


async def test_what_was_read_ahead_and_beyond_is_begun_in_its_order(broker: Broker, keys: ColonyKeys) -> None:
    """More than is read ahead waits unread, and nothing of it is lost."""
    async with peer(broker.address) as busy:
        assigns = [
            await busy.send(keys.executor, "process.assign", timeout=60)
            for _ in range(busy.hello["limits"]["inflight"])
        ]
        padding = "x" * 100_000
        submits = [
            await busy.send(keys.operator, "process.submit", spec=spec(label=str(number), args=[padding]))
            for number in range(30)
        ]
        async with peer(broker.address) as other:
            await other.call(keys.operator, "process.submit", spec=spec())
        processes = await asyncio.wait_for(asyncio.gather(*submits), 60)
        assert [process["spec"]["label"] for process in processes] == [str(number) for number in range(30)]
        assert sum(assign.done() for assign in assigns) >= 30


@pytest.mark.parametrize("make_loop", LOOPS)
@pytest.mark.parametrize("end", [reset, lambda client: client.close()], ids=["reset", "closed"])
def test_the_end_of_a_socket_that_is_not_read_is_noticed(make_loop: MakeLoop, end: Callable[..., None]) -> None:
    async def scenario() -> None:
        async with attended() as (wire, attendant, client):
            wire.pause_reading()
            client.sendall(b"not read")
            end(client)
            await attendant.lost.wait()

    on(make_loop, scenario)


@pytest.mark.parametrize("make_loop", LOOPS)
def test_a_socket_that_is_read_again_goes_on(make_loop: MakeLoop) -> None:
    async def scenario() -> None:
        async with attended() as (wire, attendant, client):
            wire.pause_reading()
            wire.resume_reading()
            client.sendall(bytes([0x82, 0x80, 0, 0, 0, 0]) + bytes([0x88, 0x80, 0, 0, 0, 0]))
            await attendant.lost.wait()
            assert attendant.taken == [b""]

    on(make_loop, scenario)


@pytest.mark.parametrize("make_loop", LOOPS)
def test_a_frame_that_its_transport_could_not_send_was_not_written(make_loop: MakeLoop) -> None:
    async def scenario() -> None:
        async with attended() as (wire, _, client):
            reset(client)  # and the event loop has not looked yet
            assert not wire.write(b"a frame")

    on(make_loop, scenario)


@pytest.mark.parametrize("make_loop", LOOPS)
def test_what_was_written_and_never_left_is_told_and_what_left_is_not(make_loop: MakeLoop) -> None:
    async def scenario() -> None:
        loop = asyncio.get_running_loop()
        async with attended() as (wire, attendant, client):
            leaving = Leaving(wire, loop)
            attendant.on_lost = leaving.lose
            told: list[str] = []
            assert wire.write(b"small")
            leaving.note([Parcel(b"small", lambda: told.append("small"))])
            await _turns(3)
            while wire.is_writable:  # until the transport keeps some of it
                assert wire.write(bytes(60_000))
            assert wire.sent < wire.written
            leaving.note([Parcel(b"", lambda: told.append("stuck"))])
            await _turns(3)
            assert told == []
            reset(client)
            await attendant.lost.wait()
            assert told == ["stuck"]

    on(make_loop, scenario)


@pytest.mark.parametrize("make_loop", LOOPS)
def test_what_left_is_not_told_although_there_is_always_more(make_loop: MakeLoop) -> None:
    async def scenario() -> None:
        async with attended() as (wire, attendant, client):
            leaving = Leaving(wire, asyncio.get_running_loop())
            attendant.on_lost = leaving.lose
            told: list[str] = []
            while wire.is_writable:
                assert wire.write(bytes(60_000))
            leaving.note([Parcel(b"", lambda: told.append("early"))])
            early = wire.written
            for _ in range(100):
                assert wire.write(bytes(60_000))
            leaving.note([Parcel(b"", lambda: told.append("late"))])
            client.settimeout(20)
            received = 0
            while received < early:
                received += len(await asyncio.to_thread(client.recv, early - received))
            async with asyncio.timeout(20):
                while len(leaving) > 1:  # noqa: ASYNC110 (it looks again by the clock)
                    await asyncio.sleep(0)
            assert wire.sent < wire.written
            reset(client)
            await attendant.lost.wait()
            assert told == ["late"]

    on(make_loop, scenario)


@pytest.mark.parametrize("make_loop", LOOPS)
def test_who_says_goodbye_has_what_was_sent_before(make_loop: MakeLoop) -> None:
    """Also when it does so before anybody has looked: its frame may be read in the turn in which ours was sent."""

    async def scenario() -> None:
        async with attended() as (wire, attendant, client):
            leaving = Leaving(wire, asyncio.get_running_loop())
            leaving._is_looking = True  # so that it does not look by itself
            attendant.on_lost = leaving.lose
            told: list[str] = []
            assert wire.write(b"an answer")
            leaving.note([Parcel(b"", lambda: told.append("an answer"))])
            await asyncio.to_thread(client.recv, 100)
            client.sendall(bytes([0x88, 0x80, 0, 0, 0, 0]))
            await attendant.lost.wait()
            assert told == []

    on(make_loop, scenario)


async def _turns(number: int) -> None:
    for _ in range(number):
        await asyncio.sleep(0)
