"""The checker accepts what brokers that keep their promises would do, and refuses each way of breaking one."""

from __future__ import annotations

import re
from collections.abc import Sequence

import msgspec
import pytest

from colonies.wire.model import State

from .checker import violations
from .forged import Forger
from .history import Event, What
from .silence import SILENT_SECONDS, Span, longest_calm

P = "process1"
LONG = SILENT_SECONDS + 1


@pytest.fixture
def forger() -> Forger:
    return Forger()


def ran(forger: Forger) -> list[Event]:
    """A process that was overrun once and then done."""
    forger.listen("ears", State.WAITING)
    forger.listen("ears", State.SUCCESSFUL)
    forger.submit(P)
    forger.assign(P, "w1")
    forger.overrun(P)
    forger.close_late(P, "w1", 1)
    forger.assign(P, "w2")
    forger.close(P)
    forger.look()
    return forger.events


def changed(events: Sequence[Event], number: int, kind: str, /, **fields: object) -> list[Event]:
    """The history with other fields in one event: the first (0), … or last (-1) of its kind."""
    found = [place for place, event in enumerate(events) if event.what == kind][number]
    return [msgspec.structs.replace(event, **fields) if place == found else event for place, event in enumerate(events)]


def without(events: Sequence[Event], number: int, what: str) -> list[Event]:
    gone = [event for event in events if event.what == what][number]
    return [event for event in events if event is not gone]


def refuses(history: Sequence[Event], *words: str) -> None:
    found = violations(history)
    assert found, "the checker took it"
    assert any(all(re.search(word, sentence) for word in words) for sentence in found), found


# — what is as it should be —


def test_a_history_in_which_all_is_well_is_accepted(forger: Forger) -> None:
    assert violations(ran(forger)) == []


def test_nothing_is_well(forger: Forger) -> None:
    assert violations([]) == violations(forger.events) == []


def test_what_was_not_acknowledged_may_be_lost(forger: Forger) -> None:
    ask = forger.asks("s1", "submit", processid=P)
    forger.note("s1", "refused", ask=ask, error="unavailable")
    forger.look()
    assert violations(forger.events) == []


def test_a_close_that_was_not_answered_may_have_been_done(forger: Forger) -> None:
    forger.submit(P)
    forger.assign(P, "w1")
    forger.close(P, answered=False)
    forger.look()
    assert violations(forger.events) == []


def test_an_assign_that_was_not_answered_uses_up_an_attempt(forger: Forger) -> None:
    forger.submit(P)
    forger.claim_for_nobody(P, "w1")
    forger.overrun(P)
    assert violations(forger.finish()) == []


def test_a_process_may_fail_when_its_retries_are_used_up(forger: Forger) -> None:
    forger.submit(P, retries=1)
    forger.assign(P, "w1")
    forger.overrun(P)
    forger.assign(P, "w1")
    forger.overrun(P, fails=True)
    forger.look()
    assert violations(forger.events) == []


def test_a_cancel_that_was_asked_for_is_an_end(forger: Forger) -> None:
    forger.submit(P)
    forger.assign(P, "w1")
    forger.cancel(P)
    forger.close_late(P, "w1", 1, error="wrong_state")
    forger.look()
    assert violations(forger.events) == []


# — ends —


def test_two_ends_are_refused(forger: Forger) -> None:
    refuses(changed(ran(forger), -1, "closed", state=int(State.FAILED)), P, "two ends", "failed", "successful")


def test_another_result_than_was_acknowledged_is_refused(forger: Forger) -> None:
    refuses(changed(ran(forger), -1, "seen", out="other"), P, "two ends", "other")


def test_what_a_subscriber_is_told_of_an_end_counts(forger: Forger) -> None:
    refuses(changed(ran(forger), -1, "heard", out="other"), P, "two ends", "heard")


def test_an_end_that_changes_later_is_refused(forger: Forger) -> None:
    ran(forger)
    forger.processes[P].attempt = 3
    forger.look()
    refuses(forger.events, P, "two ends")


