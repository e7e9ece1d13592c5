"""Every command that a store sends in a life of it, explained by MongoDB: each goes by an index and sorts nothing in memory.

The life below must make every move and ask every question there is, which is checked; so a new
command is explained here without being written down.
"""

from __future__ import annotations

import inspect
from collections.abc import Iterator
from typing import Any

from broker.store import moves
from broker.store.base import Store
from broker.store.lanes import lanes_for
from broker.store.mongo_told import change_of, told_of
from broker.store.others import Others
from colonies.wire.model import Attribute, Colony, Executor, ExecutorState, Function, State, User
from colonies.wire.params import ProcessFilter
from tests.store.watched import Watched, with_backlog
from tests.support.builders import HeldColony, a_worker, an_id

# Small whatever lies in the database: as many documents as there are brokers, or one.
SMALL = {"nodes", "schema"}
OPENING = {"open", "close"}
# What `explain` takes of the commands that look for something.
LOOKING = {
    "find": ("filter", "projection", "sort", "hint", "limit"),
    "aggregate": ("pipeline", "hint", "cursor"),
    "findAndModify": ("query", "update", "remove", "upsert", "sort", "hint"),
    "count": ("query", "hint"),
    "distinct": ("key", "query"),
}


class Noted:
    """A store that notes what is asked of it, and of its others."""

    def __init__(self, inner: Any, asked: set[str]) -> None:
        self._inner = inner
        self._asked = asked

    def __getattr__(self, name: str) -> Any:
        self._asked.add(name)
        found = getattr(self._inner, name)
        return Noted(found, self._asked) if name == "others" else found


async def live(store: Any, colony: HeldColony, made: set[type]) -> None:
    """Everything that a broker does with a store."""

    async def make(*batch: moves.Move[Any]) -> list[Any]:
        made.update(type(move) for move in batch)
        return list(await store.apply(batch))

    other = HeldColony(store=store)
    worker, named = a_worker(), an_id()
    executor = Executor(executorid=an_id(), executorname="one", executortype="cli", colonyid=colony.colonyid)
    user = User(userid=an_id(), name="anna", role="operator")
    function = Function(executorid=executor.executorid, funcname="light")
    # members
    for colonyid in (colony.colonyid, other.colonyid):
        await make(moves.AddColony(colony=Colony(colonyid=colonyid, name=colonyid[:9])))
    await make(moves.AddExecutor(executor=executor), moves.AddUser(colonyid=colony.colonyid, user=user))
    state = {"colonyid": colony.colonyid, "executorid": executor.executorid}
    await make(moves.SetExecutorState(**state, state=ExecutorState.APPROVED))
    await make(moves.AddFunction(colonyid=colony.colonyid, function=function))
    await make(moves.Seen(executorid=executor.executorid, time=colony.now))
    await store.others.beat(["a channel"])
    await store.others.attend({executor.executorid: colony.now}, [an_id()])
    for ask in (store.executors, store.users, store.functions, store.counts, store.running):
        await ask(colony.colonyid)
    await store.colonies()
    await store.executor_ids(colony.colonyid, [executor.executorname, "nobody"])
    await store.who(executor.executorid)
    # processes
    again = colony.submission()
    await make(again, colony.submission(executortype="", executorids=(named,)), colony.submission(latestkey="lamp"))
    await make(again, colony.submission(latestkey="lamp", maxwaittime=1))
    lanes = lanes_for(colony.colonyid, named, "cli")
    claiming = moves.Claim(executorid=named, lanes=lanes, latest=False, now=colony.now)
    await store.peek(lanes, colony.now)
    ran = [one for _ in range(8) for one in await make(claiming) if one]
    ran += [one for one in await make(colony.claiming(worker, latest=True)) if one]
    key = await colony.run(a_worker("key"), executortype="key", latestkey="door", maxexectime=1)
    assert len(ran) == 9
    await store.held(colony.colonyid, named)
    await store.ahead(await colony.submit())
    await make(colony.logging(ran[0], "a line"), colony.setting(ran[0], Attribute(key="k", value=1, kind="out")))
    await store.logs(ran[0].processid, since=0, limit=9)
    await store.process(colony.colonyid, ran[0].processid)
    await store.others.as_told([change_of(ran[0].processid, told_of(ran[0], by="another"), process=None, time=None)])
    await make(colony.handing_back(ran[7]), colony.overrunning(key), colony.handing_back(key))
    await make(colony.closing(ran[0]), *(colony.closing(one, successful=False, errors=["no"]) for one in ran[1:4]))
    await make(colony.cancelling(ran[4]))
    await store.upcoming(9)
    await make(colony.ending_the_wait(ran[6]))
    # listings: every filter, both ways, and what comes behind a first page
    for wanted in filters(ran[0].assigneeid):
        for newest in (True, False):
            page = await store.page(colony.colonyid, wanted, newest=newest, limit=1, cursor="")
            if page.cursor:
                await store.page(colony.colonyid, wanted, newest=newest, limit=1, cursor=page.cursor)
    await store.finished(colony.colonyid, since=0)
    for kind in (None, "cli"):
        await store.failures(colony.colonyid, executortype=kind, limit=9)
    # what goes
    await make(*(colony.removing(one) for one in ran[:3]))
    await make(moves.Remove(colonyid=colony.colonyid, processid=ran[3].processid, ended_by=colony.now))
    await store.counts(colony.colonyid)
    await make(moves.RemoveFunction(**state, funcname="light"))
    await make(moves.RemoveExecutor(**state), moves.RemoveUser(colonyid=colony.colonyid, userid=user.userid))
    await other.cancel(await other.submit(latestkey="lamp"))
    await make(moves.RemoveColony(colonyid=other.colonyid))
    await store.ping()
    await store.others.retire()


