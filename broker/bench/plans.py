"""What a program of the load is told to do, and what it says came of it. They travel as JSON, a line each.

Counts are of histograms (`histogram.py`), so that those of several programs can be added up.
"""

from __future__ import annotations

from typing import TypeAlias

from msgspec import Struct, field

Counts: TypeAlias = dict[int, int]


class Plan(Struct, kw_only=True, frozen=True, tag=True):
    """What all plans share."""


class Lived(Struct, kw_only=True, frozen=True):
    """What one program did while it was measured. total: closed, or submitted, from beginning to end."""

    processes: int
    seconds: float
    took: Counts
    total: int = 0


class Lifecycle(Plan, frozen=True, kw_only=True):
    """key: of who submits. workers: private keys of executors of that type, a socket each."""

    address: str
    key: str
    executortype: str
    producers: int
    workers: list[str]
    inflight: int
    warm_up: float
    seconds: float


class Submit(Plan, frozen=True, kw_only=True):
    address: str
    key: str
    batch: int
    inflight: int
    warm_up: float
    seconds: float


class Latency(Plan, frozen=True, kw_only=True):
    """key: of who submits and subscribes. worker: of an executor of that type. warm_up: submits that do not count."""

    address: str
    key: str
    worker: str
    executortype: str
    rate: float
    warm_up: int
    number: int


class Seen(Struct, kw_only=True, frozen=True):
    """From when a submit was due, and from when it was sent."""

    due: dict[str, Counts]
    sent: dict[str, Counts]


class Fanout(Plan, frozen=True, kw_only=True):
    """One publisher and many subscribers.

    key      of who submits. keys: of the subscribers, one after the other and again from the beginning.
    message  in hex: what is to be published at a server that is no broker; empty at a broker.
    """

    address: str
    subscribers: int
    inflight: int
    warm_up: float
    seconds: float
    executortype: str = ""
    key: str = ""
    keys: list[str] = field(default_factory=list)
    message: str = ""


class Delivered(Struct, kw_only=True, frozen=True):
    """frames: that the deliveries came in. message: one of those that were delivered, in hex."""

    deliveries: int
    frames: int
    seconds: float
    message: str


class Connections(Plan, frozen=True, kw_only=True):
    """Sockets that do nothing. keys: of who signs one request on each; none at a server that is no broker."""

    address: str
    number: int
    seconds: float
    keys: list[str] = field(default_factory=list)


class Connected(Struct, kw_only=True, frozen=True):
    """lost: sockets that ended although nobody ended them. seconds: that connecting took."""

    lost: int
    seconds: float


class Queue(Struct, frozen=True, kw_only=True):
    """A type in which so many wait. pids: whose processor time an assign costs; none where it cannot be seen."""

    address: str
    key: str
    worker: str
    executortype: str
    waiting: int
    pids: list[int]


class Assigns(Plan, frozen=True, kw_only=True):
    """Fill the queues, then take `each` from one after the other, round by round, for so many seconds."""

    queues: list[Queue]
    each: int
    seconds: float


class Assigned(Struct, kw_only=True, frozen=True):
    """For each queue: how fast it was filled, and seconds of one assign in each round."""

    fill_per_second: list[float]
    wall: list[list[float]]
    cpu: list[list[float]]


class Limits(Plan, frozen=True, kw_only=True):
    """Have so many run for long, and so many end while it is measured, evenly.

    holder, ending  private keys of executors, each of a type of its own, which is its key's id.
    lead            seconds from the beginning until the first limit ends.
    same_clock      broker and load are on one machine; otherwise what their clocks differ by is taken out.
    """

    address: str
    key: str
    holder: str
    ending: str
    running: int
    fired: int
    lead: float
    seconds: float
    same_clock: bool = True


class Fired(Struct, kw_only=True, frozen=True):
    late: Counts


AnyPlan: TypeAlias = Lifecycle | Submit | Latency | Fanout | Connections | Assigns | Limits
