"""Colonies: submit process specs, and be the executor that runs them, over one WebSocket.

`AsyncColonies` for programs that await, `Colonies` for programs that block, `Worker` for
functions by name.
"""

from .blocking import Colonies
from .client import AsyncColonies
from .subscription import Event, Subscription, SubscriptionEnded
from .wire import errors
from .wire.identity import Identity, Signer
from .wire.model import Attribute, Conditions, Executor, Process, ProcessSpec, State, User
from .worker import Failed, WorkContext, Worker

__all__ = [
    "AsyncColonies",
    "Attribute",
    "Colonies",
    "Conditions",
    "Event",
    "Executor",
    "Failed",
    "Identity",
    "Process",
    "ProcessSpec",
    "Signer",
    "State",
    "Subscription",
    "SubscriptionEnded",
    "User",
    "WorkContext",
    "Worker",
    "errors",
]
