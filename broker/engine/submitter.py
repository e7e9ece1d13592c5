"""Make a process of a spec and store it: waiting, or already claimed for somebody who stands in line."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial

from msgspec.structs import replace

from broker.clock import Clock
from broker.store import rules
from broker.store.base import Store
from broker.store.lanes import place
from broker.store.moves import Submit, Submitted
from colonies.wire import errors
from colonies.wire.frames import pack_nouns
from colonies.wire.model import MAX_NAMED_EXECUTORS, MAX_SPEC_BYTES, Conditions, Process, ProcessSpec, State

from .announcer import Announcer
from .assigner import Assigner
from .commit import Commit
from .doubts import Doubts
from .ids import Ids
from .place import Place
from .rescuer import Rescuer


@dataclass(slots=True)
class _Storing:
    """A process on its way to the store. reserved: who is given it, if anybody. starttime: when it is then (ms)."""

    waiting: Process
    place: int
    reserved: Place | None = None
    starttime: int = 0


class Submitter:
    def __init__(
        self,
        store: Store,
        commit: Commit,
        assigner: Assigner,
        announcer: Announcer,
        clock: Clock,
        *,
        rescuer: Rescuer,
    ) -> None:
        self._store = store
        self._commit = commit
        self._assigner = assigner
        self._announcer = announcer
        self._clock = clock
        self._rescuer = rescuer
        self._ids = Ids()
        self._doubts = Doubts()

    async def submit(
        self,
        spec: ProcessSpec,
        *,
        colonyid: str,
        submitterid: str,
        processid: str | None = None,
        retryof: str = "",
        submitted: int | None = None,
    ) -> Submitted:
        """Store a new process and tell of it. Answers it as it is then: waiting, or running already.

        processid  chosen by the client; the same id, submitter and spec again answers the stored process, `repeated`.
        submitted  a `clock.unique()` (µs) of before, for what has its place in a row although it is stored later.
        Raises BadRequest, TooLarge, NotFound (an unknown executor name), Exists.
        """
        spec = await self._resolved(spec, colonyid)
        submitted = submitted or self._clock.unique()
        now = submitted // 1000
        waiting = Process(
            processid=processid or self._ids.next(now),
            colonyid=colonyid,
            submitterid=submitterid,
            spec=spec,
            submissiontime=now,
            waitdeadline=rules.deadline(now, spec.maxwaittime),
            attributes=rules.env_attributes(spec),
            retryof=retryof,
        )
        return await self._store_it(waiting, place(submitted, spec.priority))

    async def _store_it(self, waiting: Process, its_place: int) -> Submitted:
        storing = _Storing(waiting, its_place)
        return await self._commit.make_and_do(partial(self._reserved, storing), settled=partial(self._settled, storing))

    def _reserved(self, storing: _Storing) -> Submit:
        """Give it to whoever stands idle as it leaves for the store: who is reserved waits for what becomes of it."""
        process, now = storing.waiting, self._clock.now()
        storing.starttime = now
        storing.reserved = reserved = self._assigner.reserve(process)
        if reserved:
            process = rules.claimed(process, executorid=reserved.executorid, now=now, claimid=reserved.claimid)
        return Submit(process=process, place=storing.place)

    def _settled(self, storing: _Storing, outcome: Submitted | Exception, _caller_has_gone: bool) -> None:
        """Tell of what was stored, and hand it to whoever was reserved for it."""
        waiting, reserved = storing.waiting, storing.reserved
        if isinstance(outcome, errors.Unavailable):
            self._doubts.note(waiting.processid)
        elif self._doubts.settle(waiting.processid) and not isinstance(outcome, Exception) and outcome.repeated:
            self._tell_late(waiting, outcome.process)
        if isinstance(outcome, Exception) or outcome.repeated:
            if reserved:
                self._assigner.release(reserved)
            if reserved and isinstance(outcome, errors.Unavailable):
                # It may have been stored after all, as running on an executor that never hears of it.
                self._rescuer.look_for(waiting.colonyid, reserved.executorid, starttime=storing.starttime)
            return
        for older in outcome.superseded:
            self._announcer.announce(replace(older, state=State.WAITING), older)
        if reserved:
            self._announcer.submitted_and_assigned(waiting, outcome.process)
            self._assigner.deliver(reserved, outcome.process)
        else:
            self._announcer.announce(None, outcome.process)

    def _tell_late(self, again: Process, stored: Process) -> None:
        """It had been submitted before, without an answer. Nobody is to be woken for it if it has moved on since."""
        if (stored.state, stored.attempt) == (State.WAITING, 0):
            self._announcer.announce(None, stored)
        else:
            self._announcer.tell_subscribers("submitted", _as_submitted(again, stored))

    async def _resolved(self, spec: ProcessSpec, colonyid: str) -> ProcessSpec:
        """Check what a type cannot say, and put ids in the place of executor names."""
        conditions = spec.conditions
        if conditions.colonyid not in ("", colonyid):
            raise errors.BadRequest(
                "spec.conditions.colonyid", "your own colony, or nothing", f"{conditions.colonyid[:8]}…"
            )
        if conditions.dependencies:
            raise errors.BadRequest(
                "spec.conditions.dependencies", "nothing outside a workflow", f"array of {len(conditions.dependencies)}"
            )
        if not (conditions.executortype or conditions.executorids or conditions.executornames):
            raise errors.BadRequest(
                "spec.conditions", "an executortype, or executorids or executornames", "none of them"
            )
        size = len(pack_nouns(spec))
        if size > MAX_SPEC_BYTES:
            raise errors.TooLarge(
                f"field `spec`: has {size} bytes, at most {MAX_SPEC_BYTES} are taken; pass large data by reference",
                field="spec",
                limit=MAX_SPEC_BYTES,
            )
        ids = list(dict.fromkeys([*conditions.executorids, *await self._ids_of(conditions, colonyid)]))
        if len(ids) > MAX_NAMED_EXECUTORS:
            raise errors.BadRequest(
                "spec.conditions.executornames",
                f"at most {MAX_NAMED_EXECUTORS} executors by id and name",
                f"{len(ids)}",
            )
        settled = replace(conditions, executorids=ids, executornames=[], colonyid=colonyid)
        return replace(spec, conditions=settled)

    async def _ids_of(self, conditions: Conditions, colonyid: str) -> list[str]:
        if not conditions.executornames:
            return []
        known = await self._store.executor_ids(colonyid, conditions.executornames)
        for name in conditions.executornames:
            if name not in known:
                raise errors.NotFound(f"no executor of your colony is named {name!r}; see `colonies executor list`")
        return [known[name] for name in conditions.executornames]


def _as_submitted(again: Process, stored: Process) -> Process:
    """The stored process as it was submitted, of the one that was submitted again."""
    return replace(again, submissiontime=stored.submissiontime, waitdeadline=stored.waitdeadline)
