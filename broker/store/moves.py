"""The moves: everything that can be written, each as one small value.

A store is handed a batch of moves and answers each with what became true or with the
refusal. A move never depends on another of its batch. Moves on one process carry their
rule with them (`Change.change`), so a store knows no rule; it reads, asks, and writes on
the condition that nothing changed in between.
"""

from __future__ import annotations

from typing import Any, Generic, NamedTuple, TypeAlias, TypeVar

from msgspec import Struct, field

from colonies.wire.errors import ColoniesError
from colonies.wire.model import Attribute, Colony, Executor, ExecutorState, Function, Process, User

from . import rules

T = TypeVar("T")
Outcome: TypeAlias = T | ColoniesError


class Move(Struct, Generic[T], frozen=True, kw_only=True):
    """Something to write; T is what the store answers when it is done."""


# — processes —


class Submitted(NamedTuple):
    """superseded: older waiting processes with the same latestkey, as they are now.
    repeated: the id was taken by the same submission before; `process` is what is stored."""

    process: Process
    superseded: list[Process]
    repeated: bool


class Changed(NamedTuple):
    """What a process was and is. The same object twice: the move found nothing to do."""

    before: Process
    after: Process


class Submit(Move[Submitted], frozen=True, kw_only=True):
    """Store a new process: waiting, or already claimed for somebody who stood in line (one write where two would do).

    place  its place in its lanes (`lanes.place`), which it keeps for ever.
    With a latestkey, in the same step: every older waiting process of that colony and key is
    superseded, and this one is remembered as the key's newest.
    Refuses Exists when the id is taken by anything but the same submission, NotFound in a colony that was removed.
    """

    process: Process
    place: int


class Claim(Move[Process | None], frozen=True, kw_only=True):
    """Give the executor one waiting process out of its lanes, or None when there is none.

    latest  newest submission first; otherwise lowest place first.
    now     ms. Processes whose wait ended by then are passed over.
    claimid what the executor calls its assign, empty: nothing.
    Of any number of claims, on any number of brokers, one gets a process (in one attempt).
    """

    executorid: str
    lanes: tuple[str, ...]
    latest: bool
    now: int
    claimid: str = ""


class Change(Move[Changed], frozen=True, kw_only=True):
    """One conditional step on one process. NotFound outside the colony.

    A process that this step sends back to the queue although a newer one with its latestkey
    was submitted is superseded in the same step: a lamp never shows what is out of date.
    """

    colonyid: str
    processid: str
    now: int

    def change(self, process: Process) -> Process:
        """What it becomes; `process` itself when there is nothing to do; or raise the refusal. Pure."""
        raise NotImplementedError  # each step says its own; a struct cannot be abstract


class Close(Change, frozen=True, kw_only=True):
    executorid: str
    successful: bool
    attempt: int | None = None
    out: list[Any] = field(default_factory=list)
    errors: list[str] = field(default_factory=list)
    attributes: list[Attribute] = field(default_factory=list)

    def change(self, process: Process) -> Process:
        return rules.closed(
            process,
            executorid=self.executorid,
            attempt=self.attempt,
            successful=self.successful,
            out=self.out,
            errors_=self.errors,
            attributes=self.attributes,
            now=self.now,
        )


class Cancel(Change, frozen=True, kw_only=True):
    def change(self, process: Process) -> Process:
        return rules.cancelled(process, now=self.now)


class Overrun(Change, frozen=True, kw_only=True):
    attempt: int

    def change(self, process: Process) -> Process:
        return rules.overrun(process, attempt=self.attempt, now=self.now)


class WaitEnded(Change, frozen=True, kw_only=True):
    def change(self, process: Process) -> Process:
        return rules.wait_ended(process, now=self.now)


class HandBack(Change, frozen=True, kw_only=True):
    """attempt None: whichever attempt this executor is in. how: `handed_back`, or `removed` when the executor was."""

    executorid: str
    attempt: int | None
    how: str = "handed_back"

    def change(self, process: Process) -> Process:
        return rules.handed_back(process, executorid=self.executorid, attempt=self.attempt, now=self.now, how=self.how)


class SetAttribute(Change, frozen=True, kw_only=True):
    executorid: str
    attribute: Attribute

    def change(self, process: Process) -> Process:
        return rules.with_attribute(process, self.attribute, executorid=self.executorid, now=self.now)


class AddLog(Move[int], frozen=True, kw_only=True):
    """Append a line to the log of a process that this executor holds (as `rules.refuse_unless_held` says).

    Answers the line's seq. TooLarge once there are `MAX_LOG_LINES`.
    """

    colonyid: str
    processid: str
    executorid: str
    message: str
    now: int


class Remove(Move[Process], frozen=True, kw_only=True):
    """Remove a process that is final, with its log. Refuses WrongState otherwise, NotFound outside the colony.

    ended_by  ms: only if it ended by then. None: whenever it did.
    """

    colonyid: str
    processid: str
    ended_by: int | None = None


# — members: adding again what is there already, the same, answers what is stored —


class AddColony(Move[Colony], frozen=True, kw_only=True):
    """Refuses Exists when the id or the name is taken, or the id belongs to a member of a colony."""

    colony: Colony


class ColonyRemoved(NamedTuple):
    """members: ids of those who were in it, without its owner."""

    colony: Colony
    members: list[str]


class RemoveColony(Move[ColonyRemoved], frozen=True, kw_only=True):
    """Remove it and everything in it: members, functions, processes, logs. NotFound when there is none.

    Whatever is asked for it beside this move is in it and goes, or is refused with NotFound; once this is
    answered, nothing lies there and nothing comes to lie there until the colony is added anew.
    After Unavailable it is a colony or half removed; asked again, the removal goes on.
    """

    colonyid: str


class AddExecutor(Move[Executor], frozen=True, kw_only=True):
    """Refuses Exists when the id belongs to anybody on this server, or the name to another executor of the colony;
    NotFound where there is no such colony.

    Adding again the same (id, name, type, colony) answers what is stored; with state approved
    it also approves what was pending.
    """

    executor: Executor


def is_same_executor(stored: Executor, again: Executor) -> bool:
    """Whether adding this executor is the repeat of adding the one that is stored."""
    return (stored.executorid, stored.executorname, stored.executortype, stored.colonyid) == (
        again.executorid,
        again.executorname,
        again.executortype,
        again.colonyid,
    )


class SetExecutorState(Move[Executor], frozen=True, kw_only=True):
    """Approve or reject. NotFound outside the colony."""

    colonyid: str
    executorid: str
    state: ExecutorState


class RemoveExecutor(Move[Executor], frozen=True, kw_only=True):
    """Remove it with its functions. What it runs is not touched here. NotFound outside the colony."""

    colonyid: str
    executorid: str


class Seen(Move[None], frozen=True, kw_only=True):
    """Remember when an executor was last connected. Nothing when there is no such executor; never goes back."""

    executorid: str
    time: int


class AddUser(Move[User], frozen=True, kw_only=True):
    """Refuses Exists when the id belongs to anybody on this server, or the name to another user of the colony;
    NotFound where there is no such colony."""

    colonyid: str
    user: User


class RemoveUser(Move[User], frozen=True, kw_only=True):
    colonyid: str
    userid: str


class AddFunction(Move[Function], frozen=True, kw_only=True):
    """One function for an (executor, name): a second one replaces it. NotFound unless the executor is in the colony."""

    colonyid: str
    function: Function


class RemoveFunction(Move[Function], frozen=True, kw_only=True):
    colonyid: str
    executorid: str
    funcname: str
