"""What waits and runs in the whole store, by colony, for `/metrics`: the same figures at every broker.

They are read when somebody asks, from the counts that the store keeps, at most once in
`KEEP_SECONDS` however many ask. An answer is never waited for longer than `READ_SECONDS`:
while the store is away there are no figures, rather than those of an hour ago.
"""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Iterator, Sequence

from prometheus_client import CollectorRegistry, Gauge

from broker.store.base import Store
from colonies.wire import errors
from colonies.wire.model import Colony, State

KEEP_SECONDS = 2.0
READ_SECONDS = 2.0
AT_ONCE = 16
# Series that every broker shows, so their number is bounded: the others are one series together, without a name.
MAX_COLONIES = 200
STATES = (State.WAITING, State.RUNNING)


class Inventory:
    def __init__(self, store: Store, registry: CollectorRegistry) -> None:
        self._store = store
        self._gauge = Gauge(
            "colonies_stored_processes",
            "Processes of the whole store, the same at every broker: take the max of them and not the sum.",
            ["colony", "state"],
            registry=registry,
        )
        self._reading = asyncio.Lock()
        self._fresh_until = 0.0

    async def refresh(self) -> None:
        """Have the figures of now in the registry, or none."""
        async with self._reading:  # for `READ_SECONDS` at most; whoever waited here finds them fresh
            if asyncio.get_running_loop().time() >= self._fresh_until:
                self._show(await self._read())
                self._fresh_until = asyncio.get_running_loop().time() + KEEP_SECONDS

    async def _read(self) -> dict[str, Counter[State]]:
        """How many processes of a colony's name are in each state; nothing while the store does not answer."""
        figures: dict[str, Counter[State]] = {}
        try:
            async with asyncio.timeout(READ_SECONDS):
                for some in _parts(await self._store.colonies()):
                    counted = await asyncio.gather(*(self._count(colony) for colony in some))
                    figures |= zip((colony.name for colony in some), counted, strict=True)
        except (TimeoutError, errors.Unavailable):
            return {}
        return _bounded(figures)

    async def _count(self, colony: Colony) -> Counter[State]:
        counts: Counter[State] = Counter()
        for lane in await self._store.counts(colony.colonyid):
            counts[State(lane.state)] += lane.number
        return counts

    def _show(self, figures: dict[str, Counter[State]]) -> None:
        self._gauge.clear()  # also of colonies that are gone
        for colony, counts in figures.items():
            for state in STATES:
                self._gauge.labels(colony, state.name.lower()).set(counts[state])


def _parts(colonies: Sequence[Colony]) -> Iterator[Sequence[Colony]]:
    return (colonies[start : start + AT_ONCE] for start in range(0, len(colonies), AT_ONCE))


def _bounded(figures: dict[str, Counter[State]]) -> dict[str, Counter[State]]:
    """Those with most to do by name, the rest as one."""
    if len(figures) <= MAX_COLONIES:
        return figures
    ordered = sorted(figures, key=lambda name: -sum(figures[name][state] for state in STATES))
    rest: Counter[State] = Counter()
    for name in ordered[MAX_COLONIES:]:
        rest.update(figures[name])
    return {name: figures[name] for name in ordered[:MAX_COLONIES]} | {"": rest}
