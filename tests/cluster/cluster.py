"""Three brokers on a replica set of three, a colony, and crews of clients: all of them processes, all of them breakable."""

from __future__ import annotations

import asyncio
import contextlib
import os
import subprocess
import sys
import threading
from pathlib import Path
from typing import Self

import msgspec

from colonies import Identity
from tests.conftest import database
from tests.support.broker import Broker
from tests.support.colony import ColonyKeys, make_colony
from tests.support.mongod import _die_with_parent
from tests.support.peer import peer
from tests.support.ports import lasting_port
from tests.support.replica_set import ReplicaSet

from .crew import Orders
from .history import Event, Recorder, read

BROKERS = 3
PATIENCE = 90.0  # for anything new to be heard of while there is something to wait for


class ClientsStuck(Exception):
    """Clients did not come to where they have to, although nothing is broken any more; or they met a bug."""


class CrewProcess:
    """One crew. Whatever it prints beside its answers says what it waits for."""

    def __init__(self, orders: Orders) -> None:
        self.name = orders.name
        self._said: list[str] = []
        self._process = subprocess.Popen(
            [sys.executable, "-m", "tests.cluster.crew"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            preexec_fn=_die_with_parent,
            text=True,
            env={**os.environ, "PYTHONPATH": os.pathsep.join(("sdk_py", "."))},
        )
        self._write(msgspec.json.encode(orders).decode())
        self._wait("ready")

    def do(self, command: str) -> None:
        """Give a command, and return when it is done."""
        self._write(command)
        self._wait(command)

    def _write(self, line: str) -> None:
        assert self._process.stdin is not None
        with contextlib.suppress(BrokenPipeError):  # it has failed, as is found when it does not answer
            print(line, file=self._process.stdin, flush=True)

    def _wait(self, answer: str) -> None:
        while line := self._line():
            self._said.append(line)
            if line == answer:
                return
        self._process.wait()
        last = "; ".join(self._said[-10:])
        raise ClientsStuck(
            f"the clients did not come to {answer!r} (nothing new for {PATIENCE:g} s, or they failed); they said: {last}"
        )

    def _line(self) -> str:
        """The next line; empty when it has ended, which it does after it said nothing for too long."""
        assert self._process.stdout is not None
        give_up = threading.Timer(PATIENCE, self._process.kill)
        give_up.start()
        try:
            line: str = self._process.stdout.readline()
        finally:
            give_up.cancel()
        return line.strip()

    def kill(self) -> None:
        self._process.kill()
        self._process.wait()
        for pipe in (self._process.stdin, self._process.stdout):
            if pipe:
                with contextlib.suppress(BrokenPipeError):
                    pipe.close()


class Cluster:
    """kills: of what, how often. Everything ends with the block, but for the replica set."""

    def __init__(
        self, replica_set: ReplicaSet, folder: Path, *, workers: int, loops: int, rate: float, seed: int
    ) -> None:
        self.replica_set = replica_set
        self.kills: dict[str, int] = {}
        self._folder = folder
        self._workers, self._loops, self._rate, self._seed = workers, loops, rate, seed
        owner = Identity.generate()
        store = database(replica_set.address)
        self.brokers: dict[str, Broker] = {}
        for name in (f"b{number}" for number in range(1, BROKERS + 1)):
            (folder / name).mkdir()
            self.brokers[name] = Broker(store, folder / name, owner=owner)
            self.brokers[name].port = lasting_port()
        self._stack = contextlib.ExitStack()
        self._crews = 0
        self._working: list[CrewProcess] = []

    def __enter__(self) -> Self:
        with contextlib.ExitStack() as stack:
            self.notes = stack.enter_context(Recorder(self._folder / "faults.history"))
            for broker in self.brokers.values():
                stack.callback(broker.kill)
                broker.start()
            self.keys = asyncio.run(self._make_colony())
            half = (self._workers + 1) // 2
            self._shares = [self.keys.executors[:half], self.keys.executors[half:]]
            stack.callback(self._kill_workers)
            for share in self._shares:
                self._working.append(self._start_workers(share))
            self.submitting = self._start(rate=self._rate, everybody=[key.id for key in self.keys.executors])
            stack.callback(self.submitting.kill)
            self._stack = stack.pop_all()
        return self

    def __exit__(self, *_: object) -> None:
        self._stack.close()

    async def _make_colony(self) -> ColonyKeys:
        broker = next(iter(self.brokers.values()))
        async with peer(broker.address) as link:
            return await make_colony(link, broker.owner, executors=self._workers)

    # — clients —

    def _start_workers(self, share: list[Identity]) -> CrewProcess:
        return self._start(workers=[key.private_key for key in share], loops=self._loops)

    def _start(self, **orders: object) -> CrewProcess:
        self._crews += 1
        name = f"crew{self._crews}"
        given = {
            "name": name,
            "path": str(self._folder / f"{name}.history"),
            "brokers": {name: broker.address for name, broker in self.brokers.items()},
            "operator": self.keys.operator.private_key,
            "seed": self._seed,
            **orders,
        }
        return CrewProcess(msgspec.convert(given, Orders))

    def kill_workers(self, number: int) -> None:
        """`kill -9` half of the workers with all that they hold; others with the same keys take their place."""
        self.count("workers")
        self.notes.note(self._working[number].name, "gone")
        self._working[number].kill()
        self._working[number] = self._start_workers(self._shares[number])

    def _kill_workers(self) -> None:
        for crew in self._working:
            crew.kill()

    def count(self, what: str) -> None:
        self.kills[what] = self.kills.get(what, 0) + 1

    # — how it ends —

    def finish(self) -> None:
        """With nothing broken any more, have everything done, everybody heard and everything looked at."""
        for command in ("stop", "call", "look"):
            self.submitting.do(command)

    def look_again(self) -> None:
        """After everything was restarted, for what is over must stay as it is."""
        for broker in self.brokers.values():
            broker.kill()
            broker.start()
        self.submitting.do("look")

    def quit(self) -> None:
        for crew in (*self._working, self.submitting):
            crew.do("quit")

    def history(self) -> list[Event]:
        return read(self._folder.glob("*.history"))

    def logs(self) -> dict[str, str]:
        return {name: broker.log() for name, broker in self.brokers.items()}
