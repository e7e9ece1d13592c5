"""One conditional step on one process, as a client asks for it: done, told of, and answered."""

from __future__ import annotations

from functools import partial

from msgspec.structs import replace

from broker.store.moves import Change, Changed
from colonies.wire import errors
from colonies.wire.model import Process, State

from .announcer import Announcer
from .commit import Commit
from .doubts import Doubts


class Steps:
    def __init__(self, commit: Commit, announcer: Announcer) -> None:
        self._commit = commit
        self._announcer = announcer
        self._doubts = Doubts()

    async def do(self, move: Change) -> Process:
        """Return the process as it is then, or raise the refusal."""
        return (await self._commit.do(move, settled=partial(self._settled, move.processid))).after

    def _settled(self, processid: str, outcome: Changed | Exception, _caller_has_gone: bool) -> None:
        if isinstance(outcome, errors.Unavailable):
            self._doubts.note(processid)
        if isinstance(outcome, Exception):
            return
        before, after = outcome
        was_in_doubt = self._doubts.settle(processid)
        if was_in_doubt and before is after and after.state != State.RUNNING:
            before = replace(after, attempt=after.attempt - 1)  # it had become so the time before
        self._announcer.announce(before, after)
