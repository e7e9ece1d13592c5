"""What a change tells is enough to know the process as it was then, however far it has gone on since."""

from __future__ import annotations

from collections.abc import Callable

from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from broker.store import rules
from broker.store.mongo_told import as_it_was, change_of, told_of
from colonies.wire.model import Conditions, Process, ProcessSpec, State
from tests.support.builders import START, an_id

Step = Callable[[Process, int], Process]


def claimed(process: Process, now: int) -> Process:
    return rules.claimed(process, executorid=an_id(), now=now) if process.state == State.WAITING else process


def handed_back(process: Process, now: int) -> Process:
    return rules.handed_back(process, executorid=process.assigneeid, attempt=None, now=now, how="handed_back")


def overrun(process: Process, now: int) -> Process:
    return rules.overrun(process, attempt=process.attempt, now=process.execdeadline or now)


def closed(process: Process, now: int) -> Process:
    if process.state != State.RUNNING:
        return process
    return rules.closed(
        process,
        executorid=process.assigneeid,
        attempt=None,
        successful=False,
        out=["out"],
        errors_=["it broke"],
        attributes=[],
        now=process.starttime,
    )


def cancelled(process: Process, now: int) -> Process:
    return process if process.state.is_final else rules.cancelled(process, now=now)


# Most processes go to and fro a while before they end.
steps: st.SearchStrategy[list[Step]] = st.lists(
    st.sampled_from([claimed, claimed, handed_back, overrun, overrun, closed, cancelled]), max_size=30
)


@given(steps, st.sampled_from([0.0, 3.0]), st.sampled_from([0, 2, -1]))
def test_a_process_is_told_as_it_was(taken: list[Step], maxexectime: float, maxretries: int) -> None:
    spec = ProcessSpec(
        conditions=Conditions(executortype="cli"),
        func="f",
        maxwaittime=9,
        maxexectime=maxexectime,
        maxretries=maxretries,
    )
    process = Process(processid="p", colonyid="c", submitterid="s", spec=spec, submissiontime=START)
    was = [process]
    for number, step in enumerate(taken):
        after = step(was[-1], START + 1000 * number)
        if (after.state, after.attempt) != (was[-1].state, was[-1].attempt):
            was.append(after)
    kept = was[-1].history[0].attempt if was[-1].history else 0
    for then in was:
        told = as_it_was(was[-1], told_of(then, by="me"))
        # Of a long history the first lines are gone for good.
        assert told == replace(then, history=[line for line in then.history if line.attempt >= kept])


def test_what_is_told_says_whom_it_concerns() -> None:
    spec = ProcessSpec(conditions=Conditions(executortype="lamp", executorids=["e"]), func="f", maxwaittime=1)
    process = Process(processid="p", colonyid="c", submitterid="s", spec=spec, submissiontime=5, waitdeadline=1005)
    told = told_of(process, by="me", line=3, is_moved=False)
    change = change_of("p", told, process=None, time=None)
    assert change.colonyid == "c"
    assert (change.executortype, change.is_named, change.line, change.is_moved) == ("lamp", True, 3, False)
    assert (change.state, change.attempt, change.due, change.time) == (State.WAITING, 0, 1005, 0)
