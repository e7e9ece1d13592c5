"""What one process becomes by one move, and why a move is refused.

Pure: a process as it is goes in, the process as it will be comes out, or the refusal is
raised. Both stores write exactly what is returned here, on the condition that the process
is still what went in; so the rules of `semantics.md` stand in one place.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from struct import Struct
from typing import Any

from msgspec.structs import replace

from colonies.wire import errors
from colonies.wire.frames import pack
from colonies.wire.model import (
    KEPT_ATTEMPTS,
    MAX_ATTRIBUTE_BYTES,
    MAX_ATTRIBUTES,
    Attempt,
    Attribute,
    Process,
    ProcessSpec,
    State,
)
from colonies.wire.validation import encode

_FLOAT = Struct("d")


def deadline(now: int, seconds: float) -> int:
    """When a limit of that many seconds ends (ms); 0 where there is no limit. Never earlier than the limit says."""
    return now + max(1, round(seconds * 1000)) if seconds > 0 else 0


def due(process: Process) -> int:
    """When the broker has to act on it by itself (ms), 0: never."""
    match process.state:
        case State.WAITING:
            return process.waitdeadline
        case State.RUNNING:
            return process.execdeadline
    return 0


# — moves —


def claimed(process: Process, *, executorid: str, now: int, claimid: str = "") -> Process:
    """waiting → running: assignee, attempt and deadline, together. claimid: what the executor calls its assign."""
    attempt = process.attempt + 1
    history = [*process.history, Attempt(attempt=attempt, executorid=executorid, start=now, claimid=claimid)]
    return replace(
        process,
        state=State.RUNNING,
        assigneeid=executorid,
        attempt=attempt,
        starttime=now,
        execdeadline=deadline(now, process.spec.maxexectime),
        history=history[-KEPT_ATTEMPTS:],
    )


def closed(
    process: Process,
    *,
    executorid: str,
    attempt: int | None,
    successful: bool,
    out: list[Any],
    errors_: list[str],
    attributes: Sequence[Attribute],
    now: int,
) -> Process:
    """running → successful or failed. Closing again the same way in the same attempt gives `process` itself."""
    state = State.SUCCESSFUL if successful else State.FAILED
    if process.state == state and was_closed_by(process, executorid, attempt):
        return process
    refuse_unless_held(process, executorid=executorid, attempt=attempt, now=now)
    closing = replace(process, out=out, errors=errors_, attributes=merged(process.attributes, attributes))
    return _ended(closing, state, now=now, how="successful" if successful else "failed")


def overrun(process: Process, *, attempt: int, now: int) -> Process:
    """running → back to the queue, or failed once the retries are used up. Gives `process` itself when it is not so."""
    if process.state != State.RUNNING or process.attempt != attempt or not 0 < process.execdeadline <= now:
        return process
    spec = process.spec
    if spec.maxretries != -1 and process.retries >= spec.maxretries:
        retries = f"{process.retries} {'retry' if process.retries == 1 else 'retries'} used up"
        error = f"maxexectime {seconds_text(spec.maxexectime)} s exceeded, {retries}"
        return _ended(replace(process, errors=[error]), State.FAILED, now=now, how="overrun")
    return _requeued(replace(process, retries=process.retries + 1), now=now, how="overrun")


def wait_ended(process: Process, *, now: int) -> Process:
    """waiting → failed. Gives `process` itself when it is not so."""
    if process.state != State.WAITING or not 0 < process.waitdeadline <= now:
        return process
    error = f"maxwaittime {seconds_text(process.spec.maxwaittime)} s exceeded"
    return _ended(replace(process, errors=[error]), State.FAILED, now=now)


def handed_back(process: Process, *, executorid: str, attempt: int | None, now: int, how: str) -> Process:
    """running → back to the queue, without using up a retry. Gives `process` itself when it is not so."""
    held = process.state == State.RUNNING and process.assigneeid == executorid
    if not held or (attempt is not None and process.attempt != attempt):
        return process
    return _requeued(process, now=now, how=how)


def cancelled(process: Process, *, now: int) -> Process:
    """waiting or running → cancelled. Cancelling again what was cancelled gives `process` itself."""
    if process.state == State.CANCELLED:
        return process
    if process.state.is_final:
        raise wrong_state(process, "cancelled")
    return _ended(process, State.CANCELLED, now=now, how="cancelled")


def superseded(process: Process, *, by: str, now: int) -> Process:
    """waiting → cancelled, since a newer process with the same latestkey was submitted."""
    return _ended(replace(process, errors=[f"superseded by {by}"]), State.CANCELLED, now=now)


def with_attribute(process: Process, attribute: Attribute, *, executorid: str, now: int) -> Process:
    refuse_unless_held(process, executorid=executorid, attempt=None, now=now)
    return replace(process, attributes=merged(process.attributes, [attribute]))


def _requeued(process: Process, *, now: int, how: str) -> Process:
    return replace(
        _attempt_ended(process, now, how),
        state=State.WAITING,
        assigneeid="",
        starttime=0,
        execdeadline=0,
        waitdeadline=deadline(now, process.spec.maxwaittime),
    )


def _ended(process: Process, state: State, *, now: int, how: str = "") -> Process:
    if process.state == State.RUNNING:
        process = _attempt_ended(process, now, how)
    return replace(process, state=state, endtime=now)


def _attempt_ended(process: Process, now: int, how: str) -> Process:
    *earlier, last = process.history
    return replace(process, history=[*earlier, replace(last, end=now, ended=how)])


# — refusals: which and when —


def was_closed_by(process: Process, executorid: str, attempt: int | None) -> bool:
    """Whether this executor ended it itself, in this attempt (None: whichever)."""
    if process.assigneeid != executorid or attempt not in (None, process.attempt) or not process.history:
        return False
    return process.history[-1].ended in ("successful", "failed")


def refuse_unless_held(process: Process, *, executorid: str, attempt: int | None, now: int) -> None:
    """Raise unless it runs on this executor, in this attempt (None: whichever), with time left."""
    name = f"process {process.processid}"
    if process.state.is_final:
        # An overrun that ended it is the executor's own lateness, and is said as that.
        late = process.assigneeid == executorid and 0 < process.execdeadline <= process.endtime
        raise _late(process, now) if late and process.state == State.FAILED else wrong_state(process, "closed")
    if process.state == State.WAITING:
        last = process.history[-1] if process.history else None
        when = f"; attempt {last.attempt} ended at {clock_text(last.end)} ({last.ended})" if last else ""
        raise errors.NotAssignedToYou(
            f"{name} is waiting, nobody holds it{when}; assign it again to go on", attempt=process.attempt
        )
    if process.assigneeid != executorid or attempt not in (None, process.attempt):
        raise errors.NotAssignedToYou(
            f"{name} runs in attempt {process.attempt} on executor {process.assigneeid[:8]}… "
            f"since {clock_text(process.starttime)}, not in yours; leave it",
            attempt=process.attempt,
        )
    if 0 < process.execdeadline <= now:
        raise _late(process, now)


def _late(process: Process, now: int) -> errors.DeadlinePassed:
    return errors.DeadlinePassed(
        f"process {process.processid} had {seconds_text(process.spec.maxexectime)} s, "
        f"until {clock_text(process.execdeadline)}; that was {now - process.execdeadline} ms ago. Nothing was changed",
        deadline=process.execdeadline,
    )


def wrong_state(process: Process, wanted: str) -> errors.WrongState:
    """The refusal of a move that the process's state does not allow."""
    since = process.endtime or process.starttime or process.submissiontime
    state = process.state.name.lower()
    why = f" ({process.errors[0][:200]})" if process.errors else ""
    return errors.WrongState(
        f"process {process.processid} is {state} since {clock_text(since)}{why} and cannot be {wanted}",
        state=int(process.state),
        since=since,
    )