def filters(executorid: str) -> Iterator[ProcessFilter]:
    yield ProcessFilter()
    for state in (State.WAITING, State.RUNNING, State.FAILED):
        yield ProcessFilter(state=state)
        yield ProcessFilter(state=state, executortype="cli")
        yield ProcessFilter(state=state, assigneeid=executorid)
    yield ProcessFilter(executortype="cli")
    yield ProcessFilter(assigneeid=executorid)
    yield ProcessFilter(func="sleep", label="", text="x")
    yield ProcessFilter(since=1, before=1 << 50, state=State.SUCCESSFUL)
    yield ProcessFilter(cause="no")
    yield ProcessFilter(cause="no", executortype="cli", func="sleep")


def of_protocol(protocol: type) -> set[str]:
    return {name for name, _ in inspect.getmembers(protocol, inspect.isfunction) if not name.startswith("_")}


def all_moves() -> set[type]:
    found = [one for one in vars(moves).values() if isinstance(one, type) and issubclass(one, moves.Move)]
    return set(found) - {moves.Move, moves.Change}


async def test_every_command_of_a_whole_life_goes_by_an_index_and_sorts_nothing(watched: Watched) -> None:
    colony = await with_backlog(watched)
    asked: set[str] = set()
    made: set[type] = set()
    with watched.profiled(keeps_figures=True) as done:
        await live(Noted(watched.store, asked), colony, made)
    assert of_protocol(Store) | of_protocol(Others) <= asked | OPENING
    assert all_moves() == made
    plans = [plan for step in done if (plan := explained(watched, step))]
    assert len(plans) > 100
    for command, stages in plans:
        assert stages, command
        assert not stages & {"SORT", "SORT_KEY_GENERATOR"}, command
        assert "COLLSCAN" not in stages or may_walk(command), command


def may_walk(command: dict[str, Any]) -> bool:
    """A broker that stops, once, takes itself off all executors that were connected to it."""
    is_farewell = command.get("update") == "members" and any(
        key.startswith("at.") for key in command["updates"][0]["q"]
    )
    return is_farewell or next(iter(command.values())) in SMALL


# — explaining —


def explainable(step: dict[str, Any]) -> dict[str, Any] | None:
    """The command of one entry of the profiler, as `explain` takes it; None for what looks for nothing."""
    collection, command = step["ns"].partition(".")[2], step["command"]
    if step["op"] == "update":
        return {"update": collection, "updates": [command]}
    if step["op"] == "remove":
        return {"delete": collection, "deletes": [command]}
    for name, told in LOOKING.items():
        if name in command:
            return {name: command[name], **{key: command[key] for key in told if key in command}}
    return None


def explained(watched: Watched, step: dict[str, Any]) -> tuple[dict[str, Any], set[str]] | None:
    command = explainable(step)
    if command is None:
        return None
    return command, set(stages_of(watched._database.command({"explain": command, "verbosity": "queryPlanner"})))


def stages_of(plan: Any) -> Iterator[str]:
    """The steps of the plan that was chosen, wherever they stand in the answer."""
    if isinstance(plan, list):
        for part in plan:
            yield from stages_of(part)
    elif isinstance(plan, dict):
        if isinstance(plan.get("stage"), str):
            yield plan["stage"]
        for name, part in plan.items():
            if name == "$sort":
                yield "SORT"
            elif name not in ("rejectedPlans", "command", "serverParameters"):
                yield from stages_of(part)
