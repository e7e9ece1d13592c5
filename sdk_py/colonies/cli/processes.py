"""One process, shown whole to people."""

from __future__ import annotations

from colonies.wire.model import Process, State

from .failure import Failure
from .show import Show, duration, lines, moment, plain, state_text


def show_process(show: Show, process: Process) -> None:
    spec, conditions = process.spec, process.spec.conditions
    fields = {
        "processid": process.processid,
        "state": state_text(process.state),
        "function": spec.func,
        "args": spec.args,
        "kwargs": spec.kwargs or "",
        "type": conditions.executortype,
        "executors": conditions.executorids,
        "label": spec.label,
        "latestkey": spec.latestkey,
        "priority": spec.priority,
        "submitted": moment(process.submissiontime),
        "started": moment(process.starttime),
        "ended": moment(process.endtime),
        "waits until": moment(process.waitdeadline) if process.state == State.WAITING else "",
        "runs until": moment(process.execdeadline) if process.state == State.RUNNING else "",
        "executor": process.assigneeid,
        "attempt": process.attempt,
        "retries": f"{process.retries} of {spec.maxretries}" if spec.maxretries or process.retries else "",
        "retry of": process.retryof,
        "out": lines(process.out[0]) if len(process.out) == 1 and isinstance(process.out[0], str) else process.out,
        "errors": lines("\n".join(process.errors)) if process.errors else "",
    }
    for attribute in process.attributes:
        fields[f"{attribute.kind} {plain(attribute.key)}"] = plain(attribute.value)
    for attempt in process.history:
        took = f", {duration(attempt.end - attempt.start)}" if attempt.end else ""
        how = attempt.ended or "running"
        fields[f"attempt {attempt.attempt}"] = f"{how} on {attempt.executorid} at {moment(attempt.start)}{took}"
    show.fields(process, fields)


def fail_unless_successful(process: Process) -> None:
    """Exit code 1 when what was waited for did not succeed. The process has been shown already."""
    if process.state in (State.FAILED, State.CANCELLED):
        raise Failure()
