"""What is said on a connection, without one: batches, limits, ids, and what is said again after a loss."""

from __future__ import annotations

from typing import Any

import pytest

from colonies import errors
from colonies.asked import Asked
from colonies.wire.frames import (
    encode_response,
)

from .talk import ANN, BOB, PROCESS, Heard, Talk

# — frames —


def test_nothing_is_said_before_the_hello() -> None:
    talk = Talk()
    talk.ask("server.info")
    assert talk.hear() == []
    talk.open()
    assert [[request.method for request in frame] for frame in talk.hear()] == [["server.info"]]


def test_what_is_asked_in_one_turn_with_one_key_is_one_frame(talk: Talk) -> None:
    for method, key in (("process.close", ANN), ("server.info", BOB), ("process.assign", ANN), ("stats.get", BOB)):
        talk.ask(method, key)
    frames = [[request.method for request in frame] for frame in talk.hear()]
    assert frames == [["process.close", "process.assign"], ["server.info", "stats.get"]]
    assert talk.hear() == []


def test_a_frame_holds_no_more_requests_than_a_batch_may() -> None:
    talk = Talk(batch=3)
    talk.open()
    for _ in range(7):
        talk.ask("server.info")
    assert [len(frame) for frame in talk.hear()] == [3, 3, 1]


def test_a_frame_holds_no_more_bytes_than_it_may() -> None:
    talk = Talk(frame=1000)
    talk.open()
    for _ in range(4):
        talk.ask("log.add", processid="p" * 8, message="x" * 300)
    assert [len(frame) for frame in talk.hear()] == [2, 2]


def test_what_is_too_large_for_any_frame_fails_alone() -> None:
    talk = Talk(frame=1000)
    talk.open()
    _, large = talk.ask("log.add", message="x" * 1000)
    talk.ask("server.info")
    assert [[request.method for request in frame] for frame in talk.hear()] == [["server.info"]]
    assert isinstance(large.errors[0], errors.TooLarge)


def test_an_answer_makes_room_for_what_was_over_the_limit() -> None:
    talk = Talk(inflight=2)
    talk.open()
    for _ in range(3):
        talk.ask("server.info")
    ((first, _second),) = talk.hear()
    assert talk.hear() == []
    talk.answer(first)
    assert [len(frame) for frame in talk.hear()] == [1]


def test_waiting_assigns_leave_room_for_what_is_answered_at_once() -> None:
    talk = Talk(inflight=16)
    talk.open()
    for _ in range(40):
        talk.ask("process.assign", timeout=30)
    assert sum(map(len, talk.hear())) < 16
    talk.ask("process.close", processid="p" * 8, successful=True)
    assert [[request.method for request in frame] for frame in talk.hear()] == [["process.close"]]


def test_what_has_to_wait_keeps_its_order() -> None:
    talk = Talk(inflight=4)
    talk.open()
    for mark in range(6):
        talk.ask("process.assign", timeout=30 + mark)
    talk.ask("server.info")
    said = [request for frame in talk.hear() for request in frame]
    while len(said) < 7:
        talk.answer(next(request for _, request in talk.unanswered.values()), PROCESS)
        said += [request for frame in talk.hear() for request in frame]
    assert [r.params["timeout"] for r in said if r.method == "process.assign"] == [30, 31, 32, 33, 34, 35]


def test_a_key_that_cannot_sign_fails_its_own_requests_only(talk: Talk) -> None:
    class Broken:
        id = BOB.id

        def sign(self, message: bytes) -> bytes:
            raise OSError("the card was pulled out")

    heard = Heard()
    talk.dialogue.ask(Asked("server.info", {}, Broken(), settle=heard))
    talk.ask("stats.get")
    assert [[request.method for request in frame] for frame in talk.hear()] == [["stats.get"]]
    assert "pulled out" in heard.errors[0].message
    assert talk.unanswered.keys() == {2}


def nested(levels: int) -> list[Any]:
    value: list[Any] = []
    for _ in range(levels):
        value = [value]
    return value


@pytest.mark.parametrize("value", [object(), {1: 2}, 1 << 70, "\ud800", nested(40)])
def test_what_no_broker_could_read_is_refused_before_it_is_sent(value: Any) -> None:
    with pytest.raises(errors.BadRequest):
        Asked("process.submit", {"spec": value}, ANN)


def test_as_deep_as_a_broker_reads_is_sent(talk: Talk) -> None:
    talk.ask("process.submit", spec=nested(28))
    assert len(talk.hear()) == 1
    with pytest.raises(errors.BadRequest):
        Asked("process.submit", {"spec": nested(29)}, ANN)


# — answers —


def test_each_answer_goes_to_who_asked(talk: Talk) -> None:
    heard = [talk.ask("server.info")[1] for _ in range(3)]
    ((one, two, three),) = talk.hear()
    talk.answer(three, "third")
    talk.answer(one, "first")
    talk.answer(two, error=errors.NotFound("nothing there"))
    assert [each.results for each in heard] == [["first"], [], ["third"]]
    assert isinstance(heard[1].errors[0], errors.NotFound)
    assert talk.dialogue.is_idle


def test_an_answer_that_nobody_asked_for_is_passed_over(talk: Talk) -> None:
    talk.dialogue.take(encode_response(77, None, {}))
    assert talk.dialogue.is_idle


