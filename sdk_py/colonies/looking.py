"""What a client asks to see what there is."""

from __future__ import annotations

from collections.abc import AsyncGenerator

from .caller import Caller, Key
from .wire.figures import FailureGroup, Stats, StatsHistory
from .wire.model import Attribute, Explanation, Log, Page, Process, State


class Looking:
    """Reading, as methods of a client."""

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
        cause: str | None = None,
        assigneeid: str | None = None,
        newest: bool = True,
        limit: int = 100,
        cursor: str = "",
        prvkey: Key | None = None,
    ) -> Page:
        """Get one page of the processes that match, in the order of submission.

        since, before  submission time in ms, from and up to but not including.
        text           part of an error or an argument, in any case of letters, within their first 4096 characters.
        cause          of a failed one, as `get_failures` says it.
        assigneeid     who runs it, or ran it last.
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
            "cause": cause,
            "assigneeid": assigneeid,
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
        cause: str | None = None,
        assigneeid: str | None = None,
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
                cause=cause,
                assigneeid=assigneeid,
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
        self, processid: str, *, since: int = 0, after: int = 0, limit: int = 1000, prvkey: Key | None = None
    ) -> list[Log]:
        """Get lines of the log of a process, oldest first.

        since  ms, lines of that time included.
        after  only lines with a higher seq. An answer ends where it would not fit a frame, so ask again after its
               last line until nothing comes.
        """
        params = {"processid": processid, "since": since, "after": after, "limit": limit}
        return await self.caller.ask("log.list", list[Log], params, prvkey)

    async def explain(self, processid: str, *, prvkey: Key | None = None) -> Explanation:
        """Say in words why a process waits."""
        return await self.caller.ask("process.explain", Explanation, {"processid": processid}, prvkey)

    async def get_stats(self, *, prvkey: Key | None = None) -> Stats:
        """Count processes and executors, by executor type and state."""
        return await self.caller.ask("stats.get", Stats, {}, prvkey)

    async def get_stats_history(self, *, prvkey: Key | None = None) -> StatsHistory:
        """Count what was successful and failed in each of the last 60 minutes, by executor type."""
        return await self.caller.ask("stats.history", StatsHistory, {}, prvkey)

    async def get_failures(
        self, executortype: str | None = None, *, limit: int = 100, prvkey: Key | None = None
    ) -> list[FailureGroup]:
        """Get the failed processes in groups of one cause, the one that failed last first. limit: 1 … 500."""
        params = {"executortype": executortype, "limit": limit}
        return await self.caller.ask("failure.list", list[FailureGroup], params, prvkey)
