"""Who the caller is, and whether that is enough.

Roles are read from the store and kept; a change of members empties what is kept, at once
where it is made, and at another broker as the bus tells of it. Where the bus is not current,
what was kept for longer than `authority_seconds` is read again.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field
from enum import Enum
from typing import Literal

from broker.store.base import Membership, Store
from colonies.wire import errors
from colonies.wire.model import Colony, Executor, ExecutorState, User

MAX_KEPT = 100_000


class Need(Enum):
    """What a method asks of its caller."""

    NOBODY = "nobody"
    MEMBER = "a member of a colony"
    EXECUTOR = "an approved executor"
    SUBMITTER = "an approved executor, an operator or the colony owner"
    OPERATOR = "an operator or the colony owner"
    COLONY_OWNER = "the colony owner"
    SERVER_OWNER = "the server owner"
    SERVER_OWNER_OR_MEMBER = "the server owner or a member of a colony"


@dataclass(frozen=True, slots=True)
class Caller:
    """Who signed. colonyid is empty for whoever is in no colony. met: the needs that it meets."""

    identity: str
    is_server_owner: bool = False
    owner_of: Colony | None = None
    executor: Executor | None = None
    user: User | None = None
    colonyid: str = ""
    met: frozenset[Need] = field(init=False)

    def __post_init__(self) -> None:
        """Once for each caller, and not for each of its requests."""
        object.__setattr__(self, "met", frozenset(need for need, is_met in _MET.items() if is_met(self)))

    @property
    def is_operator(self) -> bool:
        return self.owner_of is not None or (self.user is not None and self.user.role == "operator")

    @property
    def is_executor(self) -> bool:
        return self.executor is not None and self.executor.state == ExecutorState.APPROVED

    @property
    def is_member(self) -> bool:
        return self.owner_of is not None or self.user is not None or self.is_executor

    @property
    def role(self) -> Literal["owner", "operator", "viewer", "executor"]:
        """What it is in its colony, where it is a member."""
        return "owner" if self.owner_of else self.user.role if self.user else "executor"

    @property
    def name(self) -> str:
        """What it is called in its colony. An owner goes by the name of the colony."""
        if self.owner_of:
            return self.owner_of.name
        if self.user:
            return self.user.name
        return self.executor.executorname if self.executor else ""

    def the_executor(self) -> Executor:
        """The executor that it is, where the method's need made sure that it is one."""
        if self.executor is None:
            raise errors.Forbidden("only an executor can do this")
        return self.executor


_MET: dict[Need, Callable[[Caller], bool]] = {
    Need.NOBODY: lambda caller: True,
    Need.MEMBER: lambda caller: caller.is_member,
    Need.EXECUTOR: lambda caller: caller.is_executor,
    Need.SUBMITTER: lambda caller: caller.is_operator or caller.is_executor,
    Need.OPERATOR: lambda caller: caller.is_operator,
    Need.COLONY_OWNER: lambda caller: caller.owner_of is not None,
    Need.SERVER_OWNER: lambda caller: caller.is_server_owner,
    Need.SERVER_OWNER_OR_MEMBER: lambda caller: caller.is_server_owner or caller.is_member,
}


class Authority:
    def __init__(
        self, store: Store, *, owner: str, keep_seconds: float, is_told: Callable[[], bool] = lambda: False
    ) -> None:
        """is_told: whether changes that other brokers made have been heard of until a moment ago."""
        self._store = store
        self._owner = owner
        self._keep_seconds = keep_seconds
        self._is_told = is_told if store.shared else lambda: True
        self._kept: dict[str, tuple[float, Caller]] = {}
        self._asking: dict[str, asyncio.Event] = {}
        self._changes = 0

    async def caller(self, identity: str) -> Caller:
        """Who this is. Raises Unavailable when it is not known and the store cannot be asked.

        While the store is asked, others with the same question wait for that answer and go on in the
        order in which they came: requests of a batch are begun in their order, and must stay in it.
        """
        while True:
            if known := self._known(identity):
                return known
            asking = self._asking.get(identity)
            if asking is None:
                return await self._ask(identity)
            await asking.wait()

    def _known(self, identity: str) -> Caller | None:
        """Who this is, as far as it is kept and can be relied upon."""
        kept = self._kept.get(identity)
        if kept and (self._is_told() or asyncio.get_running_loop().time() - kept[0] < self._keep_seconds):
            return kept[1]
        return None

    async def _ask(self, identity: str) -> Caller:
        self._asking[identity] = asked = asyncio.Event()
        try:
            found = await self._read(identity)
            # Strangers are not kept: anybody can make keys.
            if found.is_server_owner or found.colonyid:
                if len(self._kept) >= MAX_KEPT:
                    self._kept.clear()
                self._kept[identity] = (asyncio.get_running_loop().time(), found)
            return found
        finally:
            del self._asking[identity]
            asked.set()

    async def _read(self, identity: str) -> Caller:
        """Ask the store, and again when members changed meanwhile: who was removed must not slip in."""
        while True:
            changes = self._changes
            found = self._make(identity, await self._store.who(identity))
            if changes == self._changes:
                return found

    def _make(self, identity: str, membership: Membership) -> Caller:
        owner_of, executor, user = membership
        colonyid = owner_of.colonyid if owner_of else executor.colonyid if executor else user[0] if user else ""
        return Caller(
            identity,
            is_server_owner=identity == self._owner,
            owner_of=owner_of,
            executor=executor,
            user=user[1] if user else None,
            colonyid=colonyid,
        )

    def forget(self, identity: str | None = None) -> None:
        """A member has changed, or several (None): ask the store again."""
        self._changes += 1
        if identity is None:
            self._kept.clear()
        else:
            self._kept.pop(identity, None)

    async def permit(self, identity: str, need: Need, colonyid: str | None) -> Caller:
        """The caller, if it may do what needs this; `colonyid` is the one that the request named, if any.

        Raises UnknownIdentity, NotApproved, Forbidden, and NotFound for a colony that is not the caller's.
        """
        caller = self._known(identity) or await self.caller(identity)
        if need is Need.NOBODY:
            return caller
        if not (caller.is_server_owner or caller.colonyid):
            raise errors.UnknownIdentity(
                f"nobody here knows the key {identity[:8]}…; it must be added to a colony first, or was removed"
            )
        if need not in caller.met:
            raise _refusal(caller, need)
        if colonyid is not None and not caller.is_server_owner and colonyid != caller.colonyid:
            raise errors.NotFound(f"there is no colony {colonyid[:8]}… here that you belong to")
        return caller


def why_no_member(caller: Caller) -> errors.ColoniesError:
    """What to tell somebody who was a member and is none any more."""
    if caller.executor:
        return errors.NotApproved(f"executor {caller.executor.executorname!r} was rejected")
    return errors.UnknownIdentity(f"the key {caller.identity[:8]}… was removed from its colony")


def _refusal(caller: Caller, need: Need) -> errors.ColoniesError:
    if caller.executor and not caller.is_executor:
        name, state = caller.executor.executorname, caller.executor.state.name.lower()
        return errors.NotApproved(
            f"executor {name!r} is {state}; the colony owner or an operator approves it with "
            f"`colonies executor approve {caller.identity}`"
        )
    return errors.Forbidden(f"this needs {need.value}, and you are {_described(caller)}")


def _described(caller: Caller) -> str:
    if caller.owner_of:
        return "the colony owner"
    if caller.executor:
        return "an executor"
    if caller.user:
        return f"a user with the role {caller.user.role}"
    return "the server owner"