def is_removable(process: Process, *, by: int | None) -> bool:
    """Whether it is final, and ended by that time (ms; None: whenever)."""
    return process.state.is_final and (by is None or process.endtime <= by)


def not_found(processid: str) -> errors.NotFound:
    return errors.NotFound(f"there is no process {processid} in your colony")


def is_same_submission(stored: Process, again: Process) -> bool:
    """Whether a submit with a processid that is taken is the repeat of the submit that took it."""
    if (stored.colonyid, stored.submitterid) != (again.colonyid, again.submitterid):
        return False
    one, other = stored.spec, again.spec
    if replace(one, args=[], kwargs={}) != replace(other, args=[], kwargs={}):
        return False
    return _is_same([one.args, one.kwargs], [other.args, other.kwargs])


def _is_same(one: Any, other: Any) -> bool:
    """Whether two values are the same as they travel: there NaN is itself, and 1, 1.0 and true are three values."""
    if type(one) is not type(other):
        return False
    if isinstance(one, dict):
        return one.keys() == other.keys() and all(_is_same(value, other[key]) for key, value in one.items())
    if isinstance(one, list):
        return len(one) == len(other) and all(map(_is_same, one, other))
    return _FLOAT.pack(one) == _FLOAT.pack(other) if isinstance(one, float) else bool(one == other)


def exists(processid: str) -> errors.Exists:
    return errors.Exists(
        f"process {processid} was submitted before, with another spec or by somebody else; choose a new processid"
    )


# — attributes —


def env_attributes(spec: ProcessSpec) -> list[Attribute]:
    """Each pair of env becomes an attribute at submit. TooLarge when one is longer than an attribute may be."""
    if not spec.env:
        return []
    return merged([], [Attribute(key=key, value=value, kind="env") for key, value in spec.env.items()])


def merged(attributes: Sequence[Attribute], more: Sequence[Attribute]) -> list[Attribute]:
    """One value for a (key, kind): a second set replaces it. TooLarge when there are too many, or one is too long."""
    kept = {(attribute.key, attribute.kind): attribute for attribute in attributes}
    for attribute in more:
        size = len(pack(encode(attribute.value)))
        if size > MAX_ATTRIBUTE_BYTES:
            limit = f"an attribute holds at most {MAX_ATTRIBUTE_BYTES} bytes"
            raise errors.TooLarge(f"attribute {attribute.key!r} has {size} bytes; {limit}, put more into `out`")
        kept[attribute.key, attribute.kind] = attribute
    if len(kept) > MAX_ATTRIBUTES:
        raise errors.TooLarge(f"a process holds at most {MAX_ATTRIBUTES} attributes, this would make {len(kept)}")
    return list(kept.values())


# — words —


def seconds_text(seconds: float) -> str:
    """10.0 is said as 10, 0.25 as 0.25."""
    return str(int(seconds)) if float(seconds).is_integer() else repr(float(seconds))


def clock_text(milliseconds: int) -> str:
    return datetime.fromtimestamp(milliseconds / 1000, UTC).strftime("%H:%M:%S.%f")[:-3] + "Z"
