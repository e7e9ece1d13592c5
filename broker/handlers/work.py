"""process.* as executors ask it: assign, close, hand back."""

from __future__ import annotations

from functools import partial
from typing import Any

from broker.engine.authority import Need
from broker.store.moves import Close as CloseMove
from broker.store.moves import HandBack as HandBackMove
from broker.store.rules import refuse_unless_held
from colonies.wire import errors
from colonies.wire.frames import pack
from colonies.wire.model import MAX_ERRORS_BYTES, MAX_OUT_BYTES, Process, State
from colonies.wire.params import Assign, Close, HandBack

from .registry import Call, method


@method("process.assign", Need.EXECUTOR)
async def assign(call: Call, params: Assign) -> Process:
    executor = call.caller.the_executor()
    claimid = params.claimid or ""
    if params.repeated and claimid:
        call.node.assigner.leave_unanswered(executor.executorid, claimid)
        await call.node.rescuer.give_back_unanswered(call.colonyid, executor.executorid, claimid)
        # It may have been removed meanwhile, and whoever did that has sent away those who stood in line by then.
        executor = (await call.node.authority.permit(executor.executorid, Need.EXECUTOR, None)).the_executor()
    process = await call.node.assigner.assign(executor, timeout=params.timeout, latest=params.latest, claimid=claimid)
    call.undelivered = partial(call.node.rescuer.give_back, process)
    return process


@method("process.close", Need.EXECUTOR)
async def close(call: Call, params: Close) -> Process:
    _refuse_too_large("out", params.out, MAX_OUT_BYTES)
    _refuse_too_large("errors", params.errors, MAX_ERRORS_BYTES)
    return await call.node.change(
        CloseMove(
            colonyid=call.colonyid,
            processid=params.processid,
            now=call.node.clock.now(),
            executorid=call.caller.identity,
            successful=params.successful,
            attempt=params.attempt,
            out=params.out,
            errors=params.errors,
            attributes=params.attributes,
        )
    )


@method("process.hand_back", Need.EXECUTOR)
async def hand_back(call: Call, params: HandBack) -> Process:
    """Handing back what waits again already is answered with the process: a repeat is safe."""
    now = call.node.clock.now()
    process = await call.node.change(
        HandBackMove(
            colonyid=call.colonyid,
            processid=params.processid,
            now=now,
            executorid=call.caller.identity,
            attempt=params.attempt,
        )
    )
    if process.state != State.WAITING:
        refuse_unless_held(process, executorid=call.caller.identity, attempt=params.attempt, now=now)
    return process


def _refuse_too_large(name: str, value: list[Any], limit: int) -> None:
    # Most results are a few bytes; what cannot be too large is not encoded only to be measured.
    if not value:
        return
    size = len(pack(value))
    if size > limit:
        raise errors.TooLarge(
            f"field `{name}`: has {size} bytes, at most {limit} are taken; pass large data by reference",
            field=name,
            limit=limit,
        )
