"""Decides from a history whether the brokers kept what they promise. Pure: events go in, sentences come out.

What was asked and never answered may or may not have happened, and so may what was answered with `unavailable`. Nothing
else is excused. `silence.py` decides whether somebody was told nothing for too long.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import cached_property

from colonies.wire.model import State

from .history import Event
from .silence import silences

CLOSED = (State.SUCCESSFUL, State.FAILED)
# These say that nothing was changed. All other refusals leave it open.
CERTAIN = ("deadline_passed", "not_assigned_to_you", "wrong_state", "not_found")
# What may be answered by whoever cannot do it now; and what each request may be answered besides.
PASSING = ("unavailable", "draining", "overloaded", "subscription_ended")
EXPLAINED = {
    "assign": ("nothing_to_assign",),
    "close": ("deadline_passed", "not_assigned_to_you", "wrong_state"),
    "cancel": ("wrong_state",),
}
ASKS = ("submit", "assign", "close", "cancel", "watch", "look")
TELLS = ("submitted", "assigned", "closed", "cancelled", "heard", "seen")


def violations(history: Sequence[Event]) -> list[str]:
    """Everything in it that must not be, as sentences that name the process and the events; empty when all is well."""
    stories = _by_process(history)  # what is lost or done twice comes before what was only said wrongly
    found = [*looks_are_complete(history), *refusals_are_explained(history)]
    for rule in RULES:
        for story in stories.values():
            found += rule(story)
    return [*found, *told_at_most_once(history), *silences(history)]


class Story:
    """The events of one process, and those that they answer."""

    def __init__(self, processid: str, events: Sequence[Event], asks: Mapping[tuple[str, int], Event]) -> None:
        self.processid = processid
        self.events = events
        self._asks = asks

    def of(self, *whats: str) -> list[Event]:
        return [event for event in self.events if event.what in whats]

    def ask_of(self, event: Event) -> Event | None:
        """The request that it answers; None for what came without being asked for."""
        return self._asks.get((event.who, event.ask)) if event.what != "heard" else None

    @cached_property
    def ends(self) -> list[Event]:
        """Where somebody was told that it is over, by their time."""
        return [event for event in self.of(*TELLS) if event.state >= State.SUCCESSFUL]

    def says(self, what: str) -> str:
        return f"process {self.processid}: {what}"


def _by_process(history: Iterable[Event]) -> dict[str, Story]:
    events: dict[str, list[Event]] = defaultdict(list)
    asks: dict[tuple[str, int], Event] = {}
    for event in history:
        if event.processid:
            events[event.processid].append(event)
        if event.what in ASKS:
            asks[event.who, event.ask] = event
    # A refusal says nothing of the process; what was asked does.
    for event in history:
        ask = asks.get((event.who, event.ask))
        if event.what == "refused" and ask and ask.processid:
            events[ask.processid].append(event)
    return {processid: Story(processid, of_it, asks) for processid, of_it in events.items()}


def in_words(event: Event) -> str:
    """`closed successful in attempt 2 with w1-7, told to w1 at 12.345`."""
    state = State(event.state).name.lower()
    out = f" with {event.out}" if event.out else ""
    return f"{event.what} {state} in attempt {event.attempt}{out}, told to {event.who} at {event.at:.3f}"


# — one rule each —


def looks_are_complete(history: Sequence[Event]) -> Iterator[str]:
    """Whatever was acknowledged before a look was asked for is found by it; and there is a look at the end."""
    acknowledged = {event.processid: event for event in reversed(history) if event.what == "submitted"}
    looks = {(event.who, event.ask): event for event in history if event.what == "look"}
    done = [looks[event.who, event.ask] for event in history if event.what == "looked"]
    seen: dict[tuple[str, int], set[str]] = defaultdict(set)
    for event in history:
        if event.what == "seen":
            seen[event.who, event.ask].add(event.processid)
    for look in done:
        for processid, told in acknowledged.items():
            if told.at < look.at and processid not in seen[look.who, look.ask]:
                yield f"process {processid}: lost: {in_words(told)}, and not found by the look at {look.at:.3f}"
    if acknowledged and (not done or done[-1].at < max(event.at for event in acknowledged.values())):
        yield "nobody looked at everything after the last submit, so nothing is known of how it ended"


def refusals_are_explained(history: Iterable[Event]) -> Iterator[str]:
    """Nobody is refused with what only a bug, or something lost, explains."""
    asks = {(event.who, event.ask): event for event in history if event.what in ASKS}
    for event in history:
        ask = asks.get((event.who, event.ask))
        if event.what == "refused" and ask and event.error not in (*PASSING, *EXPLAINED.get(ask.what, ())):
            about = f"process {ask.processid}" if ask.processid else "no process"
            yield f"{about}: {ask.what} by {ask.who} at {ask.at:.3f} was refused with {event.error} at {event.at:.3f}"


def told_at_most_once(history: Iterable[Event]) -> Iterator[str]:
    """What is pushed to a subscription is pushed once, but for `backlog`, which only says that something waits."""
    told: dict[tuple[str, int, str, int, str], Event] = {}
    for event in history:
        if event.what != "heard" or event.event == "backlog":
            continue
        first = told.setdefault((event.who, event.ask, event.processid, event.attempt, event.event), event)
        if first is not event:
            yield f"process {event.processid}: twice {in_words(event)}, before at {first.at:.3f}"


def ends_once(story: Story) -> Iterator[str]:
    """One final state, that never changes, is told to everybody alike and is there at the last look."""
    for event in story.ends[1:]:
        first = story.ends[0]
        if (event.state, event.attempt, event.out) != (first.state, first.attempt, first.out):
            yield story.says(f"two ends: {in_words(first)}, and {in_words(event)}")
            break
    looks = story.of("seen")
    if story.of("submitted") and looks and looks[-1].state < State.SUCCESSFUL:
        yield story.says(f"acknowledged and never ended: {in_words(looks[-1])}")


def does_not_go_on(story: Story) -> Iterator[str]:
    """After its end nobody is told anything else, and no attempt comes after the last."""
    if not story.ends:
        return
    end = story.ends[0]
    for event in story.of(*TELLS):
        ask = story.ask_of(event)
        if event.attempt > end.attempt:
            yield story.says(f"went on after its end: {in_words(event)}, although {in_words(end)}")
        elif event.state < State.SUCCESSFUL and ask and ask.at > end.at:
            yield story.says(f"came back: {in_words(event)}, asked at {ask.at:.3f}, although {in_words(end)}")


def is_in_one_hand(story: Story) -> Iterator[str]:
    """Nobody is told twice of the same attempt that it is theirs, and all agree whose it was."""
    handed: dict[int, Event] = {}
    holders: dict[int, str] = {}
    for event in story.of("assigned"):
        first = handed.setdefault(event.attempt, event)
        if first is not event:
            yield story.says(f"in two hands: {in_words(first)}, and {in_words(event)}")
    for attempt, executorid, how in _holders(story):
        if holders.setdefault(attempt, executorid) != executorid:
            yield story.says(f"attempt {attempt} is {executorid}'s ({how}) and {holders[attempt]}'s")


def _holders(story: Story) -> Iterator[tuple[int, str, str]]:
    for event in story.of(*TELLS):
        if event.state in (State.RUNNING, *CLOSED) and event.executorid:
            yield event.attempt, event.executorid, in_words(event)
        for one in event.tries:
            yield one.attempt, one.executorid, f"seen at {event.at:.3f}"


def attempts_rise(story: Story) -> Iterator[str]:
    """An assign that was asked for after another one was answered is of a later attempt; and they are counted in ones."""
    assigned = story.of("assigned")
    for before in assigned:
        for event in assigned:
            ask = story.ask_of(event)
            if ask and ask.at > before.at and event.attempt <= before.attempt:
                yield story.says(f"attempts fall: {in_words(before)}, then {in_words(event)}")
    for look in story.of("seen"):
        numbers = [one.attempt for one in look.tries]
        if numbers != list(range(look.attempt - len(numbers) + 1, look.attempt + 1)):
            yield story.says(f"its attempts are {numbers}: {in_words(look)}")
        for one in look.tries[:-1]:
            if one.ended not in ("overrun", "handed_back", "removed"):
                yield story.says(f"attempt {one.attempt} ended as {one.ended!r} and was not the last: {in_words(look)}")


def closes_hold(story: Story) -> Iterator[str]:
    """Who closed it held it, an acknowledged close is what it is at the end, and a refused one changed nothing."""
    held = {(event.executorid, event.attempt) for event in story.of("assigned")}
    for event in story.of("closed"):
        if (event.executorid, event.attempt) not in held:
            yield story.says(f"closed by somebody who was never given it: {in_words(event)}")
        if event.state not in CLOSED:
            yield story.says(f"a close was acknowledged, and it is not over: {in_words(event)}")
    for refusal in story.of("refused"):
        ask = story.ask_of(refusal)
        if ask and ask.what == "close" and refusal.error in CERTAIN:
            for end in story.ends:
                if (end.attempt, end.out) == (ask.attempt, ask.out):
                    yield story.says(
                        f"a close was refused ({refusal.error}, at {refusal.at:.3f}) and done: {in_words(end)}"
                    )
                    break


def ended_by_somebody(story: Story) -> Iterator[str]:
    """Nothing is submitted, closed or cancelled that nobody asked for; and limits end what has used them up, not before."""
    if not story.of("submit"):
        yield story.says("nobody submitted it")
    for end in story.ends[:1]:
        if end.state == State.CANCELLED:
            asked = bool(story.of("cancel"))
        else:
            closes = {(ask.executorid, ask.attempt, ask.out, ask.state) for ask in story.of("close")}
            asked = (end.executorid, end.attempt, end.out, end.state) in closes or _has_used_up(story)
        if not asked:
            yield story.says(f"ended by nobody: {in_words(end)}")


def _has_used_up(story: Story) -> bool:
    """Whether it was failed by its maxexectime."""
    retries = min((event.retries for event in story.of("submit")), default=-1)
    looks = story.of("seen")
    overruns = sum(one.ended == "overrun" for one in looks[-1].tries) if looks else 0
    return retries >= 0 and overruns == retries + 1 and looks[-1].state == State.FAILED


RULES = (
    ends_once,
    does_not_go_on,
    is_in_one_hand,
    attempts_rise,
    closes_hold,
    ended_by_somebody,
)
