"""The outbox: never waits, is bounded, and says what never left."""

from __future__ import annotations

from broker.channels.outbox import Outbox


async def test_messages_leave_in_their_order_as_many_as_fit_together() -> None:
    outbox = Outbox(max_messages=10, max_bytes=100)
    for message in (b"aaaa", b"bb", b"cccc"):
        assert outbox.offer(message)
    assert [parcel.message for parcel in outbox.take(max_bytes=6)] == [b"aaaa", b"bb"]
    assert [parcel.message for parcel in outbox.take(max_bytes=1)] == [b"cccc"]
    assert outbox.take(max_bytes=1) == []


async def test_one_message_too_many_overflows_and_says_so_once() -> None:
    overflows: list[int] = []
    outbox = Outbox(max_messages=2, max_bytes=100, on_overflow=lambda: overflows.append(1))
    undelivered: list[str] = []
    assert outbox.offer(b"1")
    assert outbox.offer(b"2")
    assert not outbox.offer(b"3", lambda: undelivered.append("3"))
    assert not outbox.offer(b"4", lambda: undelivered.append("4"))
    assert (overflows, undelivered) == ([1], ["3", "4"])


async def test_bytes_are_bounded_too_and_room_comes_back() -> None:
    outbox = Outbox(max_messages=10, max_bytes=10)
    assert outbox.offer(b"x" * 10)
    outbox.take(max_bytes=10)
    assert outbox.offer(b"x" * 10)
    assert not outbox.offer(b"x")


async def test_a_closed_outbox_still_empties_and_then_ends() -> None:
    outbox = Outbox(max_messages=10, max_bytes=100)
    outbox.offer(b"last")
    outbox.close()
    assert not outbox.offer(b"late")
    assert not outbox.overflowed
    assert [parcel.message for parcel in outbox.take(max_bytes=100)] == [b"last"]
    assert outbox.take(max_bytes=100) == []


async def test_it_says_so_whenever_it_is_not_empty_any_more() -> None:
    filled: list[int] = []
    outbox = Outbox(max_messages=10, max_bytes=100, on_filled=lambda: filled.append(1))
    outbox.offer(b"x")
    outbox.offer(b"y")
    assert filled == [1]
    outbox.take(max_bytes=1)
    outbox.offer(b"z")
    assert filled == [1]  # something was in it all the time
    outbox.take(max_bytes=100)
    outbox.offer(b"x")
    assert filled == [1, 1]


async def test_an_abandoned_outbox_tells_of_everything_in_it() -> None:
    outbox = Outbox(max_messages=10, max_bytes=100)
    undelivered: list[int] = []
    for number in range(3):
        outbox.offer(b"x", lambda number=number: undelivered.append(number))  # type: ignore[misc]
    outbox.abandon()
    assert undelivered == [0, 1, 2]
    assert len(outbox) == 0
