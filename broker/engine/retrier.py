"""Submit again what failed or was cancelled, as a new process, and never twice.

The id of the new process is made of the old one's, so that a retry which is repeated, by
the same caller after a lost reply or by another who clicked in the same moment, finds what
the first one stored. A process, its retry, the retry of that and so on are a chain; retrying
any of them retries the newest, where that one has ended in vain.
"""

from __future__ import annotations

import hashlib
from typing import NamedTuple

from broker.clock import Clock
from broker.store import rules
from broker.store.base import Store
from colonies.wire import errors
from colonies.wire.model import Process, State

from .submitter import Submitter

RETRIABLE = (State.FAILED, State.CANCELLED)


class Retried(NamedTuple):
    """process: the newest of the chain. is_new: whether this retry made it."""

    process: Process
    is_new: bool


class Retrier:
    def __init__(self, store: Store, submitter: Submitter, clock: Clock) -> None:
        self._store = store
        self._submitter = submitter
        self._clock = clock

    async def retry(self, process: Process, *, by: str) -> Retried:
        """Submit the spec of the newest in the chain of this process again, unless that waits, runs or was successful.

        Raises WrongState when the process itself neither failed nor was cancelled, Exists when somebody
        gave the id of the retry to a process of their own.
        """
        if process.state not in RETRIABLE:
            raise rules.wrong_state(process, "retried")
        submitted = self._clock.unique()  # before the looks: many that are retried together keep their order
        while True:
            after = await self._after_a_gap(process)
            if after is None:
                made = await self._submit_again(process, by, submitted)
                if made is not None:
                    return Retried(made, True)
                after = await self._retry_of(process)
            process = after
            if process.state not in RETRIABLE:
                return Retried(process, False)

    async def _after_a_gap(self, process: Process) -> Process | None:
        """What was retried of the retry of this process, where that retry itself was removed meanwhile."""
        removed = retry_id(process.processid)
        after = await self._store.process(process.colonyid, retry_id(removed))
        return after if after is not None and after.retryof == removed else None

    async def _submit_again(self, process: Process, by: str, submitted: int) -> Process | None:
        """The new process; None when this one has been retried before."""
        try:
            stored = await self._submitter.submit(
                process.spec,
                colonyid=process.colonyid,
                submitterid=by,
                processid=retry_id(process.processid),
                retryof=process.processid,
                submitted=submitted,
            )
        except errors.Exists:
            return None
        return None if stored.repeated else stored.process

    async def _retry_of(self, process: Process) -> Process:
        """The next in the chain of a process that has been retried."""
        after = await self._store.process(process.colonyid, retry_id(process.processid))
        if after is None or after.retryof != process.processid:
            raise rules.exists(retry_id(process.processid))
        return after


def retry_id(processid: str) -> str:
    """The id of the retry of a process."""
    return hashlib.sha256(f"retry{processid}".encode()).hexdigest()[:32]
