"""What `/metrics` says: what the broker counted, what its process uses, and two figures that are looked at just then.

A scrape is answered within a few seconds whatever the store does; what cannot be known then is not said.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from prometheus_client import Gauge, ProcessCollector

from broker.engine.inventory import Inventory
from broker.engine.node import Node


class Metrics:
    def __init__(self, node: Node, *, why_not_ready: Callable[[], Awaitable[str]]) -> None:
        self._telemetry = node.telemetry
        self._why_not_ready = why_not_ready
        registry = node.telemetry.registry
        self._bus = node.bus
        self._inventory = Inventory(node.store, registry)
        self._ready = Gauge("colonies_ready", "1 while this broker takes work, as /readyz says.", registry=registry)
        self._hears = Gauge(
            "colonies_changes_heard",
            "1 while this broker hears what others change; also where there can be no others.",
            registry=registry,
        )
        ProcessCollector(registry=registry)

    async def exposition(self) -> bytes:
        """Everything in the Prometheus text format."""
        self._ready.set(not await self._why_not_ready())
        self._hears.set(self._bus.is_current)
        await self._inventory.refresh()
        return self._telemetry.exposition()
