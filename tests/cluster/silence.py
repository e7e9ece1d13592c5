"""Whether somebody who was connected was told nothing for too long.

A subscriber has to be told of whatever enters its state while it listens. Whoever stands in line has to be given what
waits. Time in which the database, or the client's own broker, was broken on purpose does not count, nor does the
time in which the client was not connected.
"""

from __future__ import annotations

from bisect import bisect_left
from collections import defaultdict
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from colonies.wire.model import State

from .history import Event

# A lost event costs at most this much, which is the next look (semantics.md) ...
LOOK_SECONDS = 5.0
# ... and a machine that does other things as well takes a while.
SILENT_SECONDS = LOOK_SECONDS + 5.0

# Of those in line, shorter ones are not looked at: there are as many as there are assigns.
BRIEF_SECONDS = 1.0


class Span(NamedTuple):
    start: float
    end: float


class Change(NamedTuple):
    """An acknowledged change of a process: it entered this state between the two times."""

    processid: str
    state: int
    attempt: int
    executorid: str  # whom it names
    asked: float
    told: float


class Silence(NamedTuple):
    seconds: float  # how long, without the time in which something was broken
    words: str


def silences(history: Sequence[Event], *, seconds: float = SILENT_SECONDS) -> list[str]:
    """Those that lasted longer than this, in words."""
    return [silence.words for silence in all_silences(history) if silence.seconds > seconds]


def longest_silence(history: Sequence[Event]) -> float:
    return max((silence.seconds for silence in all_silences(history)), default=0.0)


def all_silences(history: Sequence[Event]) -> Iterator[Silence]:
    """However short: from each change until a subscriber was told of it, and while somebody in line was given nothing."""
    if history:
        yield from silent_subscribers(history)
        yield from silent_lines(history)


def longest_calm(span: Span, faults: Sequence[Span]) -> float:
    """The longest time of the span in which nothing was broken."""
    longest, since = 0.0, span.start
    for fault in sorted(faults):
        if fault.end > since and fault.start < span.end:
            longest = max(longest, fault.start - since)
            since = fault.end
    return max(longest, span.end - since)


def faults_for(history: Sequence[Event], broker: str) -> list[Span]:
    """When the database, or this broker, was broken; with no broker named it may have been any."""
    last = history[-1].at
    found: list[Span] = []
    open_since: dict[str, float] = {}
    for event in history:
        if event.what == "fault" and (not event.broker or not broker or event.broker == broker):
            open_since.setdefault(event.who, event.at)
        elif event.what == "healed" and event.who in open_since:
            found.append(Span(open_since.pop(event.who), event.at))
    return found + [Span(since, last) for since in open_since.values()]


def connected(history: Sequence[Event]) -> dict[tuple[str, int], tuple[Event, Span]]:
    """When each subscription stood."""
    last = history[-1].at
    found = {}
    for event in history:
        if event.what == "listening":
            found[event.who, event.ask] = (event, Span(event.at, last))
        elif event.what == "deaf" and (event.who, event.ask) in found:
            made, span = found[event.who, event.ask]
            found[event.who, event.ask] = (made, Span(span.start, event.at))
        elif event.what == "gone":
            for key, (made, span) in found.items():
                if made.who.startswith(f"{event.who}:") and span.end == last:
                    found[key] = (made, Span(span.start, event.at))
    return found


# — subscribers —


def silent_subscribers(history: Sequence[Event]) -> Iterator[Silence]:
    changes: dict[int, list[Change]] = defaultdict(list)
    for change in _changes(history):
        changes[change.state].append(change)
    heard = _heard(history)
    told_to_look = _backlogs(history)
    for made, span in connected(history).values():
        faults = faults_for(history, made.broker)
        of_state = changes[made.state]
        # They are in the order in which they were told, and what was asked for after the start was told after it.
        for change in of_state[bisect_left(of_state, span.start, key=lambda change: change.told) :]:
            if change.told > span.end:
                break
            if change.asked < span.start:
                continue
            if change.executorid and made.executorid and change.executorid != made.executorid:
                continue
            until = min(heard.get((made.who, change.processid, change.state, change.attempt), span.end), span.end)
            if until <= change.told:
                continue
            looks = [at for at in told_to_look[made.who] if change.asked <= at < until]
            silent = longest_calm(Span(change.told, min([until, *looks])), faults)
            yield Silence(silent, _not_told(made, span, change, until))


