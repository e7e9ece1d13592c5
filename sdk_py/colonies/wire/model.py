"""The typed nouns: what travels as a map and is stored as a document.

Each noun is an immutable msgspec struct whose fields carry the names of the wire. Times
are integers, milliseconds since the epoch (UTC), 0 where there is none yet; durations in a
spec are seconds and may be fractions. Strings are empty rather than absent.
"""

from __future__ import annotations

from enum import IntEnum
from typing import Annotated, Any, Literal

from msgspec import Meta, Struct, field

# \Z and not $: the latter lets a line break stand at the end.
Id = Annotated[str, Meta(pattern=r"^[0-9a-f]{64}\Z", description="a public key as 64 hex characters")]
ClaimId = Annotated[str, Meta(pattern=r"^[0-9a-zA-Z_-]{8,64}\Z", description="8 to 64 letters, digits, - or _")]
ProcessId = Annotated[str, Meta(pattern=r"^[0-9a-zA-Z_-]{8,64}\Z", description="8 to 64 letters, digits, - or _")]
Name = Annotated[str, Meta(min_length=1, max_length=256)]
Text = Annotated[str, Meta(max_length=1024)]
# Ten years is longer than any queue lives, and keeps every deadline inside 2^53 ms.
Seconds = Annotated[float, Meta(ge=-315_360_000, le=315_360_000)]
AttributeKind = Literal["in", "out", "err", "env"]

MAX_PRIORITY = 50_000
MAX_SPEC_BYTES = 256 * 1024
MAX_OUT_BYTES = 256 * 1024
MAX_ERRORS_BYTES = 64 * 1024
MAX_ATTRIBUTES = 64
MAX_ATTRIBUTE_BYTES = 4 * 1024
MAX_ARGS_BYTES = 16 * 1024  # of a function, which is shown to people
MAX_LOG_BYTES = 16 * 1024
MAX_LOG_LINES = 10_000
MAX_NAMED_EXECUTORS = 64
KEPT_ATTEMPTS = 20


class Noun(Struct, kw_only=True, frozen=True, forbid_unknown_fields=True):
    """What all nouns share: named fields, immutable, and no field that nobody knows."""


class ServerNoun(Struct, kw_only=True, frozen=True):
    """A noun that only a broker makes. A client passes over fields that a newer broker added."""


class State(IntEnum):
    """Where a process stands. The last three are final."""

    WAITING = 0
    RUNNING = 1
    SUCCESSFUL = 2
    FAILED = 3
    CANCELLED = 4

    @property
    def is_final(self) -> bool:
        return self >= State.SUCCESSFUL


class ExecutorState(IntEnum):
    PENDING = 0
    APPROVED = 1
    REJECTED = 2


# — members —


class Colony(ServerNoun, kw_only=True, frozen=True):
    colonyid: str
    name: str


class NewExecutor(Noun, kw_only=True, frozen=True):
    """What the colony owner gives to add an executor."""

    executorid: Id
    executorname: Name
    executortype: Name


class Executor(ServerNoun, kw_only=True, frozen=True):
    """The last four are filled in by the broker that answers.

    lastseen   when it was last connected (ms), now while it is; 0: never.
    lastasked  when it last asked for work or was given some (ms), now while it stands in line; 0: not since the
               broker started.
    running    how many processes it holds.
    """

    executorid: str
    executorname: str
    executortype: str
    colonyid: str
    state: ExecutorState = ExecutorState.PENDING
    online: bool = False
    lastseen: int = 0
    lastasked: int = 0
    running: int = 0


class User(Noun, kw_only=True, frozen=True):
    userid: Id
    name: Name
    role: Literal["viewer", "operator"]


class Function(Noun, kw_only=True, frozen=True):
    """What an executor says it can do. Shown to people; it does not decide an assignment."""

    funcname: Name
    description: Annotated[str, Meta(max_length=4096)] = ""
    args: Annotated[list[Any], Meta(max_length=64)] = field(default_factory=list)
    executorid: str = ""


# — the process spec —


