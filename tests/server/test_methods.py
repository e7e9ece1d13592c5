"""Whoever adds a method is told what is missing."""

from __future__ import annotations

from broker.handlers.registry import all_handlers
from colonies.wire.messages import METHODS


def test_every_method_of_the_wire_has_a_handler_and_none_is_beyond_it() -> None:
    handlers = all_handlers()
    assert sorted(handlers) == sorted(METHODS)
    assert all(handlers[name].params is METHODS[name].params for name in METHODS)
