"""What follows when a member was added, changed or removed, here or at another broker."""

from __future__ import annotations

from collections.abc import Callable, Coroutine
from typing import Any

from colonies.wire import errors

from .assigner import Assigner
from .attendance import Attendance
from .authority import Authority, why_no_member
from .presence import Presence
from .subscriptions import Subscriptions
from .ticker import Ticker


class Membership:
    def __init__(
        self,
        authority: Authority,
        presence: Presence,
        assigner: Assigner,
        subscriptions: Subscriptions,
        ticker: Ticker,
        attendance: Attendance,
        *,
        spawn: Callable[[Coroutine[Any, Any, None]], None],
    ) -> None:
        self._authority = authority
        self._presence = presence
        self._assigner = assigner
        self._subscriptions = subscriptions
        self._ticker = ticker
        self._attendance = attendance
        self._spawn = spawn

    def changed_here(self, identity: str, error: errors.ColoniesError | None = None) -> None:
        """With an error: this one may do nothing here any more, and is told why."""
        self._authority.forget()
        self._note(identity)
        if error is not None:
            self._expel(identity, error)

    def changed(self, identity: str) -> None:
        """As the bus tells it, also of what was done here. Whether it may still do anything, the store says."""
        self._authority.forget(identity)
        self._note(identity)
        if self._presence.is_online(identity):
            self._spawn(self._expel_unless_member(identity))

    def _note(self, identity: str) -> None:
        self._ticker.note_members()
        self._attendance.doubt(identity)

    async def _expel_unless_member(self, identity: str) -> None:
        caller = await self._authority.caller(identity)
        if not caller.is_member and not caller.is_server_owner:
            self._expel(identity, why_no_member(caller))

    def _expel(self, identity: str, error: errors.ColoniesError) -> None:
        self._assigner.expel(identity, error)
        for connection in list(self._presence.connections(identity)):
            self._subscriptions.end_of(connection, identity)
