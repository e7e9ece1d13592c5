"""What is counted, and what happens, as operators see it: nouns of the wire that a broker makes of many processes."""

from __future__ import annotations

from .model import ServerNoun, State


class TypeCounts(ServerNoun, kw_only=True, frozen=True):
    """What is there of one executor type.

    waiting … cancelled  how many processes are stored in that state.
    successfulminute     how many became successful in the last minute; failedminute: failed.
    oldest               when the longest waiting process was submitted (ms), 0: none.
    executors            how many are in the colony, approved or not; online: connected; busy: with a process.
    lastseen             when an approved one was last connected (ms), now for one that is; 0: never.
    """

    executortype: str
    waiting: int = 0
    running: int = 0
    successful: int = 0
    failed: int = 0
    cancelled: int = 0
    successfulminute: int = 0
    failedminute: int = 0
    oldest: int = 0
    executors: int = 0
    online: int = 0
    busy: int = 0
    lastseen: int = 0


class Stats(ServerNoun, kw_only=True, frozen=True):
    """left: how many types are left out, where there are very many; those with most to do are there."""

    time: int
    types: list[TypeCounts]
    left: int = 0


class TypeHistory(ServerNoun, kw_only=True, frozen=True):
    """How many processes of a type became successful and failed, minute by minute, oldest first."""

    executortype: str
    successful: list[int]
    failed: list[int]


class StatsHistory(ServerNoun, kw_only=True, frozen=True):
    """The last 60 minutes, without quiet types. time: now, at which the last of them, the one under way, stands."""

    time: int
    types: list[TypeHistory]


class FailureGroup(ServerNoun, kw_only=True, frozen=True):
    """Failed processes of one type and function for the same cause.

    cause      the first error with its numbers and ids taken out, so that equal ones are one.
    number     how many are stored.
    first      when the first of them failed since the group was empty (ms); last: the last.
    processid  the one that failed last.
    """

    executortype: str
    func: str
    cause: str
    number: int
    first: int
    last: int
    processid: str


class Activity(ServerNoun, kw_only=True, frozen=True):
    """That a process changed. event: as in `process`; executorid: who runs it or did; error: its first, cut."""

    time: int
    event: str
    processid: str
    executortype: str
    func: str
    label: str = ""
    state: State
    attempt: int = 0
    executorid: str = ""
    error: str = ""