def test_a_process_that_comes_back_is_refused(forger: Forger) -> None:
    ran(forger)
    forger.processes[P].state = State.RUNNING
    forger.look()
    refuses(forger.events, P, "came back", "running")


def test_a_process_that_is_given_out_after_its_end_is_refused(forger: Forger) -> None:
    ran(forger)
    forger.assign(P, "w1")
    refuses(forger.events, P, "went on after its end")


def test_a_lost_process_is_refused(forger: Forger) -> None:
    refuses(without(ran(forger), 0, "seen"), P, "lost")


def test_a_process_that_never_ends_is_refused(forger: Forger) -> None:
    forger.submit(P)
    forger.assign(P, "w1")
    forger.look()
    refuses(forger.events, P, "never ended")


def test_a_history_without_a_look_at_its_end_is_refused(forger: Forger) -> None:
    ran(forger)
    forger.submit("process2")
    refuses(forger.events, "nobody looked")


def test_a_look_that_was_not_finished_is_none(forger: Forger) -> None:
    refuses(without(ran(forger), 0, "looked"), "nobody looked")


def test_an_end_that_nobody_asked_for_is_refused(forger: Forger) -> None:
    history = [event for event in ran(forger) if event.what not in ("close", "closed", "refused")]
    refuses(history, P, "ended by nobody")


def test_a_cancel_that_nobody_asked_for_is_refused(forger: Forger) -> None:
    forger.submit(P)
    forger.cancel(P)
    forger.look()
    refuses(without(forger.events, 0, "cancel"), P, "ended by nobody")


@pytest.mark.parametrize("retries", [-1, 1])
def test_a_process_that_fails_before_its_retries_are_used_up_is_refused(forger: Forger, retries: int) -> None:
    forger.submit(P, retries=retries)
    forger.assign(P, "w1")
    forger.overrun(P, fails=True)
    forger.look()
    refuses(forger.events, P, "ended by nobody")


def test_a_process_that_nobody_submitted_is_refused(forger: Forger) -> None:
    refuses(without(ran(forger), 0, "submit"), P, "nobody submitted")


# — hands —


def test_a_process_in_two_hands_is_refused(forger: Forger) -> None:
    history = changed(ran(forger), -1, "assigned", attempt=1)
    refuses(history, P, "in two hands", "w1", "w2")


def test_an_attempt_that_is_given_twice_to_the_same_one_is_refused(forger: Forger) -> None:
    history = changed(ran(forger), -1, "assigned", attempt=1, executorid="w1", who="w1")
    refuses(history, P, "in two hands")


def test_a_subscriber_that_is_told_of_another_holder_is_a_second_hand(forger: Forger) -> None:
    forger.listen("ears", State.RUNNING)
    refuses(changed(ran(forger), -1, "heard", executorid="w9"), P, "attempt 2 is w9's", "w2's")


def test_a_history_of_attempts_that_tells_of_another_holder_is_refused(forger: Forger) -> None:
    ran(forger)
    last = forger.processes[P].tries[-1]
    forger.processes[P].tries[-1] = msgspec.structs.replace(last, executorid="w9")
    forger.look()
    refuses(forger.events, P, "attempt 2 is w9's")


def test_attempts_that_fall_are_refused(forger: Forger) -> None:
    history = changed(ran(forger), 0, "assigned", attempt=7)
    refuses(history, P, "attempts fall")


@pytest.mark.parametrize("numbers", [(1, 3), (2, 2), (0, 2)])
def test_attempts_that_are_not_counted_in_ones_are_refused(forger: Forger, numbers: tuple[int, int]) -> None:
    ran(forger)
    made = forger.processes[P]
    made.tries = [msgspec.structs.replace(one, attempt=number) for one, number in zip(made.tries, numbers, strict=True)]
    forger.look()
    refuses(forger.events, P, "its attempts are")


