"""The parameters of the methods: maps with fields that are checked before a handler sees them."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from msgspec import Meta, Struct, field

from .model import (
    Attribute,
    AttributeKind,
    ClaimId,
    Function,
    Id,
    Name,
    NewExecutor,
    ProcessId,
    ProcessSpec,
    State,
    User,
)

MAX_ASSIGN_SECONDS = 60
MAX_PAGE = 500
DEFAULT_PAGE = 100
MAX_MATCHING = 100_000
DEFAULT_MATCHING = 10_000
MIN_STATS_SECONDS = 0.25


class Params(Struct, kw_only=True, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    """Parameters of a method: a map. Only the server owner needs `colonyid`; for all others it is their own."""

    colonyid: Id | None = None


class Nothing(Params, kw_only=True, frozen=True):
    pass


# — colonies and members —


class ColonyAdd(Params, kw_only=True, frozen=True):
    colonyid: Id
    name: Name


class ColonyRemove(Params, kw_only=True, frozen=True):
    colonyid: Id


class ExecutorAdd(Params, kw_only=True, frozen=True):
    executor: NewExecutor
    approve: bool = False


class ExecutorId(Params, kw_only=True, frozen=True):
    executorid: Id


class ExecutorList(Params, kw_only=True, frozen=True):
    executortype: str | None = None
    online: bool | None = None


class ExecutorGet(Params, kw_only=True, frozen=True):
    """One of the two."""

    executorid: Id | None = None
    executorname: Name | None = None


class ExecutorResolve(Params, kw_only=True, frozen=True):
    executorname: Name


class UserAdd(Params, kw_only=True, frozen=True):
    user: User


class UserRemove(Params, kw_only=True, frozen=True):
    userid: Id


class FunctionAdd(Params, kw_only=True, frozen=True):
    function: Function


class FunctionList(Params, kw_only=True, frozen=True):
    executorid: Id | None = None


class FunctionRemove(Params, kw_only=True, frozen=True):
    funcname: Name


# — processes —


class Submit(Params, kw_only=True, frozen=True):
    spec: ProcessSpec
    processid: ProcessId | None = None


class Assign(Params, kw_only=True, frozen=True):
    timeout: Annotated[float, Meta(ge=0, le=MAX_ASSIGN_SECONDS)]
    latest: bool = False
    claimid: ClaimId | None = None
    repeated: bool = False


class Close(Params, kw_only=True, frozen=True):
    processid: ProcessId
    successful: bool
    attempt: Annotated[int, Meta(ge=1)] | None = None
    out: list[Any] = field(default_factory=list)
    errors: list[str] = field(default_factory=list)
    attributes: list[Attribute] = field(default_factory=list)


class HandBack(Params, kw_only=True, frozen=True):
    """Give a process back to the queue without using up a retry."""

    processid: ProcessId
    attempt: Annotated[int, Meta(ge=1)] | None = None


class OfProcess(Params, kw_only=True, frozen=True):
    processid: ProcessId


class ProcessFilter(Params, kw_only=True, frozen=True):
    """Which processes. since and before: submission time in ms, from and up to but not including.
    text: part of an error or an argument, in any case of letters, within the first 4096 characters of them together,
    errors first. cause: of a failed one, as `failure.list` says it.
    assigneeid: who runs it, or ran it last."""

    state: State | None = None
    executortype: str | None = None
    func: str | None = None
    label: str | None = None
    text: Annotated[str, Meta(min_length=1, max_length=256)] | None = None
    since: int | None = None
    before: int | None = None
    cause: Annotated[str, Meta(min_length=1, max_length=256)] | None = None
    assigneeid: Id | None = None


class ProcessList(ProcessFilter, kw_only=True, frozen=True):
    newest: bool = True
    limit: Annotated[int, Meta(ge=1, le=MAX_PAGE)] = DEFAULT_PAGE
    cursor: Annotated[str, Meta(max_length=256)] = ""


class Matching(ProcessFilter, kw_only=True, frozen=True):
    """What to do something with. limit: how many at most, oldest first. dryrun: only say how many match."""

    limit: Annotated[int, Meta(ge=1, le=MAX_MATCHING)] = DEFAULT_MATCHING
    dryrun: bool = False


class FailureList(Params, kw_only=True, frozen=True):
    """Groups of failures, the one that failed last first."""

    executortype: str | None = None
    limit: Annotated[int, Meta(ge=1, le=MAX_PAGE)] = DEFAULT_PAGE


class AttributeSet(Params, kw_only=True, frozen=True):
    processid: ProcessId
    key: Name
    value: Any
    kind: AttributeKind = "out"


class LogAdd(Params, kw_only=True, frozen=True):
    processid: ProcessId
    message: Annotated[str, Meta(min_length=1)]


class LogList(Params, kw_only=True, frozen=True):
    """since: ms, lines of that time included. after: only lines with a higher seq. limit: how many, oldest first."""

    processid: ProcessId
    since: int = 0
    after: Annotated[int, Meta(ge=0)] = 0
    limit: Annotated[int, Meta(ge=1, le=1000)] = 1000


# — events —


class Subscribe(Params, kw_only=True, frozen=True):
    """timeout: seconds until the subscription ends; 0: not before the socket closes."""

    executortype: Name
    state: State = State.WAITING
    timeout: Annotated[float, Meta(ge=0, le=86_400)] = 0
    wake: Literal["all", "one"] = "all"


class Watch(Params, kw_only=True, frozen=True):
    """states: none given means the three final ones."""

    processid: ProcessId
    states: list[State] = field(default_factory=list)
    timeout: Annotated[float, Meta(ge=0, le=86_400)] = 0


class StatsSubscribe(Params, kw_only=True, frozen=True):
    """interval: seconds between two pushes at least; nothing is pushed in between but what changed."""

    interval: Annotated[float, Meta(ge=MIN_STATS_SECONDS, le=60)] = 1


class SubscriptionCancel(Params, kw_only=True, frozen=True):
    subscription: int
