"""What a store on which several brokers work lets them know of each other.

Changes come as a feed for the bus. Beside it stands the roster: every broker says once a
second that it lives and which bus channels its callers wait on, and which executors are
connected to it.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from functools import lru_cache
from hashlib import blake2b
from typing import NamedTuple, Protocol, TypeAlias

from broker.channels.bus import Feed
from colonies.wire.model import Process, State

ALIVE_SECONDS = 5  # a broker that has not said that it lives for so long is taken for dead
STRUCK_SECONDS = 15  # and is struck off the roster after so long


class ProcessChanged(NamedTuple):
    """Another broker changed a process.

    due       when the broker has to act on it by itself (ms), 0: never.
    line      number of the last line that was added to its log in this step, 0: none was.
    is_moved  whether its state or attempt changed.
    is_new    it was submitted in this step, and is told whole.
    process   as it was after this step, where that came along; otherwise `Others.as_told` finds it.
    time      when it was written (ms, by the store's clock), 0: unknown.
    told      what the store keeps of it, for `Others.as_told`.
    """

    processid: str
    colonyid: str
    executortype: str
    is_named: bool
    state: State
    attempt: int
    assigneeid: str
    due: int
    line: int = 0
    is_moved: bool = True
    is_new: bool = False
    process: Process | None = None
    time: int = 0
    told: Mapping[str, object] = {}


class MemberChanged(NamedTuple):
    """A colony, an executor or a user was added, changed or removed, here or by another broker."""

    identity: str


Told: TypeAlias = ProcessChanged | MemberChanged


class Standing(NamedTuple):
    """A broker that lives. takes: the bus channels on which its callers waited lately."""

    node: str
    takes: frozenset[str]


class Roll(NamedTuple):
    """living: all brokers that live, this one too. is_new: whether this one was not on the roster before."""

    living: list[Standing]
    is_new: bool


class Others(Protocol):
    """All methods raise `errors.Unavailable` while the store cannot be reached.

    node  the name of this broker in the store, made anew at every start.
    feed  what others changed; its channels are those of `channel_of` and `channel_of_colony`.
    """

    node: str
    feed: Feed[Told]

    async def as_told(self, changes: Sequence[ProcessChanged]) -> list[Process | None]:
        """Each process as it was after that change; None for one that is gone.

        Its attributes may be newer than the change: they are read now.
        """
        ...

    async def beat(self, takes: Collection[str]) -> Roll:
        """Say that this broker lives; return all that do.

        Brokers that have not said so for a while are struck off, and whoever was connected to them is noted
        as gone. One that was struck off although it lives is `is_new` again, and what it had noted is gone.
        """
        ...

    async def attend(self, here: Mapping[str, int], left: Collection[str]) -> None:
        """Note which executors are connected to this broker, with when each asked last (ms), and which are not."""
        ...

    async def retire(self) -> None:
        """This broker stops: take its name, and whoever was connected to it, off the roster."""
        ...


def order_of(thing: str, node: str) -> bytes:
    """A broker's place in the order of a thing: the same wherever it is asked, another for each thing."""
    return blake2b(f"{thing}/{node}".encode(), digest_size=8).digest()


def channel_of(colonyid: str, executortype: str) -> str:
    """The bus channel of the processes for a type; of those that name executors alone with the type empty."""
    return f"{colonyid}/{executortype}"


def channel_of_colony(colonyid: str) -> str:
    """The bus channel of all processes of a colony."""
    return colonyid


@lru_cache(4096)
def channels_for(colonyid: str, executortype: str) -> tuple[str, str]:
    """The bus channels of everything that an executor of this type may take or is told of."""
    return channel_of(colonyid, executortype), channel_of(colonyid, "")