def test_an_attempt_that_is_left_open_is_refused(forger: Forger) -> None:
    ran(forger)
    made = forger.processes[P]
    made.tries[0] = msgspec.structs.replace(made.tries[0], ended="")
    forger.look()
    refuses(forger.events, P, "was not the last")


# — closes —


def test_a_close_by_somebody_who_was_never_given_it_is_refused(forger: Forger) -> None:
    refuses(changed(ran(forger), -1, "closed", executorid="w3"), P, "never given")


def test_a_close_that_is_acknowledged_and_not_done_is_refused(forger: Forger) -> None:
    refuses(changed(ran(forger), -1, "closed", state=int(State.RUNNING)), P, "it is not over")


@pytest.mark.parametrize("error", ["deadline_passed", "not_assigned_to_you", "wrong_state"])
def test_a_refused_close_that_changed_something_is_refused(forger: Forger, error: str) -> None:
    history = ran(forger)
    ask = next(event for event in reversed(history) if event.what == "close").ask
    refuses(changed(history, -1, "closed", what="refused", error=error, processid="", ask=ask), P, "was refused", error)


def test_an_unavailable_close_may_have_changed_something(forger: Forger) -> None:
    assert violations(changed(ran(forger), -1, "closed", what="refused", error="unavailable", processid="")) == []


# — refusals —


@pytest.mark.parametrize(
    ("asked", "error", "is_explained"),
    [
        ("submit", "unavailable", True),
        ("submit", "internal", False),
        ("submit", "exists", False),
        ("assign", "nothing_to_assign", True),
        ("assign", "not_approved", False),
        ("close", "not_found", False),
        ("cancel", "wrong_state", True),
        ("cancel", "not_found", False),
        ("watch", "not_found", False),
    ],
)
def test_only_what_can_be_explained_may_be_refused(forger: Forger, asked: What, error: str, is_explained: bool) -> None:
    ran(forger)
    ask = forger.asks("w1", asked, processid="" if asked == "assign" else P)
    forger.note("w1", "refused", ask=ask, error=error)
    assert [sentence for sentence in violations(forger.events) if "was refused" in sentence] == (
        []
        if is_explained
        else [
            f"{'no process' if asked == 'assign' else f'process {P}'}: {asked} by w1 at "
            f"{forger.events[-2].at:.3f} was refused with {error} at {forger.events[-1].at:.3f}"
        ]
    )


# — pushes —


def test_an_event_that_is_pushed_twice_is_refused(forger: Forger) -> None:
    history = ran(forger)
    heard = next(event for event in history if event.what == "heard")
    refuses([*history, msgspec.structs.replace(heard, at=heard.at + 1)], P, "twice")


def test_the_same_event_on_the_next_connection_is_no_second_one(forger: Forger) -> None:
    history = ran(forger)
    heard = next(event for event in history if event.what == "heard")
    assert violations([*history, msgspec.structs.replace(heard, at=heard.at + 1, ask=99)]) == []


def test_a_subscriber_that_is_told_nothing_is_silent(forger: Forger) -> None:
    forger.listen("ears")
    forger.submit(P, silently=True)
    forger.wait(LONG)
    refuses(forger.finish(), P, "ears listened", "waiting")


def test_a_subscriber_that_is_told_too_late_is_silent(forger: Forger) -> None:
    forger.listen("ears")
    forger.submit(P, silently=True)
    forger.wait(LONG)
    forger._push(forger.processes[P], "submitted")
    refuses(forger.finish(), P, "ears listened")


def test_a_subscriber_that_hears_no_end_is_silent(forger: Forger) -> None:
    forger.listen("ears", State.SUCCESSFUL)
    history = [event for event in ran(forger) if event.what != "heard" or event.state != State.SUCCESSFUL]
    forger.wait(LONG)
    forger.note("ears", "deaf", ask=1)
    refuses([*history, forger.events[-1]], P, "successful")


