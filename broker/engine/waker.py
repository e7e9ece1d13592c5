"""Queue groups: each waiting process wakes one idle member, and the next one after a grace time if it still waits.

A hundred idle browsers then make one assign and not a hundred. When every member has been
woken for a process it is left to them: each looks again when it is done with what it does.
However much waits, a group remembers a few processes only: whoever is woken for one of them
takes what stands first. Once none of those is left, the store is asked what still waits.
"""

from __future__ import annotations

import asyncio
import itertools
from collections import deque
from dataclasses import dataclass, field
from typing import NamedTuple

from broker.channels.hub import Channel, Hub, Listener
from broker.clock import Clock
from broker.store.base import Store
from broker.store.lanes import type_lane
from broker.store.others import channel_of
from colonies.wire import errors
from colonies.wire.model import Process, State

from .announcer import encode_event

MAX_PENDING = 64  # of one group: so often a second a member of it is woken again, at most


def group_of(colonyid: str, executortype: str) -> Channel:
    """What is published there concerns the bus channel of the same name."""
    return ("group", channel_of(colonyid, executortype))


@dataclass(slots=True)
class _Pending:
    """number: of this pending, for its process may wait again as another one."""

    process: Process
    push: bytes
    number: int
    woken: list[Listener] = field(default_factory=list)


@dataclass(slots=True)
class _Group:
    """pending: what is remembered of it, by process. has_more: more may wait than that. looks: it is about to look.

    looked_for  the process that it found when it looked last.
    """

    colonyid: str
    executortype: str
    pending: dict[str, _Pending] = field(default_factory=dict)
    has_more: bool = False
    looks: bool = False
    looked_for: str = ""


class _Due(NamedTuple):
    """When to wake the next member for a process, or with none to look what waits. Keeps nothing of the process."""

    time: int
    group: _Group
    processid: str
    number: int

    def current(self) -> _Pending | None:
        pending = self.group.pending.get(self.processid)
        return pending if pending and pending.number == self.number else None


class Waker:
    def __init__(self, hub: Hub, store: Store, clock: Clock, *, grace_seconds: float) -> None:
        self._hub = hub
        self._store = store
        self._clock = clock
        self._grace_ms = int(grace_seconds * 1000)
        self._groups: dict[Channel, _Group] = {}
        self._next: deque[_Due] = deque()  # the grace time is the same for all, so this is in order
        self._numbers = itertools.count(1)
        self._filled = asyncio.Event()

    def channels(self) -> set[str]:
        """The bus channels for which there are queue groups here."""
        return {str(group[1]) for group in self._hub.groups() if isinstance(group, tuple)}

    def hear(self, process: Process, event: str) -> None:
        """Wake a member for a process that waits now; forget one that does not any more."""
        conditions = process.spec.conditions
        if conditions.executorids or not (self._groups or process.state == State.WAITING):
            return
        channel = group_of(process.colonyid, conditions.executortype)
        if group := self._groups.get(channel):
            self._forget(group, process.processid)
        if process.state == State.WAITING and self._hub.is_heard([channel]):
            group = self._groups.setdefault(channel, _Group(process.colonyid, conditions.executortype))
            self._wake(group, self._pending(process, event))

    def _pending(self, process: Process, event: str) -> _Pending:
        return _Pending(process, encode_event(event, process), next(self._numbers))

    def _wake(self, group: _Group, pending: _Pending) -> None:
        """Wake the next member, and remember to wake another one, where there is room for that."""
        processid = pending.process.processid
        member = self._hub.wake(_channel(group), pending.push, pending.woken)
        if member is None:
            self._forget(group, processid)
        elif processid not in group.pending and len(group.pending) >= MAX_PENDING:
            group.has_more = True
        else:
            pending.woken.append(member)
            group.pending[processid] = pending
            self._note(group, processid, pending.number)

    def _forget(self, group: _Group, processid: str) -> None:
        """Nobody is to be woken for it any more; with the last one that is remembered goes the group, or it looks."""
        if group.pending.pop(processid, None) is None or group.pending or group.looks:
            return
        if group.has_more:
            group.looks = True
            self._note(group, "", 0)
        else:
            del self._groups[_channel(group)]

    def _note(self, group: _Group, processid: str, number: int) -> None:
        self._next.append(_Due(self._clock.now() + self._grace_ms, group, processid, number))
        self._filled.set()

    async def run(self) -> None:
        """Wake the next member for what still waits when its grace time is over, until cancelled."""
        while True:
            self._filled.clear()
            if not self._next:
                await self._filled.wait()
                continue
            due = self._next[0]
            if due.processid and due.current() is None:  # taken long ago, as most are
                self._next.popleft()
                continue
            if due.time > self._clock.now():
                await self._clock.wait(asyncio.Event(), due.time)
                continue
            self._next.popleft()
            await asyncio.sleep(0)  # many may be due at once, and requests go on between them
            await self._go_on(due)

    async def _go_on(self, due: _Due) -> None:
        try:
            if not due.processid:
                await self._look(due.group)
            elif pending := due.current():
                await self._wake_next(due, pending.process)
        except errors.Unavailable:  # it is not known yet, and asked again
            self._note(due.group, due.processid, due.number)

    async def _wake_next(self, due: _Due, process: Process) -> None:
        still_waits = await self._still_waits(process)
        pending = due.current()
        if pending is None:
            return
        if still_waits:
            self._wake(due.group, pending)
        else:
            self._forget(due.group, process.processid)

    async def _still_waits(self, process: Process) -> bool:
        if not self._store.shared:
            return True  # whoever had taken it, this broker would have heard
        now = await self._store.process(process.colonyid, process.processid)
        return now is not None and now.state == State.WAITING

    async def _look(self, group: _Group) -> None:
        """Nothing of what waited is remembered: find what stands first, and wake somebody for that.

        Unless it is what was found the last time: then everybody was woken for it, and it is left to them.
        """
        lane = type_lane(group.colonyid, group.executortype)
        first = await self._store.peek([lane], self._clock.now())
        group.looks = False
        if group.pending:  # more came meanwhile, for which somebody is woken
            return
        if first is None or first.processid == group.looked_for or not self._hub.is_heard([_channel(group)]):
            del self._groups[_channel(group)]
        else:
            group.looked_for = first.processid
            self._wake(group, self._pending(first, "submitted"))


def _channel(group: _Group) -> Channel:
    return group_of(group.colonyid, group.executortype)
