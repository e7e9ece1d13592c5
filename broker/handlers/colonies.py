"""colony.*: the server owner's affair."""

from __future__ import annotations

from broker.engine.authority import Need
from broker.logs import short
from broker.store.moves import AddColony, ColonyRemoved, Outcome, RemoveColony
from colonies.wire import errors
from colonies.wire.messages import Empty
from colonies.wire.model import Colony
from colonies.wire.params import ColonyAdd, ColonyRemove, Nothing

from .registry import Call, method


@method("colony.add", Need.SERVER_OWNER)
async def add(call: Call, params: ColonyAdd) -> Colony:
    colony = await call.node.commit.do(AddColony(colony=Colony(colonyid=params.colonyid, name=params.name)))
    call.node.membership.changed_here(params.colonyid)
    call.note("member_action", "added a colony", colonyid=short(params.colonyid))
    return colony


@method("colony.remove", Need.SERVER_OWNER)
async def remove(call: Call, params: ColonyRemove) -> Empty:
    """Its members are strangers from then on; whoever waits or listens is sent away."""
    membership, colonyid = call.node.membership, params.colonyid

    def settled(outcome: Outcome[ColonyRemoved], _: bool) -> None:
        membership.changed_here(colonyid)  # whatever came of it: it may have been done, wholly or in part
        if isinstance(outcome, ColonyRemoved):
            gone = errors.UnknownIdentity("the colony was removed")
            for identity in (colonyid, *outcome.members):
                membership.changed_here(identity, gone)

    await call.node.commit.do(RemoveColony(colonyid=colonyid), settled=settled)
    call.note("member_action", "removed a colony", colonyid=short(colonyid))
    return Empty()


@method("colony.list", Need.SERVER_OWNER)
async def list_all(call: Call, _: Nothing) -> list[Colony]:
    return await call.node.store.colonies()


@method("colony.get", Need.SERVER_OWNER_OR_MEMBER)
async def get(call: Call, params: Nothing) -> Colony:
    return await call.node.colony(params.colonyid or call.colonyid)
