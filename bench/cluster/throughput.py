"""How many processes a second so many brokers take from submit to close, what that costs whom, and what limits it.

Beside the brokers that work there may be others that only read, in two ways: nothing of what happens, and all of it. What
a change costs a broker that reads it is measured by these. For what it costs the database for each broker that might read
it, change streams like theirs are read beside them.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Sequence
from pathlib import Path

import msgspec

from bench.dashboard.machine import Neighbours
from broker.store.others import channels_for
from colonies import AsyncColonies, State
from tests.support.replica_set import ReplicaSet

from .crowd import KIND
from .parts import until
from .plans import Crowd, Lived, Streams
from .program import Program, begin, running
from .stage import Stage, Used, set_up, used


class Load(msgspec.Struct, frozen=True, kw_only=True):
    """How much is asked, by how many programs, for how long."""

    producers: int = 32
    workers: int = 32
    window: int = 64
    programs: int = 2
    warm_up: float = 3.0
    seconds: float = 15.0
    streams: int = 8


class Run(msgspec.Struct, frozen=True, kw_only=True):
    """What happened from the warm-up to the end.

    brokers … neighbours  cores in use. beside: those brokers that only read. mongods: the primary first.
    elected               another primary was elected meanwhile; the figures of a run that was disturbed say little.
    streams               that were read beside those of the brokers that work.
    repeated              requests that a broker could not fulfil at the moment, from the beginning.
    changes               read from other brokers, all of them together. lag: from write to being told, mean, ms.
    """

    what: str
    seconds: float
    processes: int
    brokers: list[float]
    beside: list[float]
    mongods: list[float]
    load: float
    neighbours: float = 0.0
    elected: bool
    streams: int = 0
    repeated: int = 0
    changes: float
    lag: float
    claims: float
    moves: float
    batches: float

    @property
    def rate(self) -> float:
        return self.processes / self.seconds

    @property
    def each(self) -> float:
        """Seconds of a process; there is at least one."""
        return self.seconds / max(1, self.processes)


async def throughput(
    replica_set: ReplicaSet, folder: Path, load: Load, *, brokers: int, beside: int = 0, hears: bool = False
) -> Run:
    """brokers: clients are at these. beside: more of them, and more streams, that hear all of it or nothing."""
    kind = KIND if hears else "another kind"
    async with (
        set_up(replica_set, folder, brokers=brokers + beside, workers=load.workers) as stage,
        _listening(stage, brokers, kind),
        running(*_streams(stage, kind, load.streams if beside else 0)) as streams,
    ):
        run = await _run(stage, load, brokers, _named(brokers, beside, hears), streams)
        for program in streams:
            program.hold_up()
        return run


@contextlib.asynccontextmanager
async def _listening(stage: Stage, brokers: int, kind: str) -> AsyncIterator[None]:
    """Care for a state that nothing enters, at each broker beside: all changes of the kind are read for it."""
    async with contextlib.AsyncExitStack() as stack:
        for address in stage.addresses[brokers:]:
            client = await stack.enter_async_context(AsyncColonies(address, key=stage.keys.operator))
            await stack.enter_async_context(client.subscribe(kind, state=State.CANCELLED))
        yield


def _streams(stage: Stage, kind: str, number: int) -> list[Streams]:
    channels = list(channels_for(stage.keys.owner.id, kind))
    return [Streams(address=stage.brokers[0].store, channels=channels, number=number)] if number else []


async def _run(stage: Stage, load: Load, brokers: int, what: str, beside: Sequence[Program]) -> Run:
    async with running(*_crowds(stage, load, brokers)) as programs, Neighbours().watched() as neighbours:
        pids = [program.pid for program in (*programs, *beside)]
        begun = begin(programs)
        await until(begun + load.warm_up)
        before = await used(stage, pids)
        await until(begun + load.warm_up + load.seconds)
        after = await used(stage, pids)
        lived = await asyncio.gather(*(program.result(Lived, seconds=0) for program in programs))
    await _hold_to_the_store(stage, lived)
    counted = sum(one.counted for one in lived)
    run = _spent(before, after, brokers, what=what, processes=counted)
    return msgspec.structs.replace(
        run,
        neighbours=max(0.0, neighbours.mean),
        repeated=sum(one.repeated for one in lived),
        streams=len(run.beside) + (load.streams if beside else 0),
    )


def _crowds(stage: Stage, load: Load, brokers: int) -> list[Crowd]:
    """Everybody's share of the load."""
    addresses, keys = stage.addresses[:brokers], [key.private_key for key in stage.keys.executors]

    def share(number: int, index: int) -> int:
        return len(range(number)[index :: load.programs])

    return [
        Crowd(
            address=addresses[0],
            addresses=addresses[index % brokers :] + addresses[: index % brokers],
            key=stage.keys.operator.private_key,
            producers=share(load.producers, index),
            workers=keys[index :: load.programs],
            window=share(load.window, index),
            warm_up=load.warm_up,
            seconds=load.warm_up + load.seconds,
        )
        for index in range(load.programs)
    ]


async def _hold_to_the_store(stage: Stage, lived: list[Lived]) -> None:
    """Figures of processes that are not what was stored would be worth nothing."""
    async with AsyncColonies(stage.addresses[0], key=stage.keys.operator) as client:
        (counts,) = [counts for counts in (await client.get_stats()).types if counts.executortype == KIND]
    submitted, closed = sum(one.submitted for one in lived), sum(one.closed for one in lived)
    stored = counts.waiting + counts.running + counts.successful
    if (stored, counts.successful) != (submitted, closed):
        raise RuntimeError(
            f"clients submitted {submitted} and closed {closed}, and {stored} are stored, {counts.successful} successful"
        )


def _spent(before: Used, after: Used, brokers: int, *, what: str, processes: int) -> Run:
    seconds = after.moment - before.moment

    def cores(late: list[float], early: list[float]) -> list[float]:
        return [(one - other) / seconds for one, other in zip(late, early, strict=True)]

    def counted(name: str) -> float:
        return sum(
            one.get(name, 0) - other.get(name, 0) for one, other in zip(after.counted, before.counted, strict=True)
        )

    told = counted("colonies_changes_lag_seconds_count")
    each, mongods = cores(after.brokers, before.brokers), cores(after.mongods, before.mongods)
    return Run(
        what=what,
        seconds=seconds,
        processes=processes,
        brokers=each[:brokers],
        beside=each[brokers:],
        mongods=[mongods.pop(before.primary), *mongods],
        load=(after.load - before.load) / seconds,
        elected=before.primary != after.primary,
        changes=counted("colonies_changes_total"),
        lag=1000 * counted("colonies_changes_lag_seconds_sum") / told if told else 0.0,
        claims=counted("colonies_moves_total Claim"),
        moves=counted("colonies_batch_moves_sum"),
        batches=counted("colonies_batch_moves_count"),
    )


def _named(brokers: int, beside: int, hears: bool) -> str:
    works = f"{brokers} work" if brokers > 1 else "1 works"
    return works if not beside else f"{works}, {beside} hear {'all' if hears else 'nothing'} of it"
