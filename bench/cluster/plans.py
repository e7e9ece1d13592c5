"""What each client is told to do, and what it says came of it."""

from __future__ import annotations

import msgspec


class Plan(msgspec.Struct, frozen=True, kw_only=True, tag=True):
    """address: of the broker, or of the store."""

    address: str


class Asking(Plan, frozen=True, kw_only=True):
    """key: the private key in whose name it asks."""

    key: str


class Paced(Asking, frozen=True, kw_only=True):
    """Submit so many, each at its time, whatever became of those before. Its number is its first argument."""

    kind: str
    latestkey: str = ""
    rate: float
    number: int


class Lamp(Asking, frozen=True, kw_only=True):
    """Be told of what waits, take the newest, until the last of so many was shown."""

    kind: str
    number: int


class Waiter(Asking, frozen=True, kw_only=True):
    """Wait in line, take what comes, until there were so many."""

    number: int


class Crowd(Asking, frozen=True, kw_only=True):
    """Submit and work as fast as it goes. It is at several brokers, and has several keys.

    addresses  of the brokers: its members are spread over them.
    window     how many processes may be submitted and not yet closed.
    seconds    how long it submits, the warm-up included.
    """

    addresses: list[str]
    producers: int
    workers: list[str]
    window: int
    warm_up: float
    seconds: float


class Streams(Plan, frozen=True, kw_only=True):
    """Read so many change streams of the store, each with these bus channels, until it is ended."""

    channels: list[str]
    number: int


class Submitted(msgspec.Struct, frozen=True):
    """answered: when each was acknowledged. The moments are on the monotonic clock."""

    answered: dict[int, float]


class Seen(msgspec.Struct, frozen=True):
    """heard: when it was told of each. held: when it was assigned each, in that order."""

    heard: dict[int, float]
    held: list[tuple[int, float]]


class Lived(msgspec.Struct, frozen=True):
    """counted: processes that were closed between the warm-up and the end. The others are from beginning to end.

    repeated: what a broker could not do at the moment, and was asked again.
    """

    submitted: int
    closed: int
    counted: int
    repeated: int
