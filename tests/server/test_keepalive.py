"""Peers that are gone without a word are found; those that say anything are never asked."""

from __future__ import annotations

from broker.server.keepalive import Keepalive


class Silent:
    """What a Keepalive sees of a socket. heard is set by the test."""

    def __init__(self) -> None:
        self.heard = 0.0
        self.pings = 0
        self.is_given_up = False
        self.read_paused = False

    def ping(self) -> None:
        self.pings += 1

    def give_up(self) -> None:
        self.is_given_up = True


def made() -> tuple[Keepalive, Silent]:
    keepalive, socket = Keepalive(10), Silent()
    keepalive.admit(socket)  # type: ignore[arg-type]
    return keepalive, socket


def test_who_says_something_is_never_asked() -> None:
    keepalive, socket = made()
    for now in range(100):
        socket.heard = float(now)
        keepalive.look(now + 1.0)
    assert socket.pings == 0


def test_who_was_silent_is_asked_once_and_given_up_when_it_stays_silent() -> None:
    keepalive, socket = made()
    keepalive.look(9.9)
    assert socket.pings == 0
    for now in (10.0, 12.0, 19.9):
        keepalive.look(now)
    assert (socket.pings, socket.is_given_up) == (1, False)
    keepalive.look(20.0)
    assert (socket.pings, socket.is_given_up) == (1, True)


def test_an_answer_is_as_good_as_anything_else() -> None:
    keepalive, socket = made()
    keepalive.look(10.0)
    socket.heard = 11.0
    keepalive.look(20.9)
    assert (socket.pings, socket.is_given_up) == (1, False)
    keepalive.look(21.0)
    assert (socket.pings, socket.is_given_up) == (2, False)


def test_nobody_is_given_up_unasked_by_a_broker_that_was_held_up() -> None:
    keepalive, socket = made()
    keepalive.look(500.0)
    assert (socket.pings, socket.is_given_up) == (1, False)


def test_who_is_not_listened_to_is_not_given_up() -> None:
    keepalive, socket = made()
    keepalive.look(10.0)
    socket.read_paused = True
    keepalive.look(60.0)
    assert not socket.is_given_up


def test_who_has_gone_is_left_alone() -> None:
    keepalive, socket = made()
    keepalive.dismiss(socket)  # type: ignore[arg-type]
    keepalive.look(500.0)
    assert socket.pings == 0