def _not_told(made: Event, span: Span, change: Change, until: float) -> str:
    return (
        f"process {change.processid}: {made.who} listened from {span.start:.3f} to {span.end:.3f} and was not told that "
        f"it became {State(change.state).name.lower()} in attempt {change.attempt}, which was acknowledged at "
        f"{change.told:.3f}, before {until:.3f}"
    )


def _changes(history: Sequence[Event]) -> Iterator[Change]:
    asks = {(event.who, event.ask): event for event in history if event.what in ("submit", "assign", "close", "cancel")}
    named = {event.processid: event.executorid for event in asks.values() if event.what == "submit"}
    entered = {"submitted": State.WAITING, "assigned": State.RUNNING, "closed": None, "cancelled": None}
    for event in history:
        ask = asks.get((event.who, event.ask))
        if event.what not in entered or ask is None or (event.what == "cancelled" and event.state != State.CANCELLED):
            continue
        state = entered[event.what]
        attempt = 0 if event.what == "submitted" else event.attempt
        became = event.state if state is None else int(state)
        yield Change(event.processid, became, attempt, named.get(event.processid, ""), ask.at, event.at)


def _heard(history: Sequence[Event]) -> dict[tuple[str, str, int, int], float]:
    """When each was first told of each process in each state and attempt."""
    heard: dict[tuple[str, str, int, int], float] = {}
    for event in history:
        if event.what == "heard":
            heard.setdefault((event.who, event.processid, event.state, event.attempt), event.at)
    return heard


def _backlogs(history: Sequence[Event]) -> dict[str, list[float]]:
    """When each was told that it should look itself."""
    found: dict[str, list[float]] = defaultdict(list)
    for event in history:
        if event.what == "heard" and event.event == "backlog":
            found[event.who].append(event.at)
    return found


# — workers —


def silent_lines(history: Sequence[Event]) -> Iterator[Silence]:
    every = [wait for wait in waits(history) if wait[2].end - wait[2].start > BRIEF_SECONDS]
    for executorid, who, broker, line in _in_line(history):
        if line.end - line.start <= BRIEF_SECONDS:
            continue
        faults = faults_for(history, broker)
        for processid, named, wait in every:
            both = Span(max(line.start, wait.start), min(line.end, wait.end))
            if named in ("", executorid) and both.end - both.start > BRIEF_SECONDS:
                words = f"process {processid}: waited from {both.start:.3f} to {both.end:.3f} while {who} stood in line"
                yield Silence(longest_calm(both, faults), f"{words} and was given nothing")


def waits(history: Sequence[Event]) -> Iterator[tuple[str, str, Span]]:
    """When each process waited, as its own attempts say at the last look, and whom it names."""
    clock = next((event for event in history if event.what == "clock"), None)
    if clock is None:
        return
    named = {event.processid: event.executorid for event in history if event.what == "submit"}
    last = {event.processid: event for event in history if event.what == "seen"}
    for event in last.values():
        ends = [one.end for one in event.tries]
        starts = [one.start for one in event.tries]
        if event.state == State.WAITING:
            starts.append(clock.wall + round((event.at - clock.at) * 1000))
        first = [] if event.attempt > len(event.tries) else [event.wall]  # only the last attempts are kept
        since = first + ends if first else ends
        until = starts if first else starts[1:]
        for start, end in zip(since, until, strict=False):
            at = [clock.at + (wall - clock.wall) / 1000 for wall in (start, end)]
            yield event.processid, named.get(event.processid, ""), Span(*at)


def _in_line(history: Sequence[Event]) -> Iterator[tuple[str, str, str, Span]]:
    """When each client was asking for a process and connected: executorid, client, broker, when."""
    answers = {(event.who, event.ask): event.at for event in history if event.what in ("assigned", "refused")}
    stood: dict[str, list[tuple[Event, Span]]] = defaultdict(list)
    for made, span in connected(history).values():
        stood[made.who].append((made, span))
    for event in history:
        if event.what != "assign":
            continue
        answered = answers.get((event.who, event.ask))
        if answered is None or answered - event.at <= BRIEF_SECONDS:
            continue
        for made, span in stood[event.who]:
            line = Span(max(event.at, span.start), min(answered, span.end))
            if line.start < line.end:
                yield event.executorid, event.who, made.broker, line
