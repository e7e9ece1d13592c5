"""Who is who, while members change."""

from __future__ import annotations

from pathlib import Path

import pytest

from broker.engine.authority import Authority, Need
from broker.store.base import Membership
from broker.store.moves import AddColony, AddExecutor, RemoveExecutor
from broker.store.sqlite import SqliteStore
from colonies.wire import errors
from colonies.wire.identity import Identity
from colonies.wire.model import Colony, Executor, ExecutorState

COLONY, EXECUTOR = Identity.generate().id, Identity.generate().id


class StoreThatIsOvertaken(SqliteStore):
    """A real store; once, an executor is removed between what it reads and what it answers."""

    authority: Authority | None = None

    async def who(self, identity: str) -> Membership:
        found = await super().who(identity)
        authority, self.authority = self.authority, None
        if authority:
            await self.apply([RemoveExecutor(colonyid=COLONY, executorid=EXECUTOR)])
            authority.forget()
        return found


async def test_who_was_removed_while_it_was_looked_up_does_not_slip_in(tmp_path: Path) -> None:
    store = StoreThatIsOvertaken(tmp_path / "b.db")
    await store.open()
    executor = Executor(
        executorid=EXECUTOR, executorname="e", executortype="cli", colonyid=COLONY, state=ExecutorState.APPROVED
    )
    await store.apply([AddColony(colony=Colony(colonyid=COLONY, name="c")), AddExecutor(executor=executor)])
    authority = Authority(store, owner="", keep_seconds=1)
    assert (await authority.permit(EXECUTOR, Need.EXECUTOR, None)).executor == executor
    authority.forget()
    store.authority = authority
    with pytest.raises(errors.UnknownIdentity):
        await authority.permit(EXECUTOR, Need.EXECUTOR, None)
    await store.close()
