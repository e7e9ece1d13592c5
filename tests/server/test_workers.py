"""Several brokers on one port: `--workers`."""

from __future__ import annotations

import asyncio
import os
import signal
import sys
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path

import pytest
from websockets.exceptions import ConnectionClosed

from colonies import AsyncColonies, Identity, State, Worker
from colonies.wire.errors import CloseCode
from tests.conftest import database
from tests.sdk.working import working
from tests.support.broker import Broker
from tests.support.colony import ColonyKeys, make_colony, spec
from tests.support.mongod import free_port
from tests.support.peer import Peer, peer
from tests.support.traffic import Traffic

PATIENCE = 90.0
COUNT = 3
NAMES = {f"colonies-broker-{number}" for number in range(1, COUNT + 1)}
MANY = 200


@pytest.fixture
def parent(mongodb: str, start_broker: Callable[..., Broker]) -> Broker:
    return start_broker(database(mongodb), "--workers", str(COUNT))


@pytest.fixture
async def keys(parent: Broker) -> ColonyKeys:
    async with peer(parent.address) as link:
        return await make_colony(link, parent.owner, executors=3)


def children_of(parent: Broker) -> list[int]:
    return [int(pid) for pid in Path(f"/proc/{parent.pid}/task/{parent.pid}/children").read_text().split()]