class Conditions(Noun, kw_only=True, frozen=True):
    """Who may run it: a type, or exactly the named executors, or named executors of that type."""

    executortype: Annotated[str, Meta(max_length=256)] = ""
    executorids: Annotated[list[Id], Meta(max_length=MAX_NAMED_EXECUTORS)] = field(default_factory=list)
    executornames: Annotated[list[Name], Meta(max_length=MAX_NAMED_EXECUTORS)] = field(default_factory=list)
    colonyid: Annotated[str, Meta(pattern=r"^([0-9a-f]{64})?\Z")] = ""
    dependencies: Annotated[list[Name], Meta(max_length=256)] = field(default_factory=list)


class ProcessSpec(Noun, kw_only=True, frozen=True):
    """What is asked. Seconds at or below 0 mean no limit; maxretries −1 means without end."""

    conditions: Conditions
    func: Name
    args: list[Any] = field(default_factory=list)
    kwargs: dict[str, Any] = field(default_factory=dict)
    env: Annotated[dict[Name, str], Meta(max_length=MAX_ATTRIBUTES)] = field(default_factory=dict)
    maxwaittime: Seconds = 0
    maxexectime: Seconds = 0
    maxretries: Annotated[int, Meta(ge=-1, le=1_000_000_000)] = 0
    priority: Annotated[int, Meta(ge=-MAX_PRIORITY, le=MAX_PRIORITY)] = 0
    label: Text = ""
    latestkey: Annotated[str, Meta(max_length=256)] = ""


# — the process —


class Attribute(Noun, kw_only=True, frozen=True):
    """A named value on a process: one for a (key, kind), a second set replaces it."""

    key: Name
    value: Any
    kind: AttributeKind = "out"


class Attempt(ServerNoun, kw_only=True, frozen=True):
    """One line of a process's history. `ended` is empty while it runs, then one of successful,
    failed, overrun, handed_back, removed (its executor was) or cancelled. `claimid` is the name that its
    executor gave to the assign by which it got the process, empty where it gave none."""

    attempt: int
    executorid: str
    start: int
    end: int = 0
    ended: str = ""
    claimid: str = ""


class Process(ServerNoun, kw_only=True, frozen=True):
    """One submitted spec and what became of it.

    attempt       how many times it has been assigned; it fences `close`.
    retries       how many times it went back to the queue because it ran too long.
    waitdeadline  when waiting ends, 0: never. Meaningful while it waits.
    execdeadline  when running ends, 0: never. Meaningful while it runs.
    attributes    those of spec.env included, as kind `env`.
    history       its last 20 attempts, oldest first.
    """

    processid: str
    colonyid: str
    submitterid: str
    spec: ProcessSpec
    state: State = State.WAITING
    assigneeid: str = ""
    attempt: int = 0
    retries: int = 0
    submissiontime: int
    starttime: int = 0
    endtime: int = 0
    waitdeadline: int = 0
    execdeadline: int = 0
    out: list[Any] = field(default_factory=list)
    errors: list[str] = field(default_factory=list)
    attributes: list[Attribute] = field(default_factory=list)
    history: list[Attempt] = field(default_factory=list)
    retryof: str = ""


class Log(ServerNoun, kw_only=True, frozen=True):
    """One line of a process's log. `seq` counts from 1 within the process and never goes back."""

    processid: str
    seq: int
    time: int
    attempt: int
    executorid: str
    message: str


# — what is answered about many —


class Page(ServerNoun, kw_only=True, frozen=True):
    """cursor is empty on the last page. total counts all that match, however many pages they fill."""

    processes: list[Process]
    cursor: str
    total: int


class Whoami(ServerNoun, kw_only=True, frozen=True):
    """Who the caller is in its colony."""

    id: str
    name: str
    role: Literal["owner", "operator", "viewer", "executor"]
    colonyid: str
    colonyname: str


class Explanation(ServerNoun, kw_only=True, frozen=True):
    """Why a process waits. executors: how many could take it. ahead: how many stand before it in its lanes."""

    reasons: list[str]
    executors: int
    ahead: int


class ServerInfo(ServerNoun, kw_only=True, frozen=True):
    name: str
    version: str
    time: int
    store: str
