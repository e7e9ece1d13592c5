"""One running broker: opens its duties in order, wires them, and closes them again.

Handlers are given the node and find every duty on it.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections.abc import AsyncIterator, Sequence

from broker.channels.bus import Bus
from broker.channels.hub import Hub
from broker.clock import Clock, SystemClock
from broker.logs import fields
from broker.settings import Settings
from broker.store.base import Store
from broker.store.moves import AddLog, Change, Remove, Seen
from broker.store.others import Told
from broker.telemetry import Telemetry
from colonies.wire import errors
from colonies.wire.model import Colony, Process

from .activity import Activities
from .announcer import Announcer
from .assigner import Assigner
from .attendance import Attendance
from .authority import Authority
from .commit import Commit
from .connection import Connection
from .deadlines import Deadlines
from .duties import Duties, Duty
from .elsewhere import Elsewhere, Listeners
from .membership import Membership
from .presence import Presence
from .reporter import Reporter
from .rescuer import Rescuer, hand_back
from .retention import Retention
from .retrier import Retrier
from .roster import Roster
from .steps import Steps
from .submitter import Submitter
from .subscriptions import Subscriptions
from .ticker import Ticker
from .turns import Turns
from .waker import Waker

log = logging.getLogger(__name__)

DOUBT_SECONDS = 0.5


class Node:
    def __init__(self, store: Store, settings: Settings, *, clock: Clock | None = None) -> None:
        self.settings = settings
        self.store = store
        self.clock = clock or SystemClock()
        self.telemetry = Telemetry()
        self.hub = Hub()
        self.is_draining = False
        self.commit = Commit(store, self.telemetry)
        self.announcer = Announcer(self.hub, self.telemetry)
        self.rescuer = Rescuer(store, self.commit, self.announcer, self.clock)
        self.bus: Bus[Told] = Bus(
            store.others.feed if store.others else None,
            hear=self._hear_others,
            lost=self._changes_lost,
            broken=_say_broken,
        )
        self.assigner = Assigner(
            self.commit,
            self.announcer,
            self.clock,
            self.telemetry,
            self.bus,
            rescuer=self.rescuer,
            max_waiting=settings.max_waiting_assigns,
        )
        self.submitter = Submitter(store, self.commit, self.assigner, self.announcer, self.clock, rescuer=self.rescuer)
        self.steps = Steps(self.commit, self.announcer)
        self.retrier = Retrier(store, self.submitter, self.clock)
        self.waker = Waker(self.hub, store, self.clock, grace_seconds=settings.wake_grace_seconds)
        self.authority = Authority(
            store,
            owner=settings.owner,
            keep_seconds=settings.authority_seconds,
            is_told=lambda: self.bus.is_current and self.roster.is_current,
        )
        self.presence = Presence(
            self.hub, max_per_identity=settings.max_connections_per_identity, max_keys=settings.max_keys
        )
        self.attendance = Attendance(store.others, self.presence, self.assigner, self.authority, self.bus, self.clock)
        self.roster = Roster(
            store.others,
            self.telemetry,
            takes=lambda: self.assigner.stood() | self.waker.channels(),
            on_new=self.attendance.note_again,
        )
        self.deadlines = Deadlines(
            store,
            self.commit,
            self.announcer,
            self.clock,
            self.telemetry,
            self.roster,
            look_seconds=settings.look_seconds,
        )
        self.subscriptions = Subscriptions(
            self.hub, self.bus, self.telemetry, max_per_connection=settings.max_subscriptions
        )
        self.reporter = Reporter(store, self.presence, self.assigner, self.clock)
        self.ticker = Ticker(store, self.reporter, self.hub, self.clock, self.telemetry)
        self.activities = Activities(self.hub, self.clock, self.telemetry)
        self.retention = Retention(
            store,
            self.commit,
            self.clock,
            self.roster,
            keep_days=settings.retain_days,
            note=self.ticker.note_colony,
        )
        self.duties = Duties()
        self.membership = Membership(
            self.authority,
            self.presence,
            self.assigner,
            self.subscriptions,
            self.ticker,
            self.attendance,
            spawn=self.duties.spawn,
        )
        self.turns = Turns(self.roster, self.clock, wake=[self.assigner.hear, self.waker.hear])
        self.elsewhere = Elsewhere(
            store.others,
            self.announcer,
            self.hub,
            self.clock,
            self.telemetry,
            turns=self.turns,
            listeners=Listeners(self.membership.changed, self.ticker.note_colony, self.deadlines.note),
        )
        self.announcer.observers += [self.deadlines.hear, self.assigner.hear, self.waker.hear, self.ticker.hear]
        self.announcer.observers.append(self.turns.hear_own)
        self.announcer.onlookers.append(self.activities.hear)

    @contextlib.asynccontextmanager
    async def running(self) -> AsyncIterator[Node]:
        """Open the store and live until the block ends; then nothing of it is left behind."""
        await self.store.open()
        try:
            async with self.duties.running(self._all_duties()):
                yield self
        finally:
            await self._retire()
            await self.store.close()

    async def _retire(self) -> None:
        """Who stops says so, and others need not wait until it counts as dead."""
        if self.store.others:
            with contextlib.suppress(errors.Unavailable):
                await self.store.others.retire()

    def _all_duties(self) -> list[Duty]:
        duties: list[Duty] = [
            self.commit.run,
            self.deadlines.run,
            self.waker.run,
            self.rescuer.run,
            self.ticker.run,
            self.activities.run,
            self.retention.run,
            self._look_when_in_doubt,
        ]
        if self.store.others is None:
            return duties
        beside_others = [self.bus.run, self.turns.run, self.roster.run, self.attendance.run, self._look_again]
        return [*duties, *beside_others]

    async def _look_again(self) -> None:
        """Other brokers store too; what nobody told us of is found by looking."""
        while True:
            await asyncio.sleep(self.settings.look_seconds)
            self.assigner.look_again()

    # — what other brokers do —

    async def _hear_others(self, told: Sequence[Told]) -> None:
        await self.elsewhere.hear(told)

    def _changes_lost(self) -> None:
        """MongoDB's oplog does not reach back to what was read last: what happened since, nobody can tell."""
        log.warning("changes of other brokers were missed; looking at everything", extra=fields("changes_lost"))
        self.telemetry.changes_lost.inc()
        self.commit.doubted.set()

    async def _look_when_in_doubt(self) -> None:
        """Where changes may have been missed, look as soon as the store answers."""
        while True:
            await self.commit.doubted.wait()
            try:
                await self.store.ping()
                self.commit.doubted.clear()
                await self._look_at_everything()
            except errors.Unavailable:
                self.commit.doubted.set()
                await asyncio.sleep(DOUBT_SECONDS)

    async def _look_at_everything(self) -> None:
        self.authority.forget()
        self.ticker.note_members()
        self.assigner.look_again()
        await self.subscriptions.look_again(self.presence.all_connections())

    # — what several handlers do —

    async def change(self, move: Change) -> Process:
        """Do one conditional step on one process, tell of it, and return the process as it is then."""
        return await self.steps.do(move)

    async def process(self, colonyid: str, processid: str) -> Process:
        """The process, or NotFound."""
        found = await self.store.process(colonyid, processid)
        if found is None:
            raise errors.NotFound(f"there is no process {processid} in your colony")
        return found

    async def remove_process(self, colonyid: str, processid: str) -> None:
        """Remove a process that is final. NotFound, WrongState."""
        await self.commit.do(Remove(colonyid=colonyid, processid=processid))
        self.ticker.note_colony(colonyid)

    async def add_log(self, move: AddLog) -> None:
        """Append a line to the log of a process, and tell of it."""

        def settled(outcome: int | Exception, _caller_has_gone: bool) -> None:
            if not isinstance(outcome, Exception):
                self.announcer.log_added(move.processid, outcome)

        await self.commit.do(move, settled=settled)

    async def colony(self, colonyid: str) -> Colony:
        """The colony, or NotFound."""
        for colony in await self.store.colonies():
            if colony.colonyid == colonyid:
                return colony
        raise errors.NotFound("there is no such colony; the server owner names one with `colonyid`")

    async def release_held(self, colonyid: str, executorid: str) -> None:
        """Send everything that an executor runs back to the queue; it may work no longer."""
        for process in await self.store.held(colonyid, executorid):
            await hand_back(self.commit, self.announcer, process, now=self.clock.now(), how="removed")

    def arrive(self, identity: str, connection: Connection) -> None:
        """A key has signed on a connection for the first time. Overloaded when either has too many of the other."""
        self.presence.arrive(identity, connection)
        self.ticker.note_members()

    def disconnect(self, connection: Connection) -> None:
        """The socket is gone: leave every line and channel. No await: it cannot be cancelled half-way."""
        self.subscriptions.forget_all(connection)
        connection.outbox.abandon()
        now = self.clock.now()
        for identity in self.presence.leave(connection, now):
            self.attendance.doubt(identity)
            self.duties.spawn(self._remember_seen(identity, now))
        self.ticker.note_members()

    async def _remember_seen(self, identity: str, time: int) -> None:
        await self.commit.do(Seen(executorid=identity, time=time))
        self.ticker.note_members()

    def drain(self) -> None:
        """Give out nothing more: whoever waits is told to go to another broker."""
        self.is_draining = True
        self.assigner.close(errors.Draining("this broker is stopping; ask another, or this one again when it is back"))


def _say_broken(reason: str) -> None:
    if reason:
        log.error("changes of other brokers cannot be read", extra=fields("store_unavailable", reason=reason))
    else:
        log.info("changes of other brokers are read again", extra=fields("store_back"))