def lives(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True


def name_of(link: Peer) -> str:
    name: str = link.hello["server"]["name"]
    return name


@asynccontextmanager
async def one_link_to_each(parent: Broker) -> AsyncIterator[list[Peer]]:
    """A connection to each of the brokers, in whichever order the kernel likes."""
    links: dict[str, Peer] = {}
    async with AsyncExitStack() as stack:
        async with asyncio.timeout(PATIENCE):
            while links.keys() != NAMES:
                link = await stack.enter_async_context(peer(parent.address))
                if links.setdefault(name_of(link), link) is not link:
                    await link.socket.close()
            for link in links.values():  # or they are closed when others take long to start
                await link.call(Identity.generate(), "server.info")
        yield list(links.values())


async def told_and_closed(links: Sequence[Peer]) -> None:
    for link in links:
        await asyncio.wait_for(link.socket.wait_closed(), PATIENCE)  # as long as others take to start
        assert await link.closed() == CloseCode.DRAINING
        assert "reconnect" in await link.notified("draining")


async def test_connections_go_to_all_and_sigterm_drains_all(parent: Broker) -> None:
    pids = children_of(parent)
    async with one_link_to_each(parent) as links:
        stopped = asyncio.create_task(asyncio.to_thread(parent.stop))
        await told_and_closed(links)
        assert await stopped == 0
    assert not any(map(lives, pids))


async def test_what_is_submitted_at_one_is_done_at_another(parent: Broker, keys: ColonyKeys) -> None:
    async with one_link_to_each(parent) as (one, other, _):
        waiting = await one.send(keys.executor, "process.assign", timeout=60)
        await one.call(keys.viewer, "server.info")
        process = await other.call(keys.operator, "process.submit", spec=spec())
        assert (await asyncio.wait_for(waiting, PATIENCE))["processid"] == process["processid"]


async def test_brokers_that_are_killed_are_started_again_and_clients_go_on(parent: Broker, keys: ColonyKeys) -> None:
    worker = Worker(parent.address, key=keys.executor)
    worker.function(name="add")(lambda left, right: left + right)
    async with AsyncColonies(parent.address, key=keys.operator) as client, working(worker):
        for _ in range(2):
            done = await client.submit(spec("add", args=[1, 2]), wait=True, timeout=PATIENCE)
            assert (done.state, done.out) == (State.SUCCESSFUL, [3])
            async with one_link_to_each(parent) as links:
                for pid in children_of(parent):
                    os.kill(pid, signal.SIGKILL)
                for link in links:
                    assert await link.closed() == 1006
            await client.server_info()  # asked until one is there
        done = await client.submit(spec("add", args=[1, 2]), wait=True, timeout=PATIENCE)
        assert done.state == State.SUCCESSFUL
        async with one_link_to_each(parent):
            pass
    assert await asyncio.to_thread(parent.stop) == 0
    assert parent.log().count("event=child_died") == 2 * COUNT


async def test_sighup_replaces_them_and_nobody_is_refused(parent: Broker, keys: ColonyKeys) -> None:
    before = children_of(parent)
    traffic = Traffic([parent.address], keys)
    async with traffic.running(submitters=1), one_link_to_each(parent) as links:
        os.kill(parent.pid, signal.SIGHUP)
        closed = asyncio.create_task(told_and_closed(links))
        received = [await newcomer(parent)]
        while not closed.done():
            received.append(await newcomer(parent))
            await asyncio.wait([closed], timeout=0.05)  # others want to start meanwhile
        await closed
        async with one_link_to_each(parent):
            pass
    # One may shake hands just as its broker is told, and then is told to go to another.
    assert set(received) <= {*NAMES, CloseCode.DRAINING}
    assert traffic.refused == []
    assert set(traffic.ran.values()) == {1}
    assert {process.state for process in traffic.ended.values()} == {State.SUCCESSFUL}
    assert await asyncio.to_thread(parent.stop) == 0
    assert "event=child_died" not in parent.log()
    assert not any(map(lives, before))


async def newcomer(parent: Broker) -> str | int | None:
    """The name of the broker that takes a new connection, or the code with which it closes it. Raises when refused."""
    try:
        async with peer(parent.address) as link:
            return name_of(link)
    except ConnectionClosed as closed:
        return closed.rcvd.code if closed.rcvd else None


async def test_one_that_drains_is_given_no_connection_any_more(parent: Broker) -> None:
    async with one_link_to_each(parent) as links:
        for pid in children_of(parent)[:-1]:
            os.kill(pid, signal.SIGTERM)
        told = [asyncio.create_task(link.notified("draining")) for link in links]
        while len(waiting := [task for task in told if not task.done()]) > 1:
            await asyncio.wait(waiting, return_when=asyncio.FIRST_COMPLETED)
        waiting[0].cancel()
        assert {await newcomer(parent) for _ in range(MANY)} <= NAMES


async def test_they_drain_when_their_parent_is_killed(parent: Broker) -> None:
    pids = children_of(parent)
    async with one_link_to_each(parent) as links:
        parent.kill()
        await told_and_closed(links)
    async with asyncio.timeout(PATIENCE):
        while any(map(lives, pids)):  # noqa: ASYNC110 (nobody is told of the end of another's child)
            await asyncio.sleep(0.05)


async def test_a_port_of_other_brokers_is_taken(parent: Broker, tmp_path: Path) -> None:
    other = Broker(parent.store, tmp_path, "--workers", "2")
    other.port = parent.port
    with pytest.raises(RuntimeError, match=f"error: port {parent.port} is taken"):
        other.start()


def test_a_database_that_is_not_there_is_said_once(tmp_path: Path) -> None:
    store = f"mongodb://127.0.0.1:{free_port()}/lab?serverSelectionTimeoutMS=500&replicaSet=rs0"
    broker = Broker(store, tmp_path, "--workers", str(COUNT))
    with pytest.raises(RuntimeError, match="did not start"):
        broker.start()
    assert broker.log().count("error: ") == 1


async def test_a_hangup_of_its_terminal_ends_them_all(mongodb: str) -> None:
    """The signal is the same as the one that replaces them."""
    ours, theirs = os.openpty()
    command = [sys.executable, "-m", "broker", "start", "--port", "0", "--workers", "2", "--store", database(mongodb)]
    started = await asyncio.create_subprocess_exec(
        *command, "--owner", Identity.generate().id, stdin=theirs, stdout=asyncio.subprocess.PIPE
    )
    try:
        os.close(theirs)
        assert started.stdout is not None
        assert (await asyncio.wait_for(started.stdout.readline(), PATIENCE)).startswith(b"ready ")
        os.close(ours)
        started.send_signal(signal.SIGHUP)
        assert await asyncio.wait_for(started.wait(), PATIENCE) == 0
    finally:
        if started.returncode is None:
            started.kill()
            await started.wait()
