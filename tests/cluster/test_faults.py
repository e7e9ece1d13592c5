"""The faults themselves: what is said to be broken is broken, for whom it is said, and heals."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable, Iterator

import pymongo
import pytest

from tests.support.replica_set import ReplicaSet

# One write a line; the deadline of a write is short, for it is what a test waits for.
WRITER = """
import sys, pymongo
client = pymongo.MongoClient(sys.argv[1], w="majority", serverSelectionTimeoutMS=60000)
for line in sys.stdin:
    try:
        with pymongo.timeout(float(line)):
            client.faults.writes.insert_one({})
        print("written", flush=True)
    except pymongo.errors.PyMongoError:
        print("not written", flush=True)
"""


class Writer:
    def __init__(self, address: str) -> None:
        self.process = subprocess.Popen(
            [sys.executable, "-c", WRITER, address], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )

    def write(self, *, seconds: float = 60) -> str:
        assert self.process.stdin is not None
        assert self.process.stdout is not None
        print(seconds, file=self.process.stdin, flush=True)
        return self.process.stdout.readline().strip()


@pytest.fixture
def start_writer() -> Iterator[Callable[[str], Writer]]:
    started: list[Writer] = []

    def start(address: str) -> Writer:
        started.append(Writer(address))
        return started[-1]

    yield start
    for writer in started:
        writer.process.kill()
        writer.process.communicate()


def test_a_killed_primary_is_replaced_and_follows_when_it_is_back(replica_set: ReplicaSet) -> None:
    killed = replica_set.kill_primary()
    elected = replica_set.wait_primary()
    assert elected is not killed
    assert len(replica_set.secondaries()) == 1
    replica_set.restart(killed)
    assert len(replica_set.secondaries()) == 2


def test_a_primary_that_steps_down_is_replaced(replica_set: ReplicaSet) -> None:
    before = replica_set.primary()
    replica_set.step_down()
    assert replica_set.wait_primary() is not before
    assert all(member.runs for member in replica_set.members)


def test_without_a_majority_nothing_is_written_until_it_is_back(
    replica_set: ReplicaSet, start_writer: Callable[[str], Writer]
) -> None:
    writer = start_writer(replica_set.address)
    assert writer.write() == "written"
    with replica_set.majority_lost():
        assert writer.write(seconds=2) == "not written"
    assert writer.write() == "written"


def test_whoever_is_cut_reaches_no_member_and_all_others_do(
    set_with_doors: ReplicaSet, start_writer: Callable[[str], Writer]
) -> None:
    assert set_with_doors.doors
    cut, other = start_writer(set_with_doors.address), start_writer(set_with_doors.address)
    assert [cut.write(), other.write()] == ["written", "written"]
    set_with_doors.doors.cut(cut.process.pid)
    assert [cut.write(seconds=2), other.write()] == ["not written", "written"]
    set_with_doors.step_down()  # and the new primary neither
    assert [other.write(), cut.write(seconds=2)] == ["written", "not written"]
    late = start_writer(set_with_doors.address)
    set_with_doors.doors.cut(late.process.pid)  # before it has connected, or a moment after
    assert late.write(seconds=2) == "not written"
    for writer in (cut, late):
        set_with_doors.doors.heal(writer.process.pid)
        while writer.write() != "written":  # its driver may still believe in the primary of before
            pass


def test_what_was_said_through_a_shut_door_arrives_once_it_is_open(set_with_doors: ReplicaSet) -> None:
    """As on a network: what a driver has given up may still be done."""
    script = "import sys, pymongo; c = pymongo.MongoClient(sys.argv[1]).late.late; c.find_one(); print(); input(); c.insert_one({})"
    assert set_with_doors.doors
    command = [sys.executable, "-c", script, set_with_doors.address]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as late:
        assert late.stdout
        late.stdout.readline()
        set_with_doors.doors.cut(late.pid)
        assert late.stdin
        print(file=late.stdin, flush=True)
        with pytest.raises(subprocess.TimeoutExpired):
            late.wait(1)
        with pymongo.MongoClient[dict[str, object]](set_with_doors.address) as client:
            assert client.late.late.count_documents({}) == 0
            set_with_doors.doors.heal(late.pid)
            assert late.wait(60) == 0
            assert client.late.late.count_documents({}) == 1
