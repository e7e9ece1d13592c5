"""A colony in a store, at a time that the test holds, and short ways of saying what happens in it."""

from __future__ import annotations

import secrets
from dataclasses import dataclass, field
from typing import Any, NamedTuple, TypeVar

from broker.store import rules
from broker.store.base import Store
from broker.store.lanes import lanes_for, place
from broker.store.moves import (
    AddColony,
    AddLog,
    Cancel,
    Change,
    Changed,
    Claim,
    Close,
    HandBack,
    Move,
    Outcome,
    Overrun,
    Remove,
    SetAttribute,
    Submit,
    Submitted,
    WaitEnded,
)
from colonies.wire.errors import ColoniesError
from colonies.wire.model import Attribute, Colony, Conditions, Executor, Process, ProcessSpec

T = TypeVar("T")
START = 1_700_000_000_000


def an_id() -> str:
    return secrets.token_hex(32)


async def do(store: Store, move: Move[T]) -> T:
    """One move: what became true, or its refusal raised."""
    outcomes: list[Outcome[T]] = await store.apply([move])
    return granted(outcomes[0])


def granted(outcome: Outcome[T]) -> T:
    if isinstance(outcome, ColoniesError):
        raise outcome
    return outcome


async def add_colony(store: Store) -> Colony:
    colonyid = an_id()
    return await do(store, AddColony(colony=Colony(colonyid=colonyid, name=f"colony {colonyid[:12]}")))


def an_executor(colony: Colony, name: str = "videocam", **fields: object) -> Executor:
    made = {"executorid": an_id(), "executorname": name, "executortype": "cli", "colonyid": colony.colonyid, **fields}
    return Executor(**made)  # type: ignore[arg-type]


class Worker(NamedTuple):
    executorid: str
    executortype: str


def a_worker(executortype: str = "cli") -> Worker:
    return Worker(an_id(), executortype)


@dataclass(kw_only=True)
class HeldColony:
    """now: ms; it moves by one with every submission, and otherwise when the test says so."""

    store: Store
    colonyid: str = field(default_factory=an_id)
    submitterid: str = field(default_factory=an_id)
    now: int = START

    # — moves, not yet made —

    def submission(
        self,
        func: str = "sleep",
        *,
        executortype: str = "cli",
        executorids: tuple[str, ...] = (),
        processid: str | None = None,
        submitterid: str | None = None,
        **spec: Any,
    ) -> Submit:
        self.now += 1
        conditions = Conditions(executortype=executortype, executorids=list(executorids), colonyid=self.colonyid)
        asked = ProcessSpec(conditions=conditions, func=func, **spec)
        process = Process(
            processid=processid or secrets.token_hex(16),
            colonyid=self.colonyid,
            submitterid=submitterid or self.submitterid,
            spec=asked,
            submissiontime=self.now,
            waitdeadline=rules.deadline(self.now, asked.maxwaittime),
            attributes=rules.env_attributes(asked),
        )
        return Submit(process=process, place=place(self.now * 1000, asked.priority))

    def claiming(self, worker: Worker, *, latest: bool = False) -> Claim:
        lanes = lanes_for(self.colonyid, worker.executorid, worker.executortype)
        return Claim(executorid=worker.executorid, lanes=lanes, latest=latest, now=self.now)

    def closing(self, process: Process, *, successful: bool = True, by: str | None = None, **fields: Any) -> Close:
        return Close(
            colonyid=self.colonyid,
            processid=process.processid,
            now=self.now,
            executorid=by or process.assigneeid,
            successful=successful,
            **fields,
        )

    def cancelling(self, process: Process) -> Cancel:
        return Cancel(colonyid=self.colonyid, processid=process.processid, now=self.now)

    def overrunning(self, process: Process, *, attempt: int | None = None) -> Overrun:
        attempt = process.attempt if attempt is None else attempt
        return Overrun(colonyid=self.colonyid, processid=process.processid, now=self.now, attempt=attempt)

    def ending_the_wait(self, process: Process) -> WaitEnded:
        return WaitEnded(colonyid=self.colonyid, processid=process.processid, now=self.now)

    def handing_back(self, process: Process, *, by: str | None = None, attempt: int | None = None) -> HandBack:
        return HandBack(
            colonyid=self.colonyid,
            processid=process.processid,
            now=self.now,
            executorid=by or process.assigneeid,
            attempt=attempt,
        )

    def setting(self, process: Process, attribute: Attribute, *, by: str | None = None) -> SetAttribute:
        return SetAttribute(
            colonyid=self.colonyid,
            processid=process.processid,
            now=self.now,
            executorid=by or process.assigneeid,
            attribute=attribute,
        )

    def removing(self, process: Process) -> Remove:
        return Remove(colonyid=self.colonyid, processid=process.processid)

    def logging(self, process: Process, message: str, *, by: str | None = None) -> AddLog:
        return AddLog(
            colonyid=self.colonyid,
            processid=process.processid,
            executorid=by or process.assigneeid,
            message=message,
            now=self.now,
        )

    # — moves, made —

    async def submit(self, func: str = "sleep", **fields: Any) -> Process:
        return (await self.submit_whole(func, **fields)).process

    async def submit_whole(self, func: str = "sleep", **fields: Any) -> Submitted:
        return await do(self.store, self.submission(func, **fields))

    async def claim(self, worker: Worker, *, latest: bool = False) -> Process | None:
        return await do(self.store, self.claiming(worker, latest=latest))

    async def run(self, worker: Worker, **fields: Any) -> Process:
        """Submit a process and have it claimed by this worker, for which nothing else may wait."""
        submitted = await self.submit(**fields)
        running = await self.claim(worker)
        assert running is not None
        assert running.processid == submitted.processid
        return running

    async def change(self, move: Change) -> Changed:
        return await do(self.store, move)

    async def close(self, process: Process, **fields: Any) -> Process:
        return (await self.change(self.closing(process, **fields))).after

    async def cancel(self, process: Process) -> Process:
        return (await self.change(self.cancelling(process))).after

    async def stored(self, process: Process) -> Process:
        """The process as the store has it now."""
        found = await self.store.process(self.colonyid, process.processid)
        assert found is not None
        return found

    async def drain(self, worker: Worker, *, latest: bool = False) -> list[str]:
        """Claim until nothing comes; the processids in that order."""
        taken = []
        while process := await self.claim(worker, latest=latest):
            taken.append(process.processid)
        return taken
