"""The JavaScript block of the user's guide, byte for byte, and what happens to it, wherever it runs.

The block leaves names and the first call to its surroundings. These are defined here and nothing else; they say
aloud what the block is told and what it does.
"""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

from colonies import AsyncColonies, State
from tests.support.broker import Broker
from tests.support.colony import ColonyKeys, spec
from tests.support.javascript import Heard

BLOCK = (Path(__file__).parent / "users_guide_block.txt").read_text()

SURROUNDINGS = """
class Told extends Colonies {
  subscribeProcesses(executortype, timeout, state, prvkey, callback) {
    const subscribed = super.subscribeProcesses(executortype, timeout, state, prvkey, (process) => {
      console.log(`told of ${process.processid}`);
      return callback(process);
    });
    subscribed.catch((error) => console.log(error.message));
    return subscribed;
  }
}

globalThis.executor = new Told(SERVER);
globalThis.execute = (process) => console.log(`executed ${process.processid}`);
"""


def names(keys: ColonyKeys) -> dict[str, str]:
    return {"colonyid": keys.owner.id, "executor_prvkey": keys.executor.private_key}


class Course:
    """Submit, and see that the block does it."""

    def __init__(self, broker: Broker, keys: ColonyKeys, client: AsyncColonies, block: Heard) -> None:
        self.broker = broker
        self.keys = keys
        self.client = client
        self.block = block

    async def run(self, waiting: list[str]) -> None:
        """From two processes that waited for it to another broker on the same address."""
        older, newer = waiting
        await self.is_done(newer)
        await self.block.line("the subscription ended (timeout)")
        await self.is_done(older)  # of which nothing tells it any more
        assert [line for line in self.block.lines if line.startswith("executed")] == [
            f"executed {newer}",
            f"executed {older}",
        ]
        await self.is_told_again()
        await asyncio.to_thread(self.broker.kill)
        await asyncio.to_thread(self.broker.start)
        await self.is_told_again()

    async def is_done(self, processid: str) -> None:
        await self.block.line(f"executed {processid}")
        async with self.client.watch(processid, timeout=60) as moves:
            process: Any = (await moves.next_event()).process
        assert (process.state, process.attempt) == (State.SUCCESSFUL, 1)
        assert process.assigneeid == self.keys.executor.id

    async def is_told_again(self) -> None:
        """Submit until it was an event that told of one: what falls between two subscriptions is only found."""
        while True:
            process = await self.client.submit(spec())
            await self.is_done(process.processid)
            if f"told of {process.processid}" in self.block.lines:
                return


async def submit_two(client: AsyncColonies) -> list[str]:
    return [(await client.submit(spec(args=[number]))).processid for number in range(2)]
