"""The methods: what each is called, what it takes, what it answers, and whether a repeat is safe.

One row here is one method of `docs/protocol.md`. Handlers, SDKs and documentation are held
against this table by a test, which names whatever is missing. Who may call a method is
declared beside its handler, not here.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

from msgspec import Struct

from .figures import FailureGroup, Stats, StatsHistory
from .model import Attribute, Colony, Executor, Explanation, Function, Log, Page, Process, ServerInfo, User, Whoami
from .params import (
    Assign,
    AttributeSet,
    Close,
    ColonyAdd,
    ColonyRemove,
    ExecutorAdd,
    ExecutorGet,
    ExecutorId,
    ExecutorList,
    ExecutorResolve,
    FailureList,
    FunctionAdd,
    FunctionList,
    FunctionRemove,
    HandBack,
    LogAdd,
    LogList,
    Matching,
    Nothing,
    OfProcess,
    Params,
    ProcessList,
    StatsSubscribe,
    Submit,
    Subscribe,
    SubscriptionCancel,
    UserAdd,
    UserRemove,
    Watch,
)


class Matched(Struct, kw_only=True, frozen=True):
    """matched: how many there were when it began. done: with how many something was done."""

    matched: int
    done: int


class Resolved(Struct, kw_only=True, frozen=True):
    executorid: str


class Subscribed(Struct, kw_only=True, frozen=True):
    subscription: int


class Empty(Struct, kw_only=True, frozen=True):
    pass


class Method(NamedTuple):
    """repeat_safe: a request whose reply was lost may be sent again and is answered as the first would have been."""

    params: type[Params]
    result: Any
    repeat_safe: bool = True


METHODS: Mapping[str, Method] = {
    "server.info": Method(Nothing, ServerInfo),
    "member.whoami": Method(Nothing, Whoami),
    "colony.add": Method(ColonyAdd, Colony),
    "colony.remove": Method(ColonyRemove, Empty, repeat_safe=False),
    "colony.list": Method(Nothing, list[Colony]),
    "colony.get": Method(Nothing, Colony),
    "executor.add": Method(ExecutorAdd, Executor),
    "executor.approve": Method(ExecutorId, Executor),
    "executor.reject": Method(ExecutorId, Executor),
    "executor.remove": Method(ExecutorId, Executor, repeat_safe=False),
    "executor.list": Method(ExecutorList, list[Executor]),
    "executor.get": Method(ExecutorGet, Executor),
    "executor.resolve": Method(ExecutorResolve, Resolved),
    "user.add": Method(UserAdd, User),
    "user.list": Method(Nothing, list[User]),
    "user.remove": Method(UserRemove, Empty, repeat_safe=False),
    "function.add": Method(FunctionAdd, Function),
    "function.list": Method(FunctionList, list[Function]),
    "function.remove": Method(FunctionRemove, Empty, repeat_safe=False),
    "process.submit": Method(Submit, Process),
    "process.assign": Method(Assign, Process),
    "process.close": Method(Close, Process),
    "process.hand_back": Method(HandBack, Process),
    "process.get": Method(OfProcess, Process),
    "process.list": Method(ProcessList, Page),
    "process.cancel": Method(OfProcess, Process),
    "process.retry": Method(OfProcess, Process),
    "process.remove": Method(OfProcess, Empty, repeat_safe=False),
    "process.retry_matching": Method(Matching, Matched),
    "process.cancel_matching": Method(Matching, Matched, repeat_safe=False),
    "process.remove_matching": Method(Matching, Matched, repeat_safe=False),
    "process.explain": Method(OfProcess, Explanation),
    "failure.list": Method(FailureList, list[FailureGroup]),
    "attribute.set": Method(AttributeSet, Attribute),
    "attribute.list": Method(OfProcess, list[Attribute]),
    "log.add": Method(LogAdd, Empty, repeat_safe=False),
    "log.list": Method(LogList, list[Log]),
    "log.subscribe": Method(OfProcess, Subscribed),
    "subscribe": Method(Subscribe, Subscribed),
    "watch": Method(Watch, Subscribed),
    "activity.subscribe": Method(Nothing, Subscribed),
    "stats.get": Method(Nothing, Stats),
    "stats.history": Method(Nothing, StatsHistory),
    "stats.subscribe": Method(StatsSubscribe, Subscribed),
    "subscription.cancel": Method(SubscriptionCancel, Empty),
}

NOTIFICATIONS = ("hello", "process", "cancelled", "activity", "log", "stats", "progress", "ended", "draining")
