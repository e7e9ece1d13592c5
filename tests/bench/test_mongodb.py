"""A MongoDB that is measured: a real one, and its process."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pymongo
import pytest

from broker.bench import ground, mongodb
from broker.bench.colony import colony_on
from broker.bench.meters import cpu_seconds
from colonies.cli.failure import Failure
from tests.support.mongod import Mongod, free_port


@pytest.fixture
def mongod(tmp_path: Path) -> Iterator[Mongod]:
    started = Mongod(tmp_path)
    started.start()
    yield started
    started.kill()


async def test_it_is_seen_as_a_process_and_its_database_is_used_once(mongod: Mongod) -> None:
    place = ground.on_store(mongod.address.replace("/?", "/mine?"))
    assert (await place.name()).startswith("mongodb ")
    assert place.folder == mongod.data.parent
    with pymongo.MongoClient[dict[str, object]](mongod.address) as client:
        before = client.list_database_names()
        async with colony_on(place) as colony:
            assert colony.place.store is not None
            assert list(colony.place.store.pids) == [mongod.pid]
            assert (await colony.place.store.read()).peak_bytes > 1 << 20
            (made,) = set(client.list_database_names()) - set(before)
            assert made.startswith("mine_bench_")
        assert client.list_database_names() == before
    assert cpu_seconds(mongod.pid) > 0


def test_one_that_does_not_run_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(mongodb, "LOOK_MS", 100)
    with pytest.raises(Failure, match="cannot be measured"):
        mongodb.look(f"mongodb://127.0.0.1:{free_port()}/x")


@pytest.mark.parametrize(
    ("address", "beside"),
    [
        ("mongodb://h:1/db?replicaSet=rs0", "mongodb://h:1/db_bench_ab?replicaSet=rs0"),
        ("mongodb://u:p@h:1,i:2/?replicaSet=rs0", "mongodb://u:p@h:1,i:2/colonies_bench_ab?replicaSet=rs0"),
        ("mongodb://h", "mongodb://h/colonies_bench_ab"),
        ("mongodb://u:p@h/db", "mongodb://u:p@h/db_bench_ab?authSource=db"),
        ("mongodb://u:p@h/db?authSource=x", "mongodb://u:p@h/db_bench_ab?authSource=x"),
    ],
)
def test_the_database_lies_beside_the_one_that_was_named(address: str, beside: str) -> None:
    assert mongodb.database_beside(address, "ab") == beside


async def test_a_database_that_remains_is_named_beside_what_failed_first(
    mongod: Mongod, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(mongodb, "LOOK_MS", 100)
    address = mongod.address.replace("/?", "/mine_bench_1?")

    async def fail() -> None:
        async with mongodb.used_once(address):
            mongod.kill()
            raise LookupError("what failed first")

    with pytest.raises(LookupError, match="what failed first"):
        await fail()
    assert f"the database mine_bench_1 at 127.0.0.1:{mongod.port} remains" in capsys.readouterr().err
    with pytest.raises(Failure, match="the database mine_bench_1 at"):
        async with mongodb.used_once(address):
            """Nothing fails but the drop."""


@pytest.mark.parametrize(("last", "left"), [("", []), ("gone \n", ["x_bench_1"])])
def test_the_database_of_a_measurement_that_was_killed_is_dropped(mongod: Mongod, last: str, left: list[str]) -> None:
    address = mongod.address.replace("/?", "/x_bench_1?")
    with pymongo.MongoClient[dict[str, object]](address) as client:
        client.get_default_database().things.insert_one({})
        command = [sys.executable, "-m", "broker.bench.keeper", "0"]
        subprocess.run(command, input=f"database {address}\n{last}", text=True, check=True)
        assert [name for name in client.list_database_names() if name.startswith("x_")] == left


def test_a_login_that_lies_elsewhere_is_used_for_each_member(mongod: Mongod) -> None:
    with pymongo.MongoClient[dict[str, object]](mongod.address) as client:
        client.people.command("createUser", "one", pwd="p@ss", roles=[{"role": "root", "db": "admin"}])
    address = mongod.address.replace("mongodb://", "mongodb://one:p%40ss@")
    assert mongodb.look(f"{address}&authSource=people").pids == [mongod.pid]
    assert mongodb.look(address.replace("/?", "/people?")).pids == [mongod.pid]


@pytest.mark.parametrize(
    ("address", "alone"),
    [
        ("mongodb://h,i/?replicaSet=rs0", "mongodb://h:7/?directConnection=true"),
        (
            "mongodb://u:p%40@h:1/db?tls=true&tlsCAFile=/a.pem&replicaSet=rs0&authMechanism=SCRAM-SHA-256",
            "mongodb://u:p%40@h:7/db?tls=true&tlsCAFile=%2Fa.pem&authMechanism=SCRAM-SHA-256&directConnection=true",
        ),
    ],
)
def test_a_member_is_connected_to_as_the_address_says(address: str, alone: str) -> None:
    assert mongodb.address_of_member(address, "h", 7) == alone
