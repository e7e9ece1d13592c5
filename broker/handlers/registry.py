"""How a handler says which method it answers and what that needs. There is no other table of them."""

from __future__ import annotations

import importlib
import logging
import pkgutil
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Any, NamedTuple, TypeVar

from broker.channels.outbox import Undelivered
from broker.engine.authority import Caller, Need
from broker.engine.connection import Connection
from broker.engine.node import Node
from broker.logs import Event, fields, short
from colonies.wire.frames import encode_notification
from colonies.wire.messages import METHODS
from colonies.wire.params import Params

log = logging.getLogger(__name__)

Function = TypeVar("Function", bound=Callable[..., Awaitable[Any]])
Follow = Callable[[], Awaitable[None]]


@dataclass(slots=True)
class Call:
    """One request, as a handler sees it.

    id           as the caller knows it.
    undelivered  set by the handler: what to do when the reply never left for the caller.
    follow       set by the handler: what to do once the reply is in the outbox.
    """

    node: Node
    connection: Connection
    caller: Caller
    id: int
    undelivered: Undelivered | None = field(default=None)
    follow: Follow | None = field(default=None)

    @property
    def colonyid(self) -> str:
        return self.caller.colonyid

    def note(self, event: Event, did: str, **what: Any) -> None:
        """Leave a line in the log of what was done, and by whom."""
        log.info("a member acted", extra=fields(event, did=did, **what, by=short(self.caller.identity)))

    def tell_progress(self, *, done: int, matched: int) -> None:
        """Tell the caller how far its request is, before the reply."""
        progress = {"id": self.id, "done": done, "matched": matched}
        self.connection.tell(encode_notification("progress", progress))


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
