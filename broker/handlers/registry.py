"""How a handler says which method it answers and what that needs. There is no other table of them."""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Any, NamedTuple, TypeVar

from broker.channels.outbox import Undelivered
from broker.engine.authority import Caller, Need
from broker.engine.connection import Connection
from broker.engine.node import Node
from colonies.wire.messages import METHODS, Params

Function = TypeVar("Function", bound=Callable[..., Awaitable[Any]])
Follow = Callable[[], Awaitable[None]]


@dataclass(slots=True)
class Call:
    """One request, as a handler sees it.

    undelivered  set by the handler: what to do when the reply never left for the caller.
    follow       set by the handler: what to do once the reply is in the outbox.
    """

    node: Node
    connection: Connection
    caller: Caller
    undelivered: Undelivered | None = field(default=None)
    follow: Follow | None = field(default=None)

    @property
    def colonyid(self) -> str:
        return self.caller.colonyid


class Handler(NamedTuple):
    params: type[Params]
    need: Need
    function: Callable[[Call, Any], Awaitable[Any]]


HANDLERS: dict[str, Handler] = {}


def method(name: str, need: Need) -> Callable[[Function], Function]:
    """Make a function the handler of a method; `need` is what its caller must be."""

    def register(function: Function) -> Function:
        if name in HANDLERS:
            raise ValueError(f"two handlers for {name}")
        HANDLERS[name] = Handler(METHODS[name].params, need, function)
        return function

    return register


def all_handlers() -> dict[str, Handler]:
    """Every handler of this package: each of its modules is looked into."""
    package = importlib.import_module(__package__ or "broker.handlers")
    for module in pkgutil.iter_modules(package.__path__):
        importlib.import_module(f"{package.__name__}.{module.name}")
    return HANDLERS
