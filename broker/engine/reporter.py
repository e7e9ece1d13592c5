"""What operators ask: counts by type, members with what they are doing, and why a process waits."""

from __future__ import annotations

from collections import Counter, defaultdict

from msgspec.structs import replace

from broker.clock import Clock
from broker.store.base import Store
from colonies.wire.figures import Stats, StatsHistory, TypeCounts, TypeHistory
from colonies.wire.model import Executor, ExecutorState, Explanation, Process, State

from .assigner import Assigner
from .presence import Presence

MINUTE_MS = 60_000
# Other brokers note every ten seconds who stands in their lines.
ASKED_LATELY_MS = 15_000
MINUTES = 60
# Anybody who may submit may make up types; figures of more than these would fit no push.
MAX_TYPES = 500


class Reporter:
    def __init__(self, store: Store, presence: Presence, assigner: Assigner, clock: Clock) -> None:
        self._store = store
        self._presence = presence
        self._assigner = assigner
        self._clock = clock

    async def stats(self, colonyid: str) -> Stats:
        """Counts of processes and executors by executor type; an empty type: processes that name executors alone."""
        now = self._clock.now()
        types: defaultdict[str, Counter[str]] = defaultdict(Counter)
        for lane in await self._store.counts(colonyid):
            types[lane.executortype][State(lane.state).name.lower()] = lane.number
            if lane.state == State.WAITING:
                types[lane.executortype]["oldest"] = lane.oldest
        for slot in await self._store.finished(colonyid, since=now - MINUTE_MS):
            types[slot.executortype][State(slot.state).name.lower() + "minute"] += slot.number
        for executor in await self.executors(colonyid):
            _count_executor(types[executor.executortype], executor)
        kept = _busiest([TypeCounts(executortype=name, **types[name]) for name in sorted(types)])
        return Stats(time=now, types=kept, left=len(types) - len(kept))

    async def history(self, colonyid: str) -> StatsHistory:
        """What became successful and failed in each of the last 60 minutes, by executor type."""
        now = self._clock.now()
        first = now // MINUTE_MS - (MINUTES - 1)
        types: dict[str, TypeHistory] = {}
        for slot in await self._store.finished(colonyid, since=first * MINUTE_MS):
            name = slot.executortype
            if name not in types:
                types[name] = TypeHistory(executortype=name, successful=[0] * MINUTES, failed=[0] * MINUTES)
            minutes = types[name].failed if slot.state == State.FAILED else types[name].successful
            # The clock of another broker may be ahead of this one's.
            minutes[min(slot.time // MINUTE_MS - first, MINUTES - 1)] += slot.number
        most = sorted(types, key=lambda name: -sum(types[name].failed) - sum(types[name].successful))[:MAX_TYPES]
        return StatsHistory(time=now, types=[types[name] for name in sorted(most)])

    async def executors(self, colonyid: str) -> list[Executor]:
        """The executors of a colony with whether they are connected, when they asked and how much they run."""
        running = await self._store.running(colonyid)
        found = await self._store.executors(colonyid)
        in_line = self._assigner.waiting()
        now = self._clock.now()
        return [
            replace(
                executor,
                online=(online := executor.online or self._presence.is_online(executor.executorid)),
                lastseen=now if online else max(executor.lastseen, self._presence.left_at(executor.executorid)),
                lastasked=now
                if executor.executorid in in_line
                else max(executor.lastasked, self._assigner.last_asked(executor.executorid)),
                running=running.get(executor.executorid, 0),
            )
            for executor in found
        ]

    async def explain(self, process: Process) -> Explanation:
        """Why it waits, in words that say what to do about it."""
        if process.state != State.WAITING:
            return Explanation(reasons=[f"it does not wait: it is {process.state.name.lower()}"], executors=0, ahead=0)
        executors = await self.executors(process.colonyid)
        able = [executor for executor in executors if _may_take(executor, process)]
        ahead = await self._store.ahead(process)
        reasons = _nobody_may(process, executors) if not able else self._nobody_does(able)
        if ahead:
            reasons.append(f"{ahead} {_plural(ahead, 'process stands', 'processes stand')} before it")
        if process.retries:
            reasons.append(f"it went back to the queue {process.retries} times after running too long")
        return Explanation(reasons=reasons, executors=len(able), ahead=ahead)

    def _nobody_does(self, able: list[Executor]) -> list[str]:
        online = [executor for executor in able if executor.online]
        if not online:
            return [f"{_executors(len(able))} could take it, none is connected"]
        in_line = self._assigner.waiting()
        asking = [executor for executor in online if executor.executorid in in_line or self._asks_elsewhere(executor)]
        if asking:
            return [f"{_executors(len(asking))} asking for work right now: it is about to be assigned"]
        busy = [executor for executor in online if executor.running]
        if len(busy) == len(online):
            return [f"all {len(online)} connected executors that could take it are busy"]
        return [f"{_executors(len(online) - len(busy))} connected and not busy, but not asking for work"]

    def _asks_elsewhere(self, executor: Executor) -> bool:
        """Whether it asked at another broker, as lately as those say."""
        is_here = self._presence.is_online(executor.executorid)
        return not is_here and self._clock.now() - executor.lastasked < ASKED_LATELY_MS


def _busiest(types: list[TypeCounts]) -> list[TypeCounts]:
    """Those that matter most, by name; all of them unless there are very many."""
    if len(types) <= MAX_TYPES:
        return types

    def matters(counts: TypeCounts) -> tuple[int, int, int]:
        return counts.waiting + counts.running, counts.failedminute + counts.successfulminute, counts.failed

    kept = sorted(types, key=matters, reverse=True)[:MAX_TYPES]
    return sorted(kept, key=lambda counts: counts.executortype)


def _count_executor(figures: Counter[str], executor: Executor) -> None:
    figures["executors"] += 1
    figures["online"] += executor.online
    figures["busy"] += executor.running > 0
    if executor.state == ExecutorState.APPROVED:
        figures["lastseen"] = max(figures["lastseen"], executor.lastseen)


def _may_take(executor: Executor, process: Process) -> bool:
    conditions = process.spec.conditions
    named = not conditions.executorids or executor.executorid in conditions.executorids
    typed = conditions.executortype in ("", executor.executortype)
    return named and typed and executor.state == ExecutorState.APPROVED


def _nobody_may(process: Process, executors: list[Executor]) -> list[str]:
    conditions = process.spec.conditions
    if not conditions.executorids:
        of_type = [executor for executor in executors if executor.executortype == conditions.executortype]
        if of_type:
            return [f"{_executors(len(of_type))} of type {conditions.executortype!r}, none is approved"]
        return [f"there is no executor of type {conditions.executortype!r} in the colony"]
    return [_why_not(named, conditions.executortype, executors) for named in conditions.executorids]


def _why_not(executorid: str, executortype: str, executors: list[Executor]) -> str:
    found = next((executor for executor in executors if executor.executorid == executorid), None)
    if found is None:
        return f"executor {executorid[:8]}… that it names is not in the colony"
    if executortype not in ("", found.executortype):
        return f"executor {found.executorname!r} that it names is of type {found.executortype!r}, not {executortype!r}"
    return f"executor {found.executorname!r} that it names is {found.state.name.lower()}"


def _executors(number: int) -> str:
    return f"{number} {_plural(number, 'executor', 'executors')}"


def _plural(number: int, one: str, many: str) -> str:
    return one if number == 1 else many
