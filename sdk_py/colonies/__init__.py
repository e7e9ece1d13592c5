"""Colonies: submit process specs, and be the executor that runs them, over one WebSocket.

`AsyncColonies` for programs that await, `Colonies` for programs that block, `Worker` for
functions by name.
"""

from . import errors
from .blocking import Colonies
from .client import AsyncColonies
from .errors import SubscriptionEnded
from .subscription import Event, Subscription
from .wire.identity import Identity, Signer
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
    Stats,
    User,
)
from .worker import Failed, WorkContext, Worker

__all__ = [
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
    "Function",
    "Identity",
    "Log",
    "Page",
    "Process",
    "ProcessSpec",
    "ServerInfo",
    "Signer",
    "State",
    "Stats",
    "Subscription",
    "SubscriptionEnded",
    "User",
    "WorkContext",
    "Worker",
    "errors",
]
