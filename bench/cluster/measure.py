"""Measure several brokers on one replica set: how soon, how many, what it costs, and what that means for many more.

Everything is real and on this machine: three mongods, three brokers and the load, each a process of its own. What comes at
a pace is asked by the SDK; what is to take all there is speaks the wire alone, so that it leaves more to the brokers.
`make bench-cluster` runs it, and BENCH="--json" prints figures for programs. V is how many signatures one core verifies a
second, the measure of the machine.
"""

from __future__ import annotations

import argparse
import asyncio
import os
import signal
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import msgspec

from bench.dashboard.report import say
from colonies import Identity
from colonies.wire.identity import verify
from tests.support.replica_set import ReplicaSet, running_replica_set

from . import arithmetic, latency, tables
from .stage import set_up
from .throughput import Load, Run, throughput

PARTS = ("lamp", "assign", "throughput")
PROMISED_MS = 50.0
MESSAGE_BYTES = 200


class Measured(msgspec.Struct, kw_only=True):
    """Everything; None is what was not measured. verified: signatures a second on one core."""

    cores: int
    verified: float
    lamp: latency.Paces | None = None
    assign: latency.Paces | None = None
    runs: list[Run] = []
    costs: arithmetic.Costs | None = None
    reaches: list[arithmetic.Reach] = []


def verified_a_second(seconds: float = 1.0) -> float:
    """Ed25519 signatures over 200 bytes that one core verifies."""
    key, message = Identity.generate(), os.urandom(MESSAGE_BYTES)
    public, signature = bytes.fromhex(key.id), key.sign(message)
    number, begun = 0, time.thread_time()
    while (took := time.thread_time() - begun) < seconds:
        assert verify(public, signature, message)
        number += 1
    return number / took


class Measurement:
    """Prints each table as soon as it is there."""

    def __init__(self, options: argparse.Namespace, replica_set: ReplicaSet, folder: Path) -> None:
        self._options = options
        self._replica_set = replica_set
        self._folder = folder
        self.measured = Measured(cores=os.cpu_count() or 1, verified=verified_a_second())
        self._tell(
            f"V: one core verifies {self.measured.verified:.0f} signatures a second; {self.measured.cores} cores"
        )

    async def run(self) -> None:
        if {"lamp", "assign"} & set(self._options.parts):
            await self._paced()
        if "throughput" in self._options.parts:
            await self._throughput()

    async def _paced(self) -> None:
        options = self._options
        pace = {"rate": options.rate, "seconds": options.seconds}
        async with set_up(self._replica_set, self._folder, brokers=options.brokers, workers=0) as stage:
            if "lamp" in options.parts:
                self.measured.lamp = paces = await latency.lamp(stage, **pace)
                self._tell(tables.of_paces("A lamp at the first broker, its switch at the last", paces))
                self._promise(paces)
            if "assign" in options.parts:
                self.measured.assign = paces = await latency.assign(stage, **pace)
                self._tell(tables.of_paces("A worker in line at the second broker, submits at the first", paces))

    def _promise(self, paces: latency.Paces) -> None:
        p99 = paces.latencies[-1].p99
        if not self._options.json:
            say("what the lamp shows, p99", f"{p99:.1f} ms", f"under {PROMISED_MS:g} ms", holds=p99 < PROMISED_MS)

    async def _throughput(self) -> None:
        options, measured = self._options, self.measured
        most = options.brokers

        async def one(brokers: int, **beside: Any) -> Run:
            run = await throughput(self._replica_set, self._folder, options.load, brokers=brokers, **beside)
            measured.runs.append(run)
            return run

        alone = await one(1)
        for brokers in range(2, most + 1):
            await one(brokers)
        if most > 1:
            nothing, everything = await one(1, beside=most - 1), await one(1, beside=most - 1, hears=True)
            measured.costs = arithmetic.costs(alone, nothing, everything)
            measured.reaches = [arithmetic.reach(measured.costs, many) for many in arithmetic.MANY]
        self._tell(tables.of_runs(measured.runs, measured.verified))
        if measured.costs:
            self._tell(tables.of_costs(measured.costs, measured.reaches))

    def _tell(self, text: str) -> None:
        if not self._options.json:
            print(f"\n{text}", flush=True)


async def measure(options: argparse.Namespace) -> Measured:
    """Measure all that is asked for. Told to end, it takes with it what it has started."""
    whole = asyncio.current_task()
    assert whole is not None
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, whole.cancel)
    with tempfile.TemporaryDirectory(dir=options.folder) as place, running_replica_set(Path(place)) as replica_set:
        measurement = Measurement(options, replica_set, Path(place))
        await measurement.run()
    return measurement.measured


def main() -> None:
    options = options_of()
    measured = asyncio.run(measure(options))
    if options.json:
        print(msgspec.json.format(msgspec.json.encode(measured)).decode())


def options_of(arguments: Sequence[str] | None = None) -> argparse.Namespace:
    """Those of the command line, unless others are given."""
    load = Load()
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--parts", default=",".join(PARTS), help="which of lamp, assign and throughput to measure")
    parser.add_argument("--brokers", type=int, default=3, help="the most brokers at a time")
    parser.add_argument("--seconds", type=float, default=60, help="how long lamp and assign go on, each")
    parser.add_argument("--rate", type=float, default=20, help="how many a second they are")
    parser.add_argument(
        "--load-seconds", type=float, default=load.seconds, help="how long throughput is counted, each run"
    )
    parser.add_argument("--warm-up", type=float, default=load.warm_up, help="how long it goes on before that")
    parser.add_argument("--producers", type=int, default=load.producers, help="clients that submit, over all brokers")
    parser.add_argument("--workers", type=int, default=load.workers, help="clients that work, over all brokers")
    parser.add_argument(
        "--window", type=int, default=load.window, help="processes submitted and not yet closed, at most"
    )
    parser.add_argument(
        "--programs", type=int, default=load.programs, help="processes of the machine that these live in"
    )
    parser.add_argument("--folder", help="where the databases lie while they are needed")
    parser.add_argument("--json", action="store_true", help="print one JSON object and no tables")
    options = parser.parse_args(arguments)
    options.parts = options.parts.split(",")
    if unknown := set(options.parts) - set(PARTS):
        parser.error(f"there is no part {', '.join(sorted(unknown))}; there are {', '.join(PARTS)}")
    options.load = Load(
        producers=options.producers,
        workers=options.workers,
        window=options.window,
        programs=options.programs,
        warm_up=options.warm_up,
        seconds=options.load_seconds,
    )
    return options


if __name__ == "__main__":
    main()
