"""Which filters of a listing can match nothing, and which are answered by figures that are kept, without counting."""

from __future__ import annotations

from colonies.wire.model import State
from colonies.wire.params import ProcessFilter


def matches_nothing(wanted: ProcessFilter) -> bool:
    """Whether no process can match, whatever lies there: only a failed one has a cause."""
    return wanted.cause is not None and wanted.state not in (None, State.FAILED)


def is_of_counts(wanted: ProcessFilter) -> bool:
    """Whether the kept counts by type and state say how many match."""
    return _asked(wanted) <= {"state", "executortype"}


def is_of_groups(wanted: ProcessFilter) -> bool:
    """Whether the kept groups of failures say how many match, once `matches_nothing` is ruled out."""
    asked = _asked(wanted)
    return "cause" in asked and asked <= {"state", "executortype", "func", "cause"}


def is_in_group(wanted: ProcessFilter) -> bool:
    """Whether it asks within one group of failures, or for all of it."""
    return {"executortype", "func", "cause"} <= _asked(wanted)


def is_of_held(wanted: ProcessFilter) -> bool:
    """Whether it asks within what one executor runs now: a handful, whatever it ran before."""
    return wanted.assigneeid is not None and wanted.state == State.RUNNING


def _asked(wanted: ProcessFilter) -> set[str]:
    """Names of what is asked. By its fields: an equal filter of another class, as `process.list` has one, is not ==."""
    names = set(ProcessFilter.__struct_fields__) - {"colonyid"}
    return {name for name in names if getattr(wanted, name) is not None}
