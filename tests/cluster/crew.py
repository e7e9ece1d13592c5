"""Clients of the SDK as a process of their own: they submit, work and listen, and write down what they ask and are told.

`python -m tests.cluster.crew` reads a line with its `Orders`, prints `ready`, and obeys one command a line, each answered
by the command itself: `stop` submits no more, `call` waits until everything is over and everybody was seen to work and to
hear, `look` looks at every process, `quit` ends. It may be killed at any moment.
"""

from __future__ import annotations

import asyncio
import random
import sys
from pathlib import Path

import msgspec
import uvloop

from colonies import AsyncColonies, Identity

from .ears import Ears
from .history import Recorder
from .looking import Looker
from .submitting import Submitter
from .working import Hands

PROGRESS_SECONDS = 5.0


class Orders(msgspec.Struct, frozen=True, kw_only=True):
    """name       of this process in the history; no two have the same.
    brokers    name → address.
    operator   private key of a user.
    workers    private keys of executors that work here.
    everybody  ids of all executors of the colony, which a call is for.
    rate       processes to submit a second; 0: this crew neither submits nor listens.
    loops      how many processes each worker takes at a time.
    """

    name: str
    path: str
    brokers: dict[str, str]
    operator: str
    workers: list[str] = []
    everybody: list[str] = []
    rate: float = 0
    loops: int = 2
    seed: int = 0


class Crew:
    def __init__(self, orders: Orders, recorder: Recorder) -> None:
        self._orders = orders
        self._recorder = recorder
        self._dice = random.Random(f"{orders.seed} {orders.name}")
        self._operator = Identity(orders.operator)
        self._clients: list[AsyncColonies] = []
        self.ears: list[Ears] = []
        self.looker = Looker(self._client(self._operator), recorder, orders.name)
        self.submitters: list[Submitter] = []

    def _client(self, key: Identity, *brokers: str) -> AsyncColonies:
        """One of its own for whoever is named; of all brokers when none is."""
        addresses = [self._orders.brokers[broker] for broker in brokers] or list(self._orders.brokers.values())
        client = AsyncColonies(addresses, key=key)
        self._clients.append(client)
        return client

    def begin(self, tasks: asyncio.TaskGroup) -> list[asyncio.Task[None]]:
        """Start everybody; each goes on until it is cancelled."""
        begun = []
        for number, private_key in enumerate(self._orders.workers):
            key = Identity(private_key)
            who = f"{self._orders.name}:worker{number}"
            client = self._client(key)
            hands = Hands(client, self._recorder, who, key.id, random.Random(self._dice.random()))
            begun += [tasks.create_task(hands.work()) for _ in range(self._orders.loops)]
            # By what it hears of cancels it is known when it is connected.
            begun.append(tasks.create_task(Ears(client, self._recorder, who, state=4, executorid=key.id).listen()))
        if self._orders.rate:
            begun += self._begin_submitting(tasks) + self._begin_listening(tasks)
        return begun

    def _begin_submitting(self, tasks: asyncio.TaskGroup) -> list[asyncio.Task[None]]:
        number = max(1, round(self._orders.rate / 50))
        for each in range(number):
            who, dice = f"{self._orders.name}:submitter{each}", random.Random(self._dice.random())
            client = self._client(self._operator)
            self.submitters.append(Submitter(client, self._recorder, who, dice, rate=self._orders.rate / number))
        return [tasks.create_task(submitter.submit_all()) for submitter in self.submitters]

    def _begin_listening(self, tasks: asyncio.TaskGroup) -> list[asyncio.Task[None]]:
        """At each broker somebody who stays there, and two who go wherever they can."""
        for broker in self._orders.brokers:
            client = self._client(self._operator, broker)
            for state in (0, 2):
                who = f"{self._orders.name}:ears-{state}-at-{broker}"
                self.ears.append(Ears(client, self._recorder, who, state=state, broker=broker))
        for state in (0, 2):
            client = self._client(self._operator)
            self.ears.append(Ears(client, self._recorder, f"{self._orders.name}:ears-{state}", state=state, lasts=True))
        return [tasks.create_task(ears.listen()) for ears in self.ears]

    async def say_progress(self) -> None:
        """Print a line now and then, but only while more and more is heard of."""
        before = 0
        while True:
            await asyncio.sleep(PROGRESS_SECONDS)
            heard = sum(ears.heard for ears in self.ears)
            if heard > before:
                print(f"heard {heard}", flush=True)
            before = heard

    async def obey(self, command: str) -> None:
        match command:
            case "stop":
                await asyncio.gather(*(submitter.stop() for submitter in self.submitters))
            case "call":
                await self._call()
                await self.looker.wait_all_over()
            case "look":
                await self.looker.look()

    async def _call(self) -> None:
        """Return once every executor has done something, and everybody who listens has heard of it."""
        for ears in self.ears:
            await ears.wait_listening()
        submitter = self.submitters[0]
        called = await asyncio.gather(*(submitter.call(executorid) for executorid in self._orders.everybody))
        for ears in self.ears:
            await ears.wait_heard(called)

    async def close(self) -> None:
        await asyncio.gather(*(client.close() for client in self._clients))


async def main() -> None:
    loop = asyncio.get_running_loop()

    async def line() -> str:
        read: str = await loop.run_in_executor(None, sys.stdin.readline)
        return read.strip()

    orders = msgspec.json.decode(await line(), type=Orders)
    with Recorder(Path(orders.path)) as recorder:
        crew = Crew(orders, recorder)
        async with asyncio.TaskGroup() as tasks:
            begun = [*crew.begin(tasks), tasks.create_task(crew.say_progress())]
            print("ready", flush=True)
            while (command := await line()) not in ("", "quit"):
                await crew.obey(command)
                print(command, flush=True)
            for task in begun:
                task.cancel()
        await crew.close()
        print("quit", flush=True)


if __name__ == "__main__":
    uvloop.run(main())
