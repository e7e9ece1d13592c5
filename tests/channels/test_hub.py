"""The hub: all listeners of a channel, or one member in turn."""

from __future__ import annotations

from broker.channels.hub import Hub, Listener


def recorder(into: list[tuple[str, bytes]], name: str) -> Listener:
    return lambda message: into.append((name, message))


def test_everybody_on_a_channel_is_told_once_whatever_channels_they_share() -> None:
    hub, heard = Hub(), list[tuple[str, bytes]]()
    both, one = recorder(heard, "both"), recorder(heard, "one")
    hub.listen("a", both)
    hub.listen("b", both)
    hub.listen("a", one)
    assert hub.publish(["a", "b", "c"], b"m") == 2
    assert sorted(heard) == [("both", b"m"), ("one", b"m")]


def test_a_channel_is_there_as_long_as_somebody_listens() -> None:
    hub = Hub()
    listener = recorder([], "x")
    hub.listen("a", listener)
    hub.join("g", listener)
    assert hub.is_heard(["a"])
    assert hub.is_heard(["g"])
    for channel in ("a", "g", "never"):
        hub.leave(channel, listener)
    assert not hub.is_heard(["a", "g"])
    assert hub.counted() == 0


def test_members_are_woken_in_turn_and_those_passed_over_are_not() -> None:
    hub, heard = Hub(), list[tuple[str, bytes]]()
    members = {name: recorder(heard, name) for name in ("one", "two", "three")}
    for member in members.values():
        hub.join("g", member)
    for _ in range(4):
        hub.wake("g", b"m")
    assert [name for name, _ in heard] == ["one", "two", "three", "one"]
    assert hub.wake("g", b"m", [members["two"], members["three"]]) is members["one"]
    assert hub.wake("g", b"m", list(members.values())) is None
    assert hub.publish(["g"], b"m") == 0