def test_one_that_was_told_only_to_look_is_not_silent(forger: Forger) -> None:
    ask = forger.listen("ears")
    forger.submit(P, silently=True)
    forger.note("ears", "heard", ask=ask, event="backlog", **forger.submit("process2").facts())
    forger.wait(LONG)
    assert violations(forger.finish()) == []


def test_one_that_lost_its_connection_is_not_silent(forger: Forger) -> None:
    ask = forger.listen("ears")
    forger.submit(P, silently=True)
    forger.lose(ask)
    forger.wait(LONG)
    assert violations(forger.finish()) == []


@pytest.mark.parametrize(("gone", "is_silent"), [("crew1", False), ("crew2", True), ("crew", True)])
def test_one_that_was_killed_is_not_silent(forger: Forger, gone: str, is_silent: bool) -> None:
    forger.listen("crew1:ears")
    forger.submit(P, silently=True)
    forger.note(gone, "gone")
    forger.wait(LONG)
    assert bool(violations(forger.finish())) is is_silent


def test_one_that_lost_its_connection_late_is_silent(forger: Forger) -> None:
    ask = forger.listen("ears")
    forger.submit(P, silently=True)
    forger.wait(LONG)
    forger.lose(ask)
    refuses(forger.finish(), P, "ears listened")


@pytest.mark.parametrize(("broken", "is_silent"), [("", False), ("b1", False), ("b2", True)])
def test_only_what_concerns_it_excuses_silence(forger: Forger, broken: str, is_silent: bool) -> None:
    forger.listen("ears", broker="b1")
    forger.note("cut", "fault", broker=broken)
    forger.submit(P, silently=True)
    forger.wait(LONG)
    forger.note("cut", "healed")
    forger.wait(SILENT_SECONDS / 2)
    assert bool(violations(forger.finish())) is is_silent


def test_after_a_fault_it_must_be_told_in_time(forger: Forger) -> None:
    forger.listen("ears", broker="b1")
    forger.note("primary", "fault")
    forger.submit(P, silently=True)
    forger.note("primary", "healed")
    forger.wait(LONG)
    refuses(forger.finish(), P, "ears listened")


def in_line_while_it_waits(forger: Forger, *, named: str = "", connected: bool = True) -> list[Event]:
    if connected:
        forger.listen("w2", 9)
    ask = forger.asks("w2", "assign", executorid="w2")
    forger.submit(P, named=named)
    forger.wait(LONG)
    forger.note("w2", "refused", ask=ask, error="nothing_to_assign")
    return forger.finish()


def test_whoever_stands_in_line_while_something_waits_is_silent(forger: Forger) -> None:
    refuses(in_line_while_it_waits(forger), P, "w2 stood in line")


def test_whoever_stands_in_line_for_what_is_for_another_is_not_silent(forger: Forger) -> None:
    assert violations(in_line_while_it_waits(forger, named="w1")) == []


def test_whoever_asks_without_a_connection_is_not_silent(forger: Forger) -> None:
    assert violations(in_line_while_it_waits(forger, connected=False)) == []


def test_what_went_back_and_waits_makes_a_line_silent_too(forger: Forger) -> None:
    forger.submit(P)
    forger.assign(P, "w1")
    forger.listen("w2", 9)
    ask = forger.asks("w2", "assign", executorid="w2")
    forger.overrun(P)
    forger.wait(LONG)
    forger.note("w2", "refused", ask=ask, error="nothing_to_assign")
    refuses(forger.finish(), P, "w2 stood in line")


def test_the_longest_calm() -> None:
    span = Span(10, 20)
    assert longest_calm(span, []) == 10
    assert longest_calm(span, [Span(0, 11), Span(19, 30)]) == 8
    assert longest_calm(span, [Span(13, 14), Span(12, 17)]) == 3
    assert longest_calm(span, [Span(0, 30)]) == 0
    assert longest_calm(span, [Span(0, 9), Span(21, 22)]) == 10
