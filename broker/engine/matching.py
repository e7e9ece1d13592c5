"""Do something with everything that matches a filter: retry, cancel or remove it.

What matches is read page by page, oldest first, one state after the other, and each page is
offered to the store at once, so that its moves share commits, with those of everybody else
in between. Only what was submitted before it began is touched, so it ends whatever comes
in meanwhile. Being cancelled, at its worst moment in the middle of a page, leaves done what
was done. Knows nothing of who asks, and of who is told how far it is.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from dataclasses import dataclass

from msgspec.structs import replace

from broker.store.base import Store
from colonies.wire import errors
from colonies.wire.messages import Matched
from colonies.wire.model import Page, Process, State
from colonies.wire.params import ProcessFilter

Act = Callable[[Process], Awaitable[bool]]
Between = Callable[[Matched], Awaitable[None]]

PAGE = 128


@dataclass(slots=True)
class Reach:
    """How far it is: the same two numbers as `Matched`, while they move."""

    matched: int = 0
    done: int = 0

    def now(self) -> Matched:
        return Matched(matched=self.matched, done=self.done)


class Matching:
    """One run over what matches.

    eligible  the states in which something can be done.
    before    ms; what was submitted from then on is left alone.
    Raises BadRequest when the filter asks for a state in which nothing can be done.
    """

    def __init__(
        self, store: Store, colonyid: str, wanted: ProcessFilter, *, eligible: Sequence[State], before: int
    ) -> None:
        if wanted.state is not None and wanted.state not in eligible:
            words = " or ".join(f"{int(state)}, {state.name.lower()}" for state in eligible)
            raise errors.BadRequest("state", words, f"{int(wanted.state)}, {wanted.state.name.lower()}")
        self.reach = Reach()
        self._store = store
        self._colonyid = colonyid
        until = before if wanted.before is None else min(before, wanted.before)
        self._states = [state for state in eligible if wanted.state in (None, state)]
        self._wanted = replace(wanted, before=until)

    async def count(self) -> Matched:
        """How many match."""
        pages = [await self._page(state, limit=1) for state in self._states]
        self.reach.matched = sum(page.total for page in pages)
        return self.reach.now()

    async def run(self, act: Act, *, limit: int, between: Between) -> Matched:
        """Do it to the first `limit` of them. A refusal of one process leaves that one as it is.

        act      does it to one process; whether it did something.
        between  is awaited once they are counted and after every page, and may raise to end the run.
        """
        await between(await self.count())
        left = limit
        async for page in self._pages():
            await self._do_all(act, page[:left])
            await between(self.reach.now())
            left -= len(page[:left])
            if not left:
                break
        return self.reach.now()

    async def _pages(self) -> AsyncIterator[list[Process]]:
        # Each state is looked at when its turn comes: what waited when it began may run by then, and is met there.
        for state in self._states:
            page = await self._page(state)
            yield page.processes
            while page.cursor:
                page = await self._page(state, cursor=page.cursor)
                yield page.processes

    async def _page(self, state: State, *, limit: int = PAGE, cursor: str = "") -> Page:
        wanted = replace(self._wanted, state=state)
        return await self._store.page(self._colonyid, wanted, newest=False, limit=limit, cursor=cursor)

    async def _do_all(self, act: Act, processes: Sequence[Process]) -> None:
        """All are offered at once, so that they share a commit."""
        for outcome in await asyncio.gather(*(self._do(act, each) for each in processes), return_exceptions=True):
            if outcome is not None:
                raise outcome

    async def _do(self, act: Act, process: Process) -> None:
        try:
            done = await act(process)
        except errors.Unavailable:
            raise
        except errors.ColoniesError:  # removed, taken or closed since the page was read: it matches no more
            return
        self.reach.done += done
