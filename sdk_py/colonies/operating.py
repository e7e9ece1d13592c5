"""What operators do about processes: with one, and with everything that matches a filter."""

from __future__ import annotations

from typing import TypedDict, Unpack

from .asked import Progress, unheard
from .caller import Caller, Key
from .wire.messages import Empty, Matched
from .wire.model import Process, State
from .wire.params import DEFAULT_MATCHING

# Before the first sign of a move on many they are counted; afterwards one comes every few moments.
MATCHING_SECONDS = 60.0


class Wanted(TypedDict, total=False):
    """Which processes; None: whichever.

    since, before  submission time in ms, from and up to but not including.
    text           part of an error or an argument, in any case of letters, within their first 4096 characters.
    cause          of a failed one, as `get_failures` says it.
    assigneeid     who runs it, or ran it last.
    """

    state: State | int | None
    executortype: str | None
    func: str | None
    label: str | None
    text: str | None
    since: int | None
    before: int | None
    cause: str | None
    assigneeid: str | None


class Operating:
    """An operator's moves, as methods of a client."""

    caller: Caller

    async def cancel(self, processid: str, *, prvkey: Key | None = None) -> Process:
        """Cancel what waits or runs. For operators, the colony owner, and whoever submitted it."""
        return await self.caller.ask("process.cancel", Process, {"processid": processid}, prvkey)

    async def retry(self, processid: str, *, prvkey: Key | None = None) -> Process:
        """Submit the spec of a failed or cancelled process again, as a new process.

        A repeat makes nothing twice: it returns the process that the first one made, or retries that where it
        failed or was cancelled in the meantime.
        """
        return await self.caller.ask("process.retry", Process, {"processid": processid}, prvkey)

    async def remove_process(self, processid: str, *, prvkey: Key | None = None) -> None:
        """Remove a process that is over, with its log."""
        await self.caller.ask("process.remove", Empty, {"processid": processid}, prvkey)

    async def retry_matching(
        self,
        *,
        limit: int = DEFAULT_MATCHING,
        dryrun: bool = False,
        progress: Progress = unheard,
        prvkey: Key | None = None,
        **wanted: Unpack[Wanted],
    ) -> Matched:
        """Retry every failed or cancelled process that matches, oldest first; see `get_processes` for how.

        limit     how many at most, 1 … 100,000.
        dryrun    only say how many match.
        progress  called with (done, matched), several times a second; what it raises ends the waiting.
        The broker does it in batches, for as long as this client is connected; what was done stays done, and a
        repeat makes nothing twice. Only what was submitted before it began is touched. Cancelling only stops the
        waiting.
        """
        return await self._move("process.retry_matching", wanted, limit, dryrun, progress, prvkey)

    async def cancel_matching(
        self,
        *,
        limit: int = DEFAULT_MATCHING,
        dryrun: bool = False,
        progress: Progress = unheard,
        prvkey: Key | None = None,
        **wanted: Unpack[Wanted],
    ) -> Matched:
        """Cancel everything that waits or runs and matches; see `retry_matching`.

        Raises ConnectionLost when the connection ends before it has: some is done, and the same call does the rest.
        """
        return await self._move("process.cancel_matching", wanted, limit, dryrun, progress, prvkey)

    async def remove_matching(
        self,
        *,
        limit: int = DEFAULT_MATCHING,
        dryrun: bool = False,
        progress: Progress = unheard,
        prvkey: Key | None = None,
        **wanted: Unpack[Wanted],
    ) -> Matched:
        """Remove everything that is over and matches, with the logs; see `cancel_matching`."""
        return await self._move("process.remove_matching", wanted, limit, dryrun, progress, prvkey)

    async def _move(
        self, method: str, wanted: Wanted, limit: int, dryrun: bool, progress: Progress, prvkey: Key | None
    ) -> Matched:
        params = {**plain(wanted), "limit": limit, "dryrun": dryrun}
        return await self.caller.ask(method, Matched, params, prvkey, more_seconds=MATCHING_SECONDS, progress=progress)


def plain(wanted: Wanted) -> dict[str, object]:
    """As it is sent: the state as its number."""
    state = wanted.get("state")
    return {**wanted, "state": None if state is None else int(state)}
