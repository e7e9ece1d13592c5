"""A counter for `/metrics` that costs an addition.

Several of these are counted for every request, in one event loop, where the library's own
counter, safe for threads and many processes, costs more than what it counts. The library
asks it like any other collector.
"""

from __future__ import annotations

from collections.abc import Iterator

from prometheus_client import CollectorRegistry
from prometheus_client.core import CounterMetricFamily
from prometheus_client.registry import Collector


class Tally(Collector):
    """Counts what happened, apart for each combination of labels. Only rises; for one thread."""

    def __init__(self, name: str, documentation: str, labels: tuple[str, ...], *, registry: CollectorRegistry) -> None:
        self._name, self._documentation, self._labels = name, documentation, labels
        self._counted: dict[tuple[str, ...], float] = {} if labels else {(): 0}
        registry.register(self)

    def add(self, *labels: str, number: float = 1) -> None:
        """It happened so many times more."""
        self._counted[labels] = self._counted.get(labels, 0) + number

    def value(self, *labels: str) -> float:
        """How often it happened; without labels, all together."""
        return self._counted.get(labels, 0) if labels else sum(self._counted.values())

    def collect(self) -> Iterator[CounterMetricFamily]:
        family = CounterMetricFamily(self._name, self._documentation, labels=self._labels)
        for labels, number in self._counted.items():
            family.add_metric(labels, number)
        yield family
