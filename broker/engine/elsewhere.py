"""What other brokers changed, told here as if it had been changed here.

A change carries whom it concerns and what it was; the process itself is read only where
somebody listens, all of a batch in one call. Everything of a batch is read before any of it
is told, so that a batch that has to be read again is not told twice.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator, Sequence
from typing import NamedTuple

from msgspec.structs import replace

from broker.channels.bus import BrokenOff
from broker.channels.hub import Channel, Hub
from broker.clock import Clock
from broker.logs import fields
from broker.store.others import MemberChanged, Others, ProcessChanged, Told
from broker.telemetry import Telemetry
from colonies.wire import errors
from colonies.wire.model import Process, State

from .activity import of_activity
from .announcer import Announcer, event_of, of_identity, of_process, of_type
from .place import as_it_waited
from .turns import Turns

log = logging.getLogger(__name__)


class Listeners(NamedTuple):
    """members: of an identity that changed. colonies: of where anything did. dues: of when a limit ends (ms)."""

    members: Callable[[str], None]
    colonies: Callable[[str], None]
    dues: Callable[[int], None]


class Elsewhere:
    def __init__(
        self,
        others: Others | None,
        announcer: Announcer,
        hub: Hub,
        clock: Clock,
        telemetry: Telemetry,
        *,
        turns: Turns,
        listeners: Listeners,
    ) -> None:
        self._others = others
        self._announcer = announcer
        self._hub = hub
        self._clock = clock
        self._telemetry = telemetry
        self._turns = turns
        self._listeners = listeners

    async def hear(self, told: Sequence[Told]) -> None:
        """Tell of all these. Raises BrokenOff, before anything is told, while the store cannot be read."""
        wanted = [change for change in told if isinstance(change, ProcessChanged) and self._is_wanted(change)]
        processes = await self._read(wanted)
        for change in told:
            try:
                self._tell(change, processes)
            except Exception:  # a bug in telling one change must not keep the others from being told
                log.exception("a change of another broker could not be told", extra=fields("bug"))

    async def _read(self, wanted: Sequence[ProcessChanged]) -> dict[int, Process]:
        """By the identity of the change: a process may have changed several times."""
        if not wanted or self._others is None:
            return {}
        try:
            found = await self._others.as_told(wanted)
        except errors.Unavailable as error:
            raise BrokenOff(error.message) from error
        return {id(change): process for change, process in zip(wanted, found, strict=True) if process}

    def _is_wanted(self, change: ProcessChanged) -> bool:
        """Whether anybody here must know the whole process: it may be taken, or somebody is told of it."""
        if not change.is_moved:
            return False
        # Whom a process names is known only from itself.
        return change.state == State.WAITING or change.is_named or self._hub.is_heard(tuple(_channels(change)))

    def _tell(self, change: Told, processes: dict[int, Process]) -> None:
        if isinstance(change, MemberChanged):
            self._listeners.members(change.identity)
            return
        self._telemetry.changes.inc()
        if change.time:
            self._telemetry.changes_lag.observe(max(0, self._clock.now() - change.time) / 1000)
        self._listeners.colonies(change.colonyid)
        if change.line:
            self._announcer.log_added(change.processid, change.line)
        if not change.is_moved:
            return
        self._listeners.dues(change.due)
        process = processes.get(id(change))
        if process is None:
            self._turns.forget(change.processid)
        else:
            self._tell_process(change, process)

    def _tell_process(self, change: ProcessChanged, process: Process) -> None:
        if change.is_new and process.state == State.RUNNING:  # stored already assigned
            self._announcer.pass_on("submitted", as_submitted(process))
        event = event_of(None if change.is_new else process, process)
        self._announcer.pass_on(event, process)
        self._turns.hear(process, event)


def as_submitted(process: Process) -> Process:
    """A process that was stored already assigned, as it would have waited."""
    return replace(as_it_waited(process), starttime=0, execdeadline=0, history=[])


def _channels(change: ProcessChanged) -> Iterator[Channel]:
    yield of_type(change.colonyid, change.executortype, change.state)
    yield of_process(change.processid, change.state)
    yield of_activity(change.colonyid)
    if change.state == State.CANCELLED:
        yield of_identity(change.assigneeid)
    if change.is_new and change.state == State.RUNNING:
        yield of_type(change.colonyid, change.executortype, State.WAITING)
        yield of_process(change.processid, State.WAITING)
