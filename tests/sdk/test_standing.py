"""Subscriptions in a dialogue: heard, made again, taken back; and frames that no broker would send."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from colonies import errors
from colonies.asked import Standing
from colonies.wire.frames import (
    encode_notification,
    encode_response,
    join,
)

from .talk import ANN, PROCESS, Heard, Talk

# — subscriptions —


class Events:
    def __init__(self, talk: Talk, *, until: float | None = None, lasts: bool = True) -> None:
        self.heard: list[tuple[str, Any]] = []
        self.reasons: list[str] = []
        self.settled = Heard()
        self.standing = Standing(
            "subscribe",
            {"executortype": "cli", "timeout": until or 0},
            ANN,
            push=self.heard.append,
            ended=self.reasons.append,
            until=until,
            lasts=lasts,
            settle=self.settled,
        )
        talk.dialogue.ask(self.standing)


def subscribed(talk: Talk, number: int, **options: Any) -> Events:
    events = Events(talk, **options)
    ((request,),) = talk.hear()
    talk.answer(request, {"subscription": number})
    return events


def test_events_go_to_their_subscription_even_in_the_frame_of_its_reply(talk: Talk) -> None:
    other = subscribed(talk, 7)
    events = Events(talk)
    ((request,),) = talk.hear()
    pushed = {"subscription": 8, "event": "backlog", "process": PROCESS}
    reply = encode_response(request.id, None, {"subscription": 8})
    talk.dialogue.take(join([reply, encode_notification("process", pushed)]))
    assert events.heard == [("backlog", PROCESS)]
    assert other.heard == []


def test_a_subscription_is_made_again_before_everything_else_and_heard_under_its_new_number(talk: Talk) -> None:
    events = subscribed(talk, 7)
    talk.ask("server.info")
    talk.hear()
    talk.lose()
    talk.open()
    ((first, _),) = talk.hear()
    assert first.method == "subscribe"
    talk.answer(first, {"subscription": 1})
    talk.notify("process", subscription=7, event="submitted", process={})
    talk.notify("process", subscription=1, event="submitted", process=PROCESS)
    assert events.heard == [("submitted", PROCESS)]


def test_only_the_time_that_is_left_is_asked_for_again(talk: Talk) -> None:
    events = subscribed(talk, 7, until=100)
    talk.lose()
    talk.open()
    ((request,),) = talk.hear(now=90)
    assert request.params["timeout"] == 10
    talk.lose()
    talk.open()
    assert talk.hear(now=101) == []
    assert events.reasons == ["timeout"]


def test_what_a_stopping_broker_ends_is_made_again_and_what_ends_by_itself_is_not(talk: Talk) -> None:
    events, timed = subscribed(talk, 7), subscribed(talk, 8)
    talk.notify("ended", subscription=8, reason="timeout")
    talk.notify("ended", subscription=7, reason="draining")
    assert (events.reasons, timed.reasons) == ([], ["timeout"])
    talk.lose()
    talk.open()
    assert [request.method for frame in talk.hear() for request in frame] == ["subscribe"]


def test_one_that_does_not_last_ends_with_the_connection(talk: Talk) -> None:
    events = subscribed(talk, 7, lasts=False)
    talk.lose()
    assert events.reasons == ["connection lost"]
    assert talk.dialogue.is_idle


def test_passing_trouble_of_the_next_broker_does_not_end_a_subscription_but_a_refusal_does(talk: Talk) -> None:
    events = subscribed(talk, 7)
    talk.lose()
    talk.open()
    ((request,),) = talk.hear()
    talk.answer(request, error=errors.Overloaded("too many"))
    assert talk.later == [events.standing]
    talk.dialogue.ask(events.standing)
    ((request,),) = talk.hear()
    talk.answer(request, error=errors.UnknownIdentity("who?"))
    assert isinstance(events.settled.errors[0], errors.UnknownIdentity)


def test_a_subscription_that_is_let_go_is_taken_back_at_the_broker(talk: Talk) -> None:
    events = subscribed(talk, 7)
    talk.dialogue.forget(events.standing)
    ((request,),) = talk.hear()
    assert (request.method, request.params) == ("subscription.cancel", {"subscription": 7})
    talk.notify("process", subscription=7, event="submitted", process=PROCESS)
    assert events.heard == []
    late = Events(talk)
    ((asked,),) = talk.hear()
    talk.dialogue.forget(late.standing)
    talk.answer(asked, {"subscription": 9})
    ((request,),) = talk.hear()
    assert request.params == {"subscription": 9}


def test_a_number_of_one_connection_is_never_cancelled_on_the_next(talk: Talk) -> None:
    said, unsaid = subscribed(talk, 7), subscribed(talk, 8)
    talk.dialogue.forget(said.standing)
    talk.hear()
    talk.dialogue.forget(unsaid.standing)
    talk.lose()
    assert talk.dialogue.is_idle
    talk.open()
    assert talk.hear() == []


def test_a_subscription_that_rests_is_still_there_to_be_let_go_or_to_fail(talk: Talk) -> None:
    let_go, failing = subscribed(talk, 7), subscribed(talk, 8)
    talk.lose()
    talk.open()
    ((first, second),) = talk.hear()
    for request in (first, second):
        talk.answer(request, error=errors.Unavailable("no store"))
    assert not talk.dialogue.is_idle
    talk.dialogue.forget(let_go.standing)
    talk.dialogue.fail_all(errors.Closed("closed"))
    assert isinstance(failing.settled.errors[0], errors.Closed)
    for asked in talk.later:
        talk.dialogue.ask(asked)
    assert talk.hear() == []


def test_a_cancel_of_what_runs_is_passed_on(talk: Talk) -> None:
    talk.notify("cancelled", processid="p" * 8, attempt=2)
    talk.notify("something_new", field=1)
    assert talk.cancelled == [("p" * 8, 2)]


# — brokers that are none —


@pytest.mark.parametrize(
    "frame",
    [
        b"",
        b"HTTP/1.1 200 OK",
        encode_response(1, None, {}),
        encode_notification("draining", {}),
        encode_notification("hello", {"protocol": 1}),
        encode_notification("hello", {"protocol": 1, "challenge": b"short"}),
        encode_notification("hello", {"protocol": 1, "challenge": b"c" * 32, "limits": {"inflight": 0}}),
        encode_notification("hello", {"protocol": 1, "challenge": b"c" * 32, "limits": {"frame": "much"}}),
    ],
)
def test_a_hello_that_is_none_is_a_bad_frame(frame: bytes) -> None:
    with pytest.raises(errors.BadFrame):
        Talk().dialogue.take(frame)


def test_another_protocol_is_no_reason_to_come_back() -> None:
    with pytest.raises(errors.TurnedAway, match="speaks protocol 2"):
        Talk().dialogue.take(encode_notification("hello", {"protocol": 2, "challenge": b"c" * 32}))


@given(st.binary(max_size=512))
def test_any_bytes_are_taken_or_refused_as_a_bad_frame(raw: bytes) -> None:
    talk = Talk()
    talk.open()
    try:
        talk.dialogue.take(raw)
    except errors.BadFrame:
        return


@pytest.mark.parametrize("name", ["process", "ended", "cancelled"])
def test_a_notification_without_its_fields_is_a_bad_frame(talk: Talk, name: str) -> None:
    with pytest.raises(errors.BadFrame):
        talk.notify(name)
