"""Who is connected, and who of those that left will be remembered."""

from __future__ import annotations

import pytest

from broker.channels.hub import Hub
from broker.channels.outbox import Outbox
from broker.engine.connection import Connection
from broker.engine.presence import Presence
from colonies.wire import errors

NOW = 1_000


def a_presence() -> Presence:
    return Presence(Hub(), max_per_identity=2, max_keys=3)


def a_connection() -> Connection:
    return Connection(Outbox(max_messages=1, max_bytes=1))


def test_of_strangers_nothing_is_left() -> None:
    presence, connection = a_presence(), a_connection()
    for key in ("executor", "stranger"):
        presence.arrive(key, connection)
    presence.saw("executor")
    assert presence.leave(connection, NOW) == ["executor"]
    assert (presence.left_at("executor"), presence.left_at("stranger")) == (NOW, 0)
    assert not presence.is_online("stranger")


def test_who_asked_on_one_connection_is_remembered_when_the_last_one_ends() -> None:
    presence, first, last = a_presence(), a_connection(), a_connection()
    presence.arrive("executor", first)
    presence.saw("executor")
    presence.arrive("executor", last)
    assert presence.leave(first, NOW) == []
    assert presence.leave(last, NOW + 1) == ["executor"]
    presence.arrive("executor", again := a_connection())  # and is removed before it asks anything
    assert presence.leave(again, NOW + 2) == []


def test_neither_a_key_nor_a_connection_has_too_many_of_the_other() -> None:
    presence, connection = a_presence(), a_connection()
    for key in ("a", "b", "c"):
        presence.arrive(key, connection)
    with pytest.raises(errors.Overloaded, match="3 keys have signed on this connection"):
        presence.arrive("d", connection)
    presence.arrive("a", a_connection())
    with pytest.raises(errors.Overloaded, match="has 2 connections here already"):
        presence.arrive("a", a_connection())
    assert not presence.is_online("d")
