"""What the broker counts about itself, for `/metrics`.

One registry per broker, so that several brokers in one process do not share counts.
"""

from __future__ import annotations

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest

from .tally import Tally

_SECONDS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10)
_SIZES = (1, 2, 4, 8, 16, 32, 64, 128, 256)


class Telemetry:
    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        self.connections = Gauge("colonies_connections", "Open sockets.", registry=self.registry)
        self.waiting_assigns = Gauge(
            "colonies_waiting_assigns", "Callers in line for a process.", registry=self.registry
        )
        self.subscriptions = Gauge("colonies_subscriptions", "Subscriptions and watches.", registry=self.registry)
        self.requests = self._tally("colonies_requests", "Requests answered.", "method", "outcome")
        self.verifications = self._tally("colonies_verifications", "Signatures verified.")
        self.frames_out = self._tally("colonies_frames_out", "Frames written to sockets.")
        self.messages_out = self._tally("colonies_messages_out", "Messages in those frames.")
        self.encodes = self._tally(
            "colonies_encodes", "Replies to requests, and changes of processes told to all who follow them."
        )
        self.pushes = self._tally("colonies_pushes", "Pushes offered to all who follow something.")
        self.slow = Counter("colonies_slow_connections", "Connections closed as slow.", registry=self.registry)
        self.moves = self._tally("colonies_moves", "Moves handed to the store.", "move")
        self.batch_size = Histogram(
            "colonies_batch_moves", "Moves in one batch for the store.", buckets=_SIZES, registry=self.registry
        )
        self.batch_seconds = Histogram(
            "colonies_batch_seconds", "How long the store took for a batch.", buckets=_SECONDS, registry=self.registry
        )
        self.processes = self._tally("colonies_processes", "What happened to processes here.", "event")
        self.changes = Counter("colonies_changes", "Changes of other brokers that were read.", registry=self.registry)
        self.changes_lag = Histogram(
            "colonies_changes_lag_seconds",
            "From the time another broker wrote a change to its being told here, by their clocks.",
            buckets=_SECONDS,
            registry=self.registry,
        )
        self.changes_lost = Counter(
            "colonies_changes_lost",
            "Times that the place in the change stream was lost, and everything was looked at instead.",
            registry=self.registry,
        )
        self.brokers = Gauge("colonies_brokers", "Brokers on this store that live.", registry=self.registry)
        self.overruns = Counter(
            "colonies_overruns", "Runs and waits that the broker ended.", ["kind"], registry=self.registry
        )
        self.deadline_lateness = Histogram(
            "colonies_deadline_lateness_seconds",
            "From the time a limit ended to the broker's move.",
            buckets=_SECONDS,
            registry=self.registry,
        )

    def _tally(self, name: str, documentation: str, *labels: str) -> Tally:
        return Tally(name, documentation, labels, registry=self.registry)

    def exposition(self) -> bytes:
        """Everything in the Prometheus text format."""
        return generate_latest(self.registry)
