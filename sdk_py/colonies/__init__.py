"""Colonies: submit process specs, and be the executor that runs them, over one WebSocket.

`AsyncColonies` for programs that await, `Colonies` for programs that block, `Worker` for
functions by name.
"""

from . import errors
from .blocking import Colonies
from .client import AsyncColonies
from .errors import SubscriptionEnded
from .subscription import Activities, Event, Feed, LogLine, Subscription
from .wire.figures import Activity, FailureGroup, Stats, StatsHistory, TypeCounts, TypeHistory
from .wire.identity import Identity, Signer
from .wire.messages import Matched
from .wire.model import (
    Attribute,
    Colony,
    Conditions,
    Executor,
    ExecutorState,
    Explanation,
    Function,
    Log,
    Page,
    Process,
    ProcessSpec,
    ServerInfo,
    State,
    User,
    Whoami,
)
from .worker import Failed, WorkContext, Worker

__all__ = [
    "Activities",
    "Activity",
    "AsyncColonies",
    "Attribute",
    "Colonies",
    "Colony",
    "Conditions",
    "Event",
    "Executor",
    "ExecutorState",
    "Explanation",
    "Failed",
    "FailureGroup",
    "Feed",
    "Function",
    "Identity",
    "Log",
    "LogLine",
    "Matched",
    "Page",
    "Process",
    "ProcessSpec",
    "ServerInfo",
    "Signer",
    "State",
    "Stats",
    "StatsHistory",
    "Subscription",
    "SubscriptionEnded",
    "TypeCounts",
    "TypeHistory",
    "User",
    "Whoami",
    "WorkContext",
    "Worker",
    "errors",
]
