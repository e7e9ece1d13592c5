"""subscribe, watch, activity.subscribe, log.subscribe, subscription.cancel"""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from broker.channels.hub import Channel
from broker.engine import announcer
from broker.engine.activity import of_activity
from broker.engine.authority import Need, why_no_member
from broker.engine.subscription import Subscription
from broker.engine.waker import group_of
from broker.store.lanes import lanes_for, type_lane
from broker.store.others import channel_of, channel_of_colony
from colonies.wire import errors
from colonies.wire.messages import Empty, Subscribed
from colonies.wire.model import Process, State
from colonies.wire.params import Nothing, OfProcess, Subscribe, SubscriptionCancel, Watch

from .registry import Call, method


async def _still_allowed(call: Call, made: Subscription) -> None:
    """Who was sent away while its subscription was made must not keep it."""
    caller = await call.node.authority.caller(call.caller.identity)
    if not caller.is_member:
        call.node.subscriptions.drop(call.connection, made)
        raise why_no_member(caller)


FINAL = (State.SUCCESSFUL, State.FAILED, State.CANCELLED)


@method("subscribe", Need.MEMBER)
async def subscribe(call: Call, params: Subscribe) -> Subscribed:
    """Listen first, answer, then look: there is no gap in which a process could be missed."""
    group = _group(call, params)
    made = await call.node.subscriptions.add(
        call.connection,
        owner=call.caller.identity,
        channels=_channels(call, params, grouped=group is not None),
        elsewhere=_elsewhere(call, params.executortype),
        group=group,
        timeout=params.timeout,
    )
    await _still_allowed(call, made)
    if params.state == State.WAITING:
        call.follow = lambda: _push_backlog(call, params, made.push_standing)
        made.look = lambda: _push_backlog(call, params, made.push_missed)
    return Subscribed(subscription=made.id)


def _group(call: Call, params: Subscribe) -> Channel | None:
    if params.wake == "all":
        return None
    if params.state != State.WAITING or not call.caller.is_executor:
        raise errors.BadRequest("wake", '"all", or an executor that subscribes to waiting processes', '"one"')
    return group_of(call.colonyid, params.executortype)


def _channels(call: Call, params: Subscribe, *, grouped: bool) -> list[Channel]:
    """A process for anybody of the type concerns all; one that names executors concerns them, and users."""
    colonyid, state = call.colonyid, params.state
    of_type = [] if grouped else [announcer.of_type(colonyid, params.executortype, state)]
    if call.caller.is_executor:
        return [*of_type, announcer.of_executor(call.caller.identity, state)]
    return [
        *of_type,
        announcer.of_named(colonyid, params.executortype, state),
        announcer.of_named(colonyid, "", state),
    ]


def _elsewhere(call: Call, executortype: str) -> list[str]:
    """The bus channels of a type, and of what names executors: those of the caller's own type, or of none."""
    types = {executortype, "", call.caller.executor.executortype if call.caller.executor else ""}
    return [channel_of(call.colonyid, one) for one in sorted(types)]


async def _push_backlog(call: Call, params: Subscribe, push: Callable[..., None]) -> None:
    executor = call.caller.executor
    lanes: tuple[str, ...] = (type_lane(call.colonyid, params.executortype),)
    if executor is not None:
        own_type, *own = lanes_for(call.colonyid, executor.executorid, executor.executortype)
        # What it hears of but could not take is no backlog of its own.
        lanes = (own_type, *own) if executor.executortype == params.executortype else tuple(own)
    standing = await call.node.store.peek(lanes, call.node.clock.now())
    push(standing, states=[State.WAITING], event="backlog")


@method("watch", Need.MEMBER)
async def watch(call: Call, params: Watch) -> Subscribed:
    process = await call.node.process(call.colonyid, params.processid)
    states = tuple(params.states) or FINAL
    made = await call.node.subscriptions.add(
        call.connection,
        owner=call.caller.identity,
        channels=[announcer.of_process(process.processid, state) for state in states],
        elsewhere=[_channel_of(process)],
        timeout=params.timeout,
    )
    await _still_allowed(call, made)
    call.follow = _looking_at(call, process, states, made.push_standing)
    made.look = _looking_at(call, process, states, made.push_missed)
    return Subscribed(subscription=made.id)


def _channel_of(process: Process) -> str:
    return channel_of(process.colonyid, process.spec.conditions.executortype)


def _looking_at(
    call: Call, process: Process, states: tuple[State, ...], push: Callable[..., None]
) -> Callable[[], Awaitable[None]]:
    async def look() -> None:
        now = await call.node.store.process(process.colonyid, process.processid)
        if now is not None:
            push(now, states=states, event=announcer.event_of(None, now))

    return look


@method("activity.subscribe", Need.MEMBER)
async def activity(call: Call, _: Nothing) -> Subscribed:
    """For users and the owner: of a process that names executors, no other executor is told."""
    if call.caller.is_executor:
        raise errors.Forbidden("this needs a user or the colony owner, and you are an executor; see `subscribe`")
    made = await call.node.subscriptions.add(
        call.connection,
        owner=call.caller.identity,
        channels=[of_activity(call.colonyid)],
        elsewhere=[channel_of_colony(call.colonyid)],
    )
    await _still_allowed(call, made)
    return Subscribed(subscription=made.id)


@method("log.subscribe", Need.MEMBER)
async def follow_log(call: Call, params: OfProcess) -> Subscribed:
    process = await call.node.process(call.colonyid, params.processid)
    made = await call.node.subscriptions.add(
        call.connection,
        owner=call.caller.identity,
        channels=[announcer.of_log(process.processid)],
        elsewhere=[_channel_of(process)],
    )
    await _still_allowed(call, made)
    return Subscribed(subscription=made.id)


@method("subscription.cancel", Need.MEMBER)
async def cancel(call: Call, params: SubscriptionCancel) -> Empty:
    call.node.subscriptions.cancel(call.connection, params.subscription, owner=call.caller.identity)
    return Empty()
