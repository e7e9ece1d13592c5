"""stats.*, failure.list: what operators look at."""

from __future__ import annotations

from broker.engine.authority import Need
from colonies.wire.figures import FailureGroup, Stats, StatsHistory
from colonies.wire.messages import Subscribed
from colonies.wire.params import FailureList, Nothing, StatsSubscribe

from .registry import Call, method


@method("stats.get", Need.MEMBER)
async def get(call: Call, _: Nothing) -> Stats:
    return await call.node.reporter.stats(call.colonyid)


@method("stats.history", Need.MEMBER)
async def history(call: Call, _: Nothing) -> StatsHistory:
    return await call.node.reporter.history(call.colonyid)


@method("stats.subscribe", Need.MEMBER)
async def subscribe(call: Call, params: StatsSubscribe) -> Subscribed:
    """Listen first, answer, then tell what the figures are: what changes meanwhile is told as a change."""
    ticker, colonyid = call.node.ticker, call.colonyid
    channel = ticker.follow(colonyid, interval=params.interval)
    made = await call.node.subscriptions.add(
        call.connection, owner=call.caller.identity, channels=[channel], only_newest=True
    )
    call.follow = lambda: ticker.tell(colonyid, channel, made.push)
    return Subscribed(subscription=made.id)


@method("failure.list", Need.MEMBER)
async def failures(call: Call, params: FailureList) -> list[FailureGroup]:
    return await call.node.store.failures(call.colonyid, executortype=params.executortype, limit=params.limit)
