"""process.* as submitters and operators ask it, with its attributes and logs."""

from __future__ import annotations

from broker.engine.authority import Need
from broker.store.moves import AddLog, Cancel, SetAttribute
from colonies.wire import errors
from colonies.wire.messages import Empty
from colonies.wire.model import MAX_LOG_BYTES, Attribute, Explanation, Log, Page, Process
from colonies.wire.params import AttributeSet, LogAdd, LogList, OfProcess, ProcessList, Submit

from .registry import Call, method


@method("process.submit", Need.SUBMITTER)
async def submit(call: Call, params: Submit) -> Process:
    submitted = await call.node.submitter.submit(
        params.spec, colonyid=call.colonyid, submitterid=call.caller.identity, processid=params.processid
    )
    return submitted.process


@method("process.get", Need.MEMBER)
async def get(call: Call, params: OfProcess) -> Process:
    return await call.node.process(call.colonyid, params.processid)


@method("process.list", Need.MEMBER)
async def list_some(call: Call, params: ProcessList) -> Page:
    return await call.node.store.page(
        call.colonyid, params, newest=params.newest, limit=params.limit, cursor=params.cursor
    )


@method("process.cancel", Need.SUBMITTER)
async def cancel(call: Call, params: OfProcess) -> Process:
    """An operator or the colony owner may cancel any process, others what they submitted themselves."""
    if not call.caller.is_operator:
        process = await call.node.process(call.colonyid, params.processid)
        if process.submitterid != call.caller.identity:
            raise errors.Forbidden(f"{process.processid} was submitted by somebody else; an operator can cancel it")
    now = call.node.clock.now()
    cancelled = await call.node.change(Cancel(colonyid=call.colonyid, processid=params.processid, now=now))
    call.note("process_action", "cancelled", processid=params.processid)
    return cancelled


@method("process.retry", Need.OPERATOR)
async def retry(call: Call, params: OfProcess) -> Process:
    """Submit the spec of a failed or cancelled process again, as a new process."""
    process = await call.node.process(call.colonyid, params.processid)
    retried = await call.node.retrier.retry(process, by=call.caller.identity)
    if retried.is_new:
        call.note("process_action", "retried", processid=params.processid)
    return retried.process


@method("process.remove", Need.OPERATOR)
async def remove(call: Call, params: OfProcess) -> Empty:
    await call.node.remove_process(call.colonyid, params.processid)
    call.note("process_action", "removed", processid=params.processid)
    return Empty()


@method("process.explain", Need.MEMBER)
async def explain(call: Call, params: OfProcess) -> Explanation:
    return await call.node.reporter.explain(await call.node.process(call.colonyid, params.processid))


# — attributes and logs —


@method("attribute.set", Need.EXECUTOR)
async def set_attribute(call: Call, params: AttributeSet) -> Attribute:
    attribute = Attribute(key=params.key, value=params.value, kind=params.kind)
    move = SetAttribute(
        colonyid=call.colonyid,
        processid=params.processid,
        now=call.node.clock.now(),
        executorid=call.caller.identity,
        attribute=attribute,
    )
    await call.node.change(move)
    return attribute


@method("attribute.list", Need.MEMBER)
async def list_attributes(call: Call, params: OfProcess) -> list[Attribute]:
    return (await call.node.process(call.colonyid, params.processid)).attributes


@method("log.add", Need.EXECUTOR)
async def add_log(call: Call, params: LogAdd) -> Empty:
    size = len(params.message.encode())
    if size > MAX_LOG_BYTES:
        raise errors.TooLarge(
            f"field `message`: has {size} bytes, at most {MAX_LOG_BYTES} are taken; send it in several lines",
            field="message",
            limit=MAX_LOG_BYTES,
        )
    move = AddLog(
        colonyid=call.colonyid,
        processid=params.processid,
        executorid=call.caller.identity,
        message=params.message,
        now=call.node.clock.now(),
    )
    await call.node.add_log(move)
    return Empty()


@method("log.list", Need.MEMBER)
async def list_logs(call: Call, params: LogList) -> list[Log]:
    await call.node.process(call.colonyid, params.processid)
    return await call.node.store.logs(params.processid, since=params.since, after=params.after, limit=params.limit)
