"""The Store protocol. Its docstrings are the contract; `tests/store/` holds every store to it.

A store remembers. It knows lanes and moves and the nouns, and nothing of who may do what,
who is told, or what a frame is. It is open in one event loop and used from that loop only.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Any, NamedTuple, Protocol

from colonies.wire.figures import FailureGroup
from colonies.wire.model import Colony, Executor, Function, Log, Page, Process, State, User
from colonies.wire.params import ProcessFilter

from .moves import Move, Outcome
from .others import Others


class Membership(NamedTuple):
    """Who an id is. At most one of the three; a colony where the id is its owner's."""

    owner_of: Colony | None = None
    executor: Executor | None = None
    user: tuple[str, User] | None = None  # (colonyid, user)


class Due(NamedTuple):
    """A process on which the broker has to act: its wait or its run ends, or ended, at `time` (ms)."""

    colonyid: str
    processid: str
    state: State
    attempt: int
    time: int


class LaneCount(NamedTuple):
    """How many processes of one executor type are in one state. oldest: submission time (ms) of the first waiting."""

    executortype: str
    state: State
    number: int
    oldest: int


class Finished(NamedTuple):
    """How many processes of one executor type became successful (or failed) in the `SLOT_MS` from `time` (ms)."""

    executortype: str
    state: State
    time: int
    number: int


class Store(Protocol):
    """All methods raise `errors.Unavailable` while the store cannot be reached; then retrying helps.

    name                `sqlite` or `mongodb`.
    shared              whether other brokers may write to it too.
    others              how those know of each other; None where there are none.
    concurrent_batches  how many `apply` may usefully be on their way at once.
    """

    name: str
    shared: bool
    concurrent_batches: int

    @property
    def others(self) -> Others | None: ...

    async def open(self) -> None:
        """Connect, make what is missing (files, indexes). A database of a newer version raises StoreTooNew."""
        ...

    async def close(self) -> None:
        """Finish what is on its way and let go of everything. Calling it twice is harmless."""
        ...

    async def ping(self) -> None:
        """Return when the store can take a write now; otherwise raise Unavailable within two seconds."""
        ...

    async def apply(self, moves: Sequence[Move[Any]]) -> list[Outcome[Any]]:
        """Do the moves and answer each, in their order, with what became true or with its refusal.

        Each move is atomic; the batch is not, but costs one durable commit where the store allows.
        Moves of a batch do not see each other's order, except that of two on one process one comes
        first. A claim may take what the same batch submits or sends back. What is answered is durable:
        it survives `kill -9` of the broker, and on a replica set the loss of a minority.
        Raises Unavailable for the whole batch: each move may or may not have happened, and may be
        repeated, for every move is conditional.
        """
        ...

    # — members —

    async def who(self, identity: str) -> Membership:
        """Everything that this id is on this server."""
        ...

    async def colonies(self) -> list[Colony]: ...

    async def executors(self, colonyid: str) -> list[Executor]:
        """By name. `running` is left at its default; `lastseen` is what was written.

        `online` and `lastasked` are what other brokers that live have noted (`Others.attend`).
        """
        ...

    async def executor_ids(self, colonyid: str, names: Collection[str]) -> dict[str, str]:
        """The ids of the executors that are named so, by name; whoever is not there is left out."""
        ...

    async def users(self, colonyid: str) -> list[User]: ...

    async def functions(self, colonyid: str) -> list[Function]: ...

    # — processes —

    async def process(self, colonyid: str, processid: str) -> Process | None: ...

    async def peek(self, lanes: Sequence[str], now: int) -> Process | None:
        """The process that a claim on these lanes would take, without taking it."""
        ...

    async def page(self, colonyid: str, wanted: ProcessFilter, *, newest: bool, limit: int, cursor: str) -> Page:
        """One page of the processes that match, in the order of submission.

        cursor  empty, or the cursor of the page before; BadRequest when it is not one of this store.
        A process that is there during the whole listing is in it exactly once.
        A page also ends once it holds about `PAGE_BYTES`, so that it fits a frame.
        """
        ...

    async def logs(self, processid: str, *, since: int, after: int = 0, limit: int) -> list[Log]:
        """Lines of that time (ms) or later, and of a seq beyond `after`, oldest first.

        They also end once they hold about `PAGE_BYTES`, so that they fit a frame; asked after the last of
        them, there are more until there are none.
        """
        ...

    async def upcoming(self, limit: int) -> list[Due]:
        """The processes of which a wait or run ends first, in that order: what is overdue, then what falls due next.

        One question and not two: who applies what is due has to know when to look again.
        """
        ...

    async def held(self, colonyid: str, executorid: str) -> list[Process]:
        """What this executor runs."""
        ...

    async def running(self, colonyid: str) -> dict[str, int]:
        """How many processes each executor of the colony runs; those that run none are left out."""
        ...

    async def counts(self, colonyid: str) -> list[LaneCount]:
        """How many processes there are by executor type (empty: named executors alone) and state.

        Kept with the moves, not counted: it costs the same whatever lies there.
        """
        ...

    async def finished(self, colonyid: str, *, since: int) -> list[Finished]:
        """What became successful or failed in the slots that begin at or after `since` (ms); an hour of it is kept.

        Kept with the moves, not counted: removing a process takes nothing from it.
        """
        ...

    async def failures(self, colonyid: str, *, executortype: str | None, limit: int) -> list[FailureGroup]:
        """Groups of what is stored as failed, the one that failed last first. Kept with the moves, not counted."""
        ...

    async def ahead(self, process: Process) -> int:
        """How many processes stand before this waiting one in its lanes, each counted once."""
        ...


class StoreTooNew(Exception):
    """The database was written by a newer version of this program, which this one must not touch."""


PAGE_BYTES = 512 * 1024
SLOT_MS = 10_000
KEPT_FINISHED_MS = 3_600_000
SCHEMA_VERSION = 2
