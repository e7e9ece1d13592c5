"""The load balancer that is deployed, the real one, in front of two real brokers on one MongoDB."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator
from pathlib import Path

import httpx
import pytest

from colonies.wire.identity import Identity
from tests.conftest import database
from tests.support.broker import Broker
from tests.support.haproxy import checked, configuration, running_haproxy
from tests.support.peer import peer
from tests.support.submitting import submitting

Brokers = tuple[Broker, Broker]


@pytest.fixture
def brokers(mongodb: str, start_broker: Callable[..., Broker]) -> Brokers:
    owner, store = Identity.generate(), database(mongodb)
    return start_broker(store, owner=owner), start_broker(store, owner=owner)


@pytest.fixture
def balancer(brokers: Brokers, tmp_path: Path) -> Iterator[str]:
    with running_haproxy(tmp_path, *(broker.port for broker in brokers)) as address:
        yield address


async def sockets(broker: Broker) -> int:
    async with httpx.AsyncClient(base_url=broker.address, trust_env=False) as client:
        lines = (await client.get("/metrics")).text.splitlines()
    (value,) = [line.split()[1] for line in lines if line.startswith("colonies_connections ")]
    return int(float(value))


def test_the_configuration_is_one_that_haproxy_takes_without_a_warning(tmp_path: Path) -> None:
    said = checked(configuration("127.0.0.1:18080", 18081, 18082), tmp_path)
    assert said.returncode == 0, said.stderr


@pytest.mark.parametrize(
    ("right", "wrong"),
    [("balance leastconn", "balance leastcon"), ("timeout tunnel", "timeout tunel"), ("check inter", "chek inter")],
)
def test_haproxy_would_have_seen_a_typing_error(tmp_path: Path, right: str, wrong: str) -> None:
    text = configuration("127.0.0.1:18080", 18081, 18082)
    assert right in text
    said = checked(text.replace(right, wrong), tmp_path)
    assert said.returncode != 0
    assert wrong.split()[-1] in said.stderr or wrong.split()[0] in said.stderr


async def test_sockets_are_spread_by_how_many_a_broker_has(balancer: str, brokers: Brokers) -> None:
    async with peer(balancer), peer(balancer), peer(balancer), peer(balancer):
        assert [await sockets(broker) for broker in brokers] == [2, 2]


async def test_whoever_comes_from_outside_sees_no_metrics(balancer: str) -> None:
    async with httpx.AsyncClient(base_url=balancer, trust_env=False) as client:
        assert [(await client.get(path)).status_code for path in ("/metrics", "/readyz", "/")] == [404, 200, 200]


async def test_a_client_goes_on_while_each_broker_is_restarted_in_turn(balancer: str, brokers: Brokers) -> None:
    async with submitting(balancer, brokers[0].owner) as submits:
        for broker in brokers:
            assert await asyncio.to_thread(broker.stop) == 0
            await submits.goes_on()
            await asyncio.to_thread(broker.start)
            await submits.goes_on()
        assert await submits.all_are_stored_once()


async def test_a_client_of_a_killed_broker_goes_on_at_the_other(balancer: str, brokers: Brokers) -> None:
    async with submitting(balancer, brokers[0].owner) as submits:
        (holder,) = [broker for broker in brokers if await sockets(broker)]
        await asyncio.to_thread(holder.kill)
        await submits.goes_on()
        assert await submits.all_are_stored_once()


async def test_a_connection_that_a_dead_broker_refuses_is_made_to_the_other(balancer: str, brokers: Brokers) -> None:
    """In the second before the balancer has seen that it is gone."""
    await asyncio.to_thread(brokers[0].kill)
    async with peer(balancer) as one, peer(balancer) as two, peer(balancer) as three:
        assert {link.hello["protocol"] for link in (one, two, three)} == {1}
