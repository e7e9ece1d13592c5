"""Restart three brokers one after the other under clients that work all the time, and say what it cost them.

    python -m bench.cluster.rolling --workers 8 --submitters 4 --rounds 1

A worker is idle while what it asks for, the next process, is with no broker: from the moment in which it wants one, or
in which a broker that stops says no, until the request leaves for another broker. That is what its own client recorded.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from statistics import median

from colonies import Identity, State, connection
from colonies.asked import Asked
from colonies.dialogue import Dialogue
from tests.conftest import database
from tests.support.broker import Broker, running_broker
from tests.support.colony import ColonyKeys, make_colony
from tests.support.mongod import running_mongod
from tests.support.peer import peer
from tests.support.traffic import Traffic

BROKERS = 3
BETWEEN_SECONDS = 2.0  # so that a restart is seen and not only the one after the other
PROMISED_SECONDS = 2.0


class Recorded(Dialogue):
    """A dialogue that notes how long each request for work lay with nobody, and what was said again."""

    idle: dict[str, list[float]] = {}  # noqa: RUF012 (of all of them, by the executor's id)
    repeated = 0

    def ask(self, asked: Asked) -> None:
        self._note_idle(asked)
        super().ask(asked)

    def _keep(self, asked: Asked) -> None:
        self._note_idle(asked)
        Recorded.repeated += not asked.is_forgotten
        super()._keep(asked)

    def _note_idle(self, asked: Asked) -> None:
        if asked.method == "process.assign":
            self.__dict__.setdefault("since", {})[asked] = time.monotonic()

    def _sendable(self, now: float) -> Iterator[Asked]:
        for asked in super()._sendable(now):
            if (since := self.__dict__.get("since", {}).pop(asked, None)) is not None:
                Recorded.idle.setdefault(asked.signer.id, []).append(time.monotonic() - since)
            yield asked


async def main() -> None:
    arguments = _arguments()
    setattr(connection, "Dialogue", Recorded)  # noqa: B010 (a name that is not the clients' to change)
    with tempfile.TemporaryDirectory() as name, contextlib.ExitStack() as stack:
        folder = Path(name)
        (folder / "mongod").mkdir()
        store = database(stack.enter_context(running_mongod(folder / "mongod")))
        owner = Identity.generate()
        brokers = [stack.enter_context(running_broker(store, folder, owner=owner)) for _ in range(BROKERS)]
        async with peer(brokers[0].address) as link:
            keys = await make_colony(link, owner, executors=arguments.workers)
        traffic = Traffic([broker.address for broker in brokers], keys)
        async with traffic.running(submitters=arguments.submitters):
            await asyncio.sleep(BETWEEN_SECONDS)
            for round_ in range(arguments.rounds):
                for number, broker in enumerate(brokers):
                    await _restart(broker, f"round {round_ + 1}, broker {number + 1}")
                    await asyncio.sleep(BETWEEN_SECONDS)
    _report(traffic, keys)


async def _restart(broker: Broker, which: str) -> None:
    begun = time.monotonic()
    code = await asyncio.to_thread(broker.stop)
    stopped = time.monotonic()
    await asyncio.to_thread(broker.start)
    print(f"{which}: drained in {stopped - begun:.2f} s with code {code}, back after {time.monotonic() - begun:.2f} s")


def _report(traffic: Traffic, keys: ColonyKeys) -> None:
    print("\nidle, in milliseconds     times       p50       max")
    worst = 0.0
    for number, key in enumerate(keys.executors):
        idle = Recorded.idle.get(key.id, [0.0])
        worst = max(worst, *idle)
        print(f"worker {number + 1:<14}{len(idle):>10}{median(idle) * 1000:>10.1f}{max(idle) * 1000:>10.1f}")
    successful = sum(process.state == State.SUCCESSFUL for process in traffic.ended.values())
    again = sum(times > 1 for times in traffic.ran.values())
    print(f"\nrequests of submitters   {traffic.requests}")
    print(f"said again by clients    {Recorded.repeated}")
    print(f"failed                   {len(traffic.refused)}")
    print(f"processes                {len(traffic.ended)}, successful {successful}, run more than once {again}")
    print(f"longest idle             {worst:.2f} s, promised {PROMISED_SECONDS:g} s")
    for refused in traffic.refused[:10]:
        print(f"  {refused}")
    if traffic.refused or again or successful < len(traffic.ended) or worst > PROMISED_SECONDS:
        raise SystemExit(1)


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--workers", type=int, default=8)
    parser.add_argument("--submitters", type=int, default=4)
    parser.add_argument("--rounds", type=int, default=1, help="how often all of them are restarted")
    return parser.parse_args()


if __name__ == "__main__":
    asyncio.run(main())
