"""Lanes: where a waiting process queues, and the order in which it stands there.

A lane decides by itself who may take what is in it, so that a claim is one index probe and
needs no filter: `type:<executortype>` for a type alone, `id:<executorid>` for named
executors, `id:<executorid>:<executortype>` where both must hold. A lane's name begins with
the colony, for nothing is ever looked up outside the caller's.
"""

from __future__ import annotations

from functools import lru_cache

from colonies.wire.model import Conditions, Process

DAY_US = 86_400_000_000


def lanes_of(colonyid: str, conditions: Conditions) -> tuple[str, ...]:
    """The lanes in which a process with these conditions waits. `executornames` are resolved before."""
    kind = conditions.executortype
    if not conditions.executorids:
        return (f"{colonyid}/type:{kind}",)
    suffix = f":{kind}" if kind else ""
    return tuple(f"{colonyid}/id:{executorid}{suffix}" for executorid in dict.fromkeys(conditions.executorids))


@lru_cache(4096)  # of one executor it is asked again and again
def lanes_for(colonyid: str, executorid: str, executortype: str) -> tuple[str, ...]:
    """The lanes from which this executor may take."""
    return (
        f"{colonyid}/type:{executortype}",
        f"{colonyid}/id:{executorid}",
        f"{colonyid}/id:{executorid}:{executortype}",
    )


def type_lane(colonyid: str, executortype: str) -> str:
    return f"{colonyid}/type:{executortype}"


def place(submitted_us: int, priority: int) -> int:
    """A process's place in its lanes, lowest first: one step of priority is worth one day in the queue."""
    return submitted_us - priority * DAY_US


def submitted_us(process: Process, its_place: int) -> int:
    """When it was submitted, in microseconds: the inverse of `place`."""
    return its_place + process.spec.priority * DAY_US
