"""process.retry_matching, cancel_matching, remove_matching: one action on everything that matches a filter."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

from msgspec.structs import asdict

from broker.engine.authority import Need
from broker.engine.matching import Act, Matching
from broker.engine.retrier import RETRIABLE
from broker.store.moves import Cancel
from colonies.wire import errors
from colonies.wire.messages import Matched
from colonies.wire.model import Process, State
from colonies.wire.params import Matching as Params
from colonies.wire.params import ProcessFilter

from .registry import Call, method

BETWEEN_PROGRESS_MS = 100
MAX_SHOWN = 32


@method("process.retry_matching", Need.OPERATOR)
async def retry(call: Call, params: Params) -> Matched:
    return await _do(call, params, "retried", RETRIABLE, partial(_retry, call))


@method("process.cancel_matching", Need.OPERATOR)
async def cancel(call: Call, params: Params) -> Matched:
    return await _do(call, params, "cancelled", (State.WAITING, State.RUNNING), partial(_cancel, call))


@method("process.remove_matching", Need.OPERATOR)
async def remove(call: Call, params: Params) -> Matched:
    final = (State.SUCCESSFUL, State.FAILED, State.CANCELLED)
    return await _do(call, params, "removed", final, partial(_remove, call))


async def _retry(call: Call, process: Process) -> bool:
    return (await call.node.retrier.retry(process, by=call.caller.identity)).is_new


async def _cancel(call: Call, process: Process) -> bool:
    now = call.node.clock.now()
    await call.node.change(Cancel(colonyid=process.colonyid, processid=process.processid, now=now))
    return True


async def _remove(call: Call, process: Process) -> bool:
    await call.node.remove_process(process.colonyid, process.processid)
    return True


async def _do(call: Call, params: Params, did: str, eligible: Sequence[State], act: Act) -> Matched:
    """Do it with progress, and leave a line in the log of how far it came, also when it is cut off."""
    wanted = _filter(params)
    begun = call.node.clock.now() + 1  # what was submitted in this very millisecond was there before
    matching = Matching(call.node.store, call.colonyid, wanted, eligible=eligible, before=begun)
    if params.dryrun:
        return await matching.count()
    progress = _Progress(call)
    try:
        reached = await matching.run(act, limit=params.limit, between=progress.between)
        progress.tell(reached)
        return reached
    finally:
        reach = matching.reach
        call.note("process_action", did, wanted=_in_words(wanted), matched=reach.matched, done=reach.done)


class _Progress:
    """Tells the caller how far it is, not too often, and ends what may not go on."""

    def __init__(self, call: Call) -> None:
        self._call = call
        self._next = 0

    async def between(self, reached: Matched) -> None:
        node, now = self._call.node, self._call.node.clock.now()
        if node.is_draining:
            raise errors.Draining(f"this broker is stopping after {reached.done} of {reached.matched}; ask another")
        # Members change while it runs; who may do this no longer gets no further.
        await node.authority.permit(self._call.caller.identity, Need.OPERATOR, None)
        if now >= self._next:
            self.tell(reached)
            self._next = now + BETWEEN_PROGRESS_MS

    def tell(self, reached: Matched) -> None:
        self._call.tell_progress(done=reached.done, matched=reached.matched)


def _filter(params: Params) -> ProcessFilter:
    return ProcessFilter(**{name: getattr(params, name) for name in ProcessFilter.__struct_fields__})


def _in_words(wanted: ProcessFilter) -> str:
    """The filter for the log: short, and without what it looked for in arguments and errors."""
    given = {name: value for name, value in asdict(wanted).items() if value is not None and name != "colonyid"}
    return ",".join(name if name == "text" else f"{name}={str(value)[:MAX_SHOWN]}" for name, value in given.items())
