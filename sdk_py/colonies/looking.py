"""What a client asks to see what there is, and what operators do about it."""

from __future__ import annotations

from collections.abc import AsyncGenerator

from .caller import Caller, Key
from .wire.messages import Empty
from .wire.model import Attribute, Explanation, Log, Page, Process, State, Stats


class Looking:
    """Reading processes, and an operator's moves, as methods of a client."""

    caller: Caller

    async def get_process(self, processid: str, *, prvkey: Key | None = None) -> Process:
        """Get one process."""
        return await self.caller.ask("process.get", Process, {"processid": processid}, prvkey)

    async def get_processes(
        self,
        *,
        state: State | int | None = None,
        executortype: str | None = None,
        func: str | None = None,
        label: str | None = None,
        text: str | None = None,
        since: int | None = None,
        before: int | None = None,
        newest: bool = True,
        limit: int = 100,
        cursor: str = "",
        prvkey: Key | None = None,
    ) -> Page:
        """Get one page of the processes that match, in the order of submission.

        since, before  submission time in ms, from and up to but not including.
        text           part of an argument or an error, in any case of letters.
        cursor         of the page before; the last page has none.
        """
        params = {
            "state": None if state is None else int(state),
            "executortype": executortype,
            "func": func,
            "label": label,
            "text": text,
            "since": since,
            "before": before,
            "newest": newest,
            "limit": limit,
            "cursor": cursor,
        }
        return await self.caller.ask("process.list", Page, params, prvkey)

    async def iter_processes(
        self,
        *,
        state: State | int | None = None,
        executortype: str | None = None,
        func: str | None = None,
        label: str | None = None,
        text: str | None = None,
        since: int | None = None,
        before: int | None = None,
        newest: bool = True,
        limit: int = 100,
        prvkey: Key | None = None,
    ) -> AsyncGenerator[Process, None]:
        """Go through all processes that match, page after page of `limit`; see `get_processes`."""
        cursor = ""
        while True:
            page = await self.get_processes(
                state=state,
                executortype=executortype,
                func=func,
                label=label,
                text=text,
                since=since,
                before=before,
                newest=newest,
                limit=limit,
                cursor=cursor,
                prvkey=prvkey,
            )
            for process in page.processes:
                yield process
            cursor = page.cursor
            if not cursor:
                return

    async def get_attributes(self, processid: str, *, prvkey: Key | None = None) -> list[Attribute]:
        """Get the named values of a process, those of its env included."""
        return await self.caller.ask("attribute.list", list[Attribute], {"processid": processid}, prvkey)

    async def get_logs(
        self, processid: str, *, since: int = 0, limit: int = 1000, prvkey: Key | None = None
    ) -> list[Log]:
        """Get the log of a process, oldest line first. since: ms, lines of that time included."""
        return await self.caller.ask(
            "log.list", list[Log], {"processid": processid, "since": since, "limit": limit}, prvkey
        )

    async def explain(self, processid: str, *, prvkey: Key | None = None) -> Explanation:
        """Say in words why a process waits."""
        return await self.caller.ask("process.explain", Explanation, {"processid": processid}, prvkey)

    async def get_stats(self, *, prvkey: Key | None = None) -> Stats:
        """Count processes and executors, by executor type and state."""
        return await self.caller.ask("stats.get", Stats, {}, prvkey)

    # — an operator's moves —

    async def cancel(self, processid: str, *, prvkey: Key | None = None) -> Process:
        """Cancel what waits or runs. For operators, the colony owner, and whoever submitted it."""
        return await self.caller.ask("process.cancel", Process, {"processid": processid}, prvkey)

    async def retry(self, processid: str, *, prvkey: Key | None = None) -> Process:
        """Submit the spec of a failed or cancelled process again, as a new process."""
        return await self.caller.ask("process.retry", Process, {"processid": processid}, prvkey)

    async def remove_process(self, processid: str, *, prvkey: Key | None = None) -> None:
        """Remove a process that is over, with its log."""
        await self.caller.ask("process.remove", Empty, {"processid": processid}, prvkey)
