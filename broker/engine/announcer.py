"""Tell those who care that a process changed.

A change is encoded once, whoever listens; where nobody does it is not encoded at all.
Other duties of the engine hear of every change here too, so that whoever makes a change
need not know whom it concerns. An event is a wake-up, never a right, and pushed at most
once to a subscription.
"""

from __future__ import annotations

from collections.abc import Callable

from broker.channels.hub import Channel, Hub
from broker.store.moves import Changed
from broker.telemetry import Telemetry
from colonies.wire.frames import encode_notification
from colonies.wire.model import Process, State

from .push import encode_push

Observer = Callable[[Process, str], None]

_EVENTS = {
    State.WAITING: "submitted",
    State.RUNNING: "assigned",
    State.SUCCESSFUL: "successful",
    State.FAILED: "failed",
    State.CANCELLED: "cancelled",
}


def event_of(before: Process | None, after: Process) -> str:
    """The word of the wire for this change."""
    if after.state == State.WAITING and before is not None:
        return "requeued"
    return _EVENTS[after.state]


def encode_event(event: str, process: Process) -> bytes:
    """A `process` notification, to be addressed to each of its listeners."""
    return encode_push("process", event=event, process=process)


# — channels —


def of_type(colonyid: str, executortype: str, state: State) -> Channel:
    """Processes that are for anybody of a type."""
    return ("type", colonyid, executortype, int(state))


def of_executor(executorid: str, state: State) -> Channel:
    """Processes that name this executor."""
    return ("executor", executorid, int(state))


def of_named(colonyid: str, executortype: str, state: State) -> Channel:
    """Processes that name executors, as users see them: by their type, empty where they have none."""
    return ("named", colonyid, executortype, int(state))


def of_process(processid: str, state: State) -> Channel:
    return ("process", processid, int(state))


def of_log(processid: str) -> Channel:
    """New lines in the log of a process."""
    return ("log", processid)


def of_identity(identity: str) -> Channel:
    """What concerns one key, on every connection that signed with it."""
    return ("identity", identity)


def _channels(process: Process) -> tuple[Channel, ...]:
    conditions, state = process.spec.conditions, process.state
    own = of_process(process.processid, state)
    if not conditions.executorids:
        return of_type(process.colonyid, conditions.executortype, state), own
    executors = [of_executor(executorid, state) for executorid in conditions.executorids]
    return *executors, of_named(process.colonyid, conditions.executortype, state), own


class Announcer:
    def __init__(self, hub: Hub, telemetry: Telemetry) -> None:
        self._hub = hub
        self._telemetry = telemetry
        self.observers: list[Observer] = []  # hear of what a process became
        self.onlookers: list[Observer] = []  # hear of what subscribers are told, so also of what was passed through

    def announce(self, before: Process | None, after: Process) -> None:
        """Say that a process went from `before` (None: it was not there) to `after`. Nothing when it is the same."""
        if before is not None and (before.state, before.attempt) == (after.state, after.attempt):
            return
        event = event_of(before, after)
        self._telemetry.processes.add(event)
        self._push(event, after)
        self.tell_holder(after)
        for observer in self.observers:
            observer(after, event)

    def submitted_and_assigned(self, waiting: Process, running: Process) -> None:
        """Say of a process that was stored already assigned what two steps would have said."""
        self._telemetry.processes.add("submitted")
        self._push("submitted", waiting)
        self.announce(waiting, running)

    def log_added(self, processid: str, seq: int) -> None:
        """Say that the log of a process has a new line, of that number."""
        if self._hub.is_heard([of_log(processid)]):
            push = encode_push("log", processid=processid, seq=seq)
            self._telemetry.pushes.add(number=self._hub.publish([of_log(processid)], push))

    def tell_subscribers(self, event: str, process: Process) -> None:
        """Tell subscribers, and nobody else, of what came before the process became what it is now."""
        self._push(event, process)

    def _push(self, event: str, process: Process) -> None:
        for onlooker in self.onlookers:
            onlooker(process, event)
        channels = _channels(process)
        if self._hub.is_heard(channels):
            self._telemetry.encodes.add()
            self._telemetry.pushes.add(number=self._hub.publish(channels, encode_event(event, process)))

    def pass_on(self, event: str, process: Process) -> None:
        """Tell subscribers, and who runs it, of what another broker made of a process."""
        self._push(event, process)
        self.tell_holder(process)

    def tell_holder(self, process: Process) -> None:
        """Tell who ran it when it was cancelled; one that waited has no assignee."""
        if process.state == State.CANCELLED and process.assigneeid:
            notice = encode_notification("cancelled", {"processid": process.processid, "attempt": process.attempt})
            self._hub.publish([of_identity(process.assigneeid)], notice)


def announcing(announcer: Announcer) -> Callable[[Changed | Exception, bool], None]:
    """What follows a change of a process, whether or not its caller is still there: it is announced."""

    def settled(outcome: Changed | Exception, _caller_has_gone: bool) -> None:
        if not isinstance(outcome, Exception):
            announcer.announce(outcome.before, outcome.after)

    return settled