def test_what_is_forgotten_before_it_is_said_is_not_said(talk: Talk) -> None:
    asked, heard = talk.ask("process.assign", timeout=5)
    talk.dialogue.forget(asked)
    assert talk.hear() == []
    assert heard.times == 0


def test_a_process_for_somebody_who_has_gone_is_handed_back(talk: Talk) -> None:
    asked, heard = talk.ask("process.assign", timeout=5)
    ((request,),) = talk.hear()
    talk.dialogue.forget(asked)
    talk.answer(request, PROCESS)
    ((back,),) = talk.hear()
    assert (back.method, back.params) == ("process.hand_back", PROCESS)
    assert talk.unanswered[back.id][0] == ANN.id
    assert heard.times == 0


def test_handing_back_goes_on_until_it_is_done(talk: Talk) -> None:
    asked, _ = talk.ask("process.assign", timeout=5)
    ((request,),) = talk.hear()
    talk.dialogue.forget(asked)
    talk.answer(request, PROCESS)
    ((back,),) = talk.hear()
    talk.answer(back, error=errors.Unavailable("no store"))
    (again,) = talk.later
    talk.dialogue.ask(again)
    assert [request.method for frame in talk.hear() for request in frame] == ["process.hand_back"]
    talk.lose()
    talk.open()
    assert [request.method for frame in talk.hear() for request in frame] == ["process.hand_back"]
    assert talk.dialogue.has_last_words


# — after a loss —


def test_what_may_be_repeated_is_said_again_in_its_order_with_new_ids(talk: Talk) -> None:
    heard = [talk.ask(method)[1] for method in ("server.info", "stats.get", "colony.list")]
    before = talk.hear()[0]
    talk.lose()
    talk.ask("user.list")
    talk.open()
    ((*again, _last),) = talk.hear()
    assert [request.method for request in again] == [request.method for request in before]
    assert again[0].id > before[-1].id
    talk.answer(again[1], "counted")
    assert heard[1].results == ["counted"]


def test_a_wait_that_begins_again_lasts_as_long_as_is_left_of_it(talk: Talk) -> None:
    talk.ask("process.assign", timeout=30)
    ((first,),) = talk.hear(now=100)
    talk.answer(first, error=errors.Draining("ask another"))
    talk.lose()
    talk.open()
    ((second,),) = talk.hear(now=112)
    talk.lose()
    talk.open()
    ((third,),) = talk.hear(now=200)
    assert [request.params["timeout"] for request in (first, second, third)] == [30, 18, 0]


def test_what_may_not_be_repeated_fails_as_perhaps_done(talk: Talk) -> None:
    _, heard = talk.ask("log.add", processid="p" * 8, message="once")
    talk.hear()
    talk.lose()
    assert isinstance(heard.errors[0], errors.ConnectionLost)
    assert heard.errors[0].retry
    talk.open()
    assert talk.hear() == []


def test_what_was_never_said_is_said_on_the_next_connection_whatever_it_is(talk: Talk) -> None:
    talk.lose()
    talk.ask("log.add", processid="p" * 8, message="once")
    talk.lose()
    talk.open()
    assert [len(frame) for frame in talk.hear()] == [1]


def test_what_is_forgotten_is_not_said_again(talk: Talk) -> None:
    asked, _ = talk.ask("process.assign", timeout=5)
    talk.hear()
    talk.dialogue.forget(asked)
    talk.lose()
    assert talk.dialogue.is_idle


def test_a_draining_broker_is_told_nothing_more_and_its_refusals_go_to_the_next(talk: Talk) -> None:
    _, assigned = talk.ask("process.assign", timeout=5)
    _, logged = talk.ask("log.add", processid="p" * 8, message="m")
    ((first, second),) = talk.hear()
    talk.notify("draining", reconnect=1500)
    talk.ask("server.info")
    assert talk.hear() == []
    assert (talk.dialogue.reconnect_seconds, talk.dialogue.may_leave) == (1.5, False)
    talk.answer(first, error=errors.Draining("go elsewhere"))
    talk.answer(second, error=errors.Draining("go elsewhere"))
    assert talk.dialogue.may_leave
    talk.lose()
    talk.open()
    (said,) = talk.hear()
    assert {request.method for request in said} == {"process.assign", "log.add", "server.info"}
    assert assigned.times + logged.times == 0


def test_a_broker_that_refuses_because_it_stops_is_left_even_if_it_never_said_so(talk: Talk) -> None:
    talk.ask("process.assign", timeout=5)
    ((request,),) = talk.hear()
    talk.answer(request, error=errors.Draining("go elsewhere"))
    assert talk.hear() == []
    assert talk.dialogue.may_leave


def test_when_there_will_be_no_connection_all_fail_with_the_reason(talk: Talk) -> None:
    heard = [talk.ask("server.info")[1]]
    talk.hear()
    heard.append(talk.ask("log.add", processid="p" * 8, message="m")[1])
    reason = errors.TurnedAway("for good")
    talk.dialogue.fail_all(reason)
    talk.lose()
    assert [each.errors for each in heard] == [[reason], [reason]]
    assert talk.dialogue.is_idle
