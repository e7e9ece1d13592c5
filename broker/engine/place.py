"""A caller's place in the line of those who wait for a process. Who is woken for what is the assigner's affair."""

from __future__ import annotations

import asyncio
from enum import Enum

from msgspec.structs import replace

from broker.store.lanes import lanes_for
from broker.store.others import channels_for
from colonies.wire import errors
from colonies.wire.model import Executor, Process, State


class Stage(Enum):
    LOOKING = "looking"  # a claim of it is on its way
    IDLE = "idle"  # it looked, found nothing and waits
    WOKEN = "woken"  # it shall look again
    RESERVED = "reserved"  # a submit is storing a process for it


class Place:
    """A caller's place in line."""

    __slots__ = (
        "channel",
        "channels",
        "claimid",
        "colonyid",
        "error",
        "executorid",
        "given",
        "lanes",
        "latest",
        "left",
        "signal",
        "stage",
        "turn",
    )

    def __init__(self, executor: Executor, *, latest: bool, claimid: str = "") -> None:
        self.colonyid = executor.colonyid
        self.executorid = executor.executorid
        self.lanes = lanes_for(executor.colonyid, executor.executorid, executor.executortype)
        self.channels = channels_for(executor.colonyid, executor.executortype)
        self.channel = self.channels[0]
        self.latest = latest
        self.claimid = claimid
        self.stage = Stage.LOOKING
        self.signal = asyncio.Event()
        self.turn: tuple[str, ...] = ()  # the lanes of the process that it was woken for
        self.given: Process | None = None
        self.error: errors.ColoniesError | None = None
        self.left = False

    @property
    def is_idle(self) -> bool:
        return self.stage is Stage.IDLE


def as_it_waited(process: Process) -> Process:
    """The waiting process of which this is the claimed one, as far as telling of the change needs it."""
    return replace(process, state=State.WAITING, attempt=process.attempt - 1, assigneeid="")
