"""Any good history is accepted, and any harm that is done to it is seen."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import msgspec
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from colonies.wire.model import State

from .checker import violations
from .forged import Forger
from .history import Event
from .silence import SILENT_SECONDS

LONG = SILENT_SECONDS + 1
WORKERS = ("w1", "w2", "w3")


@st.composite
def good_histories(draw: st.DrawFn) -> list[Event]:
    """Steps at random, each allowed where it is made; then everything is finished."""
    forger = Forger()
    subscriptions = [forger.listen("ears", draw(st.sampled_from([0, 1, 2, 3])))]
    ids = [f"process{number}" for number in range(draw(st.integers(1, 5)))]
    for processid in ids:
        forger.submit(processid, named=draw(st.sampled_from(["", *WORKERS])))
    for step in range(draw(st.integers(0, 25))):
        made = forger.processes[draw(st.sampled_from(ids))]
        worker = made.named or draw(st.sampled_from(WORKERS))
        choice = draw(st.integers(0, 7))
        if made.state == State.WAITING and choice < 6:
            (forger.assign if choice else forger.claim_for_nobody)(made.processid, worker)
        elif made.state == State.RUNNING and choice < 3:
            forger.overrun(made.processid)
        elif made.state == State.RUNNING and choice < 6:
            told = any(
                e.what == "assigned" and e.attempt == made.attempt and e.processid == made.processid
                for e in forger.events
            )
            if told:
                state = draw(st.sampled_from([State.SUCCESSFUL, State.FAILED]))
                forger.close(made.processid, state=state, answered=bool(choice % 2))
        elif choice == 6 and not State(made.state).is_final:
            forger.cancel(made.processid)
        elif choice == 7:
            forger.look()
        if draw(st.booleans()) and made.tries:
            forger.close_late(made.processid, "w9", max(0, made.attempt - 1))
        if step % 10 == 9:
            forger.lose(subscriptions.pop())
            subscriptions.append(forger.listen("ears", draw(st.sampled_from([0, 1, 2, 3]))))
    for made in list(forger.processes.values()):
        if made.state == State.RUNNING:
            forger.overrun(made.processid)
    return forger.finish()


@given(good_histories())
def test_any_good_history_is_accepted(history: list[Event]) -> None:
    assert violations(history) == []


Harm = Callable[[list[Event], int], list[Event] | None]


def _one_of(history: Sequence[Event], number: int, *whats: str) -> Event | None:
    found = [event for event in history if event.what in whats]
    return found[number % len(found)] if found else None


def _after(history: Sequence[Event], event: Event) -> list[Event]:
    """The history and one more event, a moment after its last."""
    return [*history, msgspec.structs.replace(event, at=history[-1].at + 1)]


def drop_a_process_from_the_last_look(history: list[Event], number: int) -> list[Event] | None:
    last = history[-1]
    seen = [event for event in history if event.what == "seen" and event.ask == last.ask]
    gone = seen[number % len(seen)]
    return [event for event in history if event is not gone]


def drop_an_end(history: list[Event], number: int) -> list[Event] | None:
    """The last look finds it as it was before it was closed."""
    seen = [event for event in history if event.what == "seen" and event.ask == history[-1].ask]
    ended = seen[number % len(seen)]
    as_it_ran = msgspec.structs.replace(ended, state=int(State.RUNNING), out="")
    return [as_it_ran if event is ended else event for event in history]


def give_an_attempt_to_two(history: list[Event], number: int) -> list[Event] | None:
    given_out = _one_of(history, number, "assigned")
    return _after(history, msgspec.structs.replace(given_out, who="w8", executorid="w8", ask=0)) if given_out else None


def give_an_attempt_twice(history: list[Event], number: int) -> list[Event] | None:
    given_out = _one_of(history, number, "assigned")
    return _after(history, given_out) if given_out else None


def swap_the_executor(history: list[Event], number: int) -> list[Event] | None:
    given_out = _one_of(history, number, "assigned")
    swapped = given_out and msgspec.structs.replace(given_out, executorid="w7")
    return [swapped if event is given_out else event for event in history] if swapped else None


def end_it_another_way(history: list[Event], number: int) -> list[Event] | None:
    ended = _one_of(history, number, "closed")
    other = ended and msgspec.structs.replace(ended, state=5 - ended.state, ask=0, who="w1")
    return _after(history, other) if other else None


def end_it_with_something_else(history: list[Event], number: int) -> list[Event] | None:
    ended = _one_of(history, number, "closed")
    return _after(history, msgspec.structs.replace(ended, out="else", ask=0)) if ended else None


def change_it_after_its_end(history: list[Event], number: int) -> list[Event] | None:
    seen = [event for event in history if event.what == "seen" and event.ask == history[-1].ask]
    ended = seen[number % len(seen)]
    return _after(
        history, msgspec.structs.replace(ended, attempt=ended.attempt + 1, ask=0, who="ears", what="assigned")
    )


def do_a_refused_close(history: list[Event], number: int) -> list[Event] | None:
    closed = _one_of(history, number, "closed")
    refused = closed and Event(at=closed.at, who=closed.who, what="refused", ask=closed.ask, error="deadline_passed")
    return [refused if event is closed else event for event in history] if refused else None


def forget_who_submitted(history: list[Event], number: int) -> list[Event] | None:
    submit = _one_of(history, number, "submit")
    return [event for event in history if event is not submit]


def push_twice(history: list[Event], number: int) -> list[Event] | None:
    heard = _one_of(history, number, "heard")
    return _after(history, heard) if heard else None


def be_silent(history: list[Event], number: int) -> list[Event] | None:
    """An event that was due does not come, and the connection stands for long after."""
    heard = _one_of([event for event in history if event.event in ("submitted", "assigned")], number, "heard")
    if not heard or any(event.what == "deaf" and event.ask == heard.ask for event in history):
        return None
    told = [e for e in history if (e.processid, e.attempt) == (heard.processid, heard.attempt)]
    if not any(event.what == ("submitted" if not heard.attempt else "assigned") for event in told):
        return None
    gone = [event for event in history if event is not heard]
    return [*gone, Event(at=history[-1].at + LONG, who="ears", what="deaf", ask=heard.ask)]


def skip_an_attempt(history: list[Event], number: int) -> list[Event] | None:
    seen = [event for event in history if event.what == "seen" and event.ask == history[-1].ask and event.tries]
    if not seen:
        return None
    it = seen[number % len(seen)]
    skipped = msgspec.structs.replace(it, tries=(msgspec.structs.replace(it.tries[0], attempt=99), *it.tries[1:]))
    return [skipped if event is it else event for event in history]


HARMS: tuple[Harm, ...] = (
    drop_a_process_from_the_last_look,
    drop_an_end,
    give_an_attempt_to_two,
    give_an_attempt_twice,
    swap_the_executor,
    end_it_another_way,
    end_it_with_something_else,
    change_it_after_its_end,
    do_a_refused_close,
    forget_who_submitted,
    push_twice,
    be_silent,
    skip_an_attempt,
)


@pytest.mark.parametrize("harm", HARMS, ids=lambda harm: harm.__name__)
@given(history=good_histories(), number=st.integers(0, 1000))
def test_any_harm_to_a_good_history_is_seen(harm: Harm, history: list[Event], number: int) -> None:
    harmed = harm(history, number)
    assume(harmed)
    assert harmed
    assert violations(harmed), harm.__name__
