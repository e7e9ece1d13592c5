"""The client for programs that block: `Colonies`.

Made by `sdk_py/generate_blocking.py`; every method runs the one of the same name of
`AsyncColonies`. Usable from any thread; the connection is kept by a thread of its own.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, Literal, Self, Unpack

from .asked import Progress, unheard
from .blocking_subscription import BlockingFeed, BlockingSubscription
from .caller import Key
from .client import AsyncColonies
from .loop_thread import LoopThread
from .operating import Wanted
from .subscription import Activities, LogLine
from .wire.figures import FailureGroup, Stats, StatsHistory
from .wire.messages import Matched
from .wire.model import (
    Attribute,
    AttributeKind,
    Colony,
    Executor,
    Explanation,
    Function,
    Log,
    Page,
    Process,
    ProcessSpec,
    ServerInfo,
    State,
    User,
    Whoami,
)
from .wire.params import DEFAULT_MATCHING


class Colonies:
    """A client of one or several brokers; see AsyncColonies for what the parameters mean."""

    def __init__(
        self,
        address: str | Sequence[str],
        *,
        key: Key | None = None,
        colony: str | None = None,
        connect_seconds: float = 10.0,
        request_seconds: float = 30.0,
    ) -> None:
        self._client = AsyncColonies(
            address, key=key, colony=colony, connect_seconds=connect_seconds, request_seconds=request_seconds
        )
        self._thread = LoopThread(last=self._client.close)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Close the client and end its thread. Processes are closed by `close_process`."""
        self._thread.close()

    def server_info(self, *, prvkey: Key | None = None) -> ServerInfo:
        """Ask what the broker is. Any key will do, known or not."""
        return self._thread.run(self._client.server_info(prvkey=prvkey))

    def whoami(self, *, prvkey: Key | None = None) -> Whoami:
        """Ask who this key is in its colony."""
        return self._thread.run(self._client.whoami(prvkey=prvkey))

    def add_colony(self, colonyid: str, name: str, *, prvkey: Key | None = None) -> Colony:
        """Add a colony; its id is the id of its owner's key. For the server owner."""
        return self._thread.run(self._client.add_colony(colonyid, name, prvkey=prvkey))

    def remove_colony(self, colonyid: str, *, prvkey: Key | None = None) -> None:
        """Remove a colony and everything in it. For the server owner."""
        self._thread.run(self._client.remove_colony(colonyid, prvkey=prvkey))

    def get_colonies(self, *, prvkey: Key | None = None) -> list[Colony]:
        """List all colonies. For the server owner."""
        return self._thread.run(self._client.get_colonies(prvkey=prvkey))

    def get_colony(self, colonyid: str | None = None, *, prvkey: Key | None = None) -> Colony:
        """Get the caller's colony; the server owner names one."""
        return self._thread.run(self._client.get_colony(colonyid, prvkey=prvkey))

    def add_executor(
        self, executorid: str, executorname: str, executortype: str, *, approve: bool = False, prvkey: Key | None = None
    ) -> Executor:
        """Add an executor; it works once it is approved. For the colony owner."""
        return self._thread.run(
            self._client.add_executor(executorid, executorname, executortype, approve=approve, prvkey=prvkey)
        )

    def approve_executor(self, executorid: str, *, prvkey: Key | None = None) -> Executor:
        """Let an executor work."""
        return self._thread.run(self._client.approve_executor(executorid, prvkey=prvkey))

    def reject_executor(self, executorid: str, *, prvkey: Key | None = None) -> Executor:
        """Let an executor work no longer; what it runs goes back to the queue."""
        return self._thread.run(self._client.reject_executor(executorid, prvkey=prvkey))

    def remove_executor(self, executorid: str, *, prvkey: Key | None = None) -> Executor:
        """Remove an executor; what it runs goes back to the queue without using up a retry."""
        return self._thread.run(self._client.remove_executor(executorid, prvkey=prvkey))

    def get_executors(
        self,
        colonyid: str | None = None,
        prvkey: Key | None = None,
        *,
        executortype: str | None = None,
        online: bool | None = None,
    ) -> list[Executor]:
        """List the executors of the colony, with whether they are online and how much they run."""
        return self._thread.run(self._client.get_executors(colonyid, prvkey, executortype=executortype, online=online))

    def get_executor(
        self, executorid: str | None = None, *, executorname: str | None = None, prvkey: Key | None = None
    ) -> Executor:
        """Get one executor, by its id or by its name."""
        return self._thread.run(self._client.get_executor(executorid, executorname=executorname, prvkey=prvkey))

    def resolve_executor(self, executorname: str, *, prvkey: Key | None = None) -> str:
        """Return the id of the executor of this name."""
        return self._thread.run(self._client.resolve_executor(executorname, prvkey=prvkey))

    def add_user(self, userid: str, name: str, role: str, *, prvkey: Key | None = None) -> User:
        """Add a user; role: viewer or operator. For the colony owner."""
        return self._thread.run(self._client.add_user(userid, name, role, prvkey=prvkey))

    def get_users(self, *, prvkey: Key | None = None) -> list[User]:
        """List the users of the colony. For the colony owner."""
        return self._thread.run(self._client.get_users(prvkey=prvkey))

    def remove_user(self, userid: str, *, prvkey: Key | None = None) -> None:
        """Remove a user. For the colony owner."""
        self._thread.run(self._client.remove_user(userid, prvkey=prvkey))

    def add_function(
        self, funcname: str, *, description: str = "", args: Sequence[Any] = (), prvkey: Key | None = None
    ) -> Function:
        """Say what this executor can do. Shown to people; it does not decide an assignment."""
        return self._thread.run(self._client.add_function(funcname, description=description, args=args, prvkey=prvkey))

    def get_functions(self, executorid: str | None = None, *, prvkey: Key | None = None) -> list[Function]:
        """List what the executors of the colony, or one of them, say that they can do."""
        return self._thread.run(self._client.get_functions(executorid, prvkey=prvkey))

    def remove_function(self, funcname: str, *, prvkey: Key | None = None) -> None:
        """Take back what `add_function` said."""
        self._thread.run(self._client.remove_function(funcname, prvkey=prvkey))

    def submit(
        self,
        spec: ProcessSpec | Mapping[str, Any],
        *,
        processid: str | None = None,
        wait: bool = False,
        timeout: float | None = None,
        prvkey: Key | None = None,
    ) -> Process:
        """Submit a process spec, given as a ProcessSpec or as the map that JSON gives.

        processid  chosen here when None, so that saying it again after a lost reply is safe.
        wait       return the process once it is successful, failed or cancelled.
        timeout    seconds to wait for that; then TimeoutError, and the process goes on.
        """
        return self._thread.run(
            self._client.submit(spec, processid=processid, wait=wait, timeout=timeout, prvkey=prvkey)
        )

    def submit_process_spec(self, spec: ProcessSpec | Mapping[str, Any], prvkey: Key | None = None) -> Process:
        """Submit a process spec: `submit` as the guide writes it."""
        return self._thread.run(self._client.submit_process_spec(spec, prvkey))

    def assign(self, timeout: float = 10, *, latest: bool = False, prvkey: Key | None = None) -> Process:
        """Be assigned a process, waiting up to `timeout` seconds (0 … 60) for one.

        latest  the newest one, rather than the one whose turn it is.
        Raises NothingToAssign when none came, which is no fault: ask again. Cancelling loses nothing:
        a process that was assigned meanwhile is handed back.
        """
        return self._thread.run(
            self._client.assign(timeout, latest=latest, prvkey=prvkey),
            undo=lambda process: self._client.hand_back(process, prvkey=prvkey),
        )

    def assign_process(self, colonyid: str | None, timeout: float, prvkey: Key | None = None) -> Process:
        """Be assigned a process: `assign` as the guide writes it."""
        return self._thread.run(
            self._client.assign_process(colonyid, timeout, prvkey),
            undo=lambda process: self._client.hand_back(process, prvkey=prvkey),
        )

    def assign_latest(self, colonyid: str | None = None, prvkey: Key | None = None, *, timeout: float = 0) -> Process:
        """Be assigned the process that was submitted last: `assign(latest=True)` as the guide writes it."""
        return self._thread.run(
            self._client.assign_latest(colonyid, prvkey, timeout=timeout),
            undo=lambda process: self._client.hand_back(process, prvkey=prvkey),
        )

    def close_process(
        self,
        processid: str | Process,
        prvkey: Key | None = None,
        *,
        successful: bool = True,
        attempt: int | None = None,
        out: Sequence[Any] = (),
        errors: Sequence[str] = (),
        attributes: Sequence[Attribute] = (),
    ) -> Process:
        """Close a process that this executor holds, as successful or failed.

        processid  its id; or the process itself, and then the close holds for its attempt alone.
        Raises DeadlinePassed, NotAssignedToYou or WrongState when it comes too late; nothing is changed then.
        """
        return self._thread.run(
            self._client.close_process(
                processid, prvkey, successful=successful, attempt=attempt, out=out, errors=errors, attributes=attributes
            )
        )

    def hand_back(self, processid: str | Process, *, attempt: int | None = None, prvkey: Key | None = None) -> Process:
        """Give a process that this executor holds back to the queue, without using up a retry."""
        return self._thread.run(self._client.hand_back(processid, attempt=attempt, prvkey=prvkey))

    def set_attribute(
        self, processid: str, key: str, value: Any, *, kind: AttributeKind = "out", prvkey: Key | None = None
    ) -> Attribute:
        """Set a named value on a process that this executor holds. One for a (key, kind): a second replaces it."""
        return self._thread.run(self._client.set_attribute(processid, key, value, kind=kind, prvkey=prvkey))

    def add_log(self, processid: str, message: str, *, prvkey: Key | None = None) -> None:
        """Add a line to the log of a process that this executor holds."""
        self._thread.run(self._client.add_log(processid, message, prvkey=prvkey))

    def get_process(self, processid: str, *, prvkey: Key | None = None) -> Process:
        """Get one process."""
        return self._thread.run(self._client.get_process(processid, prvkey=prvkey))

    def get_processes(
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
        return self._thread.run(
            self._client.get_processes(
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
        )

    def iter_processes(
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
    ) -> Iterator[Process]:
        """Go through all processes that match, page after page of `limit`; see `get_processes`."""
        return self._thread.each(
            self._client.iter_processes(
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
                prvkey=prvkey,
            )
        )

    def get_attributes(self, processid: str, *, prvkey: Key | None = None) -> list[Attribute]:
        """Get the named values of a process, those of its env included."""
        return self._thread.run(self._client.get_attributes(processid, prvkey=prvkey))

    def get_logs(
        self, processid: str, *, since: int = 0, after: int = 0, limit: int = 1000, prvkey: Key | None = None
    ) -> list[Log]:
        """Get lines of the log of a process, oldest first.

        since  ms, lines of that time included.
        after  only lines with a higher seq. An answer ends where it would not fit a frame, so ask again after its
               last line until nothing comes.
        """
        return self._thread.run(self._client.get_logs(processid, since=since, after=after, limit=limit, prvkey=prvkey))

    def explain(self, processid: str, *, prvkey: Key | None = None) -> Explanation:
        """Say in words why a process waits."""
        return self._thread.run(self._client.explain(processid, prvkey=prvkey))

    def get_stats(self, *, prvkey: Key | None = None) -> Stats:
        """Count processes and executors, by executor type and state."""
        return self._thread.run(self._client.get_stats(prvkey=prvkey))

    def get_stats_history(self, *, prvkey: Key | None = None) -> StatsHistory:
        """Count what was successful and failed in each of the last 60 minutes, by executor type."""
        return self._thread.run(self._client.get_stats_history(prvkey=prvkey))

    def get_failures(
        self, executortype: str | None = None, *, limit: int = 100, prvkey: Key | None = None
    ) -> list[FailureGroup]:
        """Get the failed processes in groups of one cause, the one that failed last first. limit: 1 … 500."""
        return self._thread.run(self._client.get_failures(executortype, limit=limit, prvkey=prvkey))

    def cancel(self, processid: str, *, prvkey: Key | None = None) -> Process:
        """Cancel what waits or runs. For operators, the colony owner, and whoever submitted it."""
        return self._thread.run(self._client.cancel(processid, prvkey=prvkey))

    def retry(self, processid: str, *, prvkey: Key | None = None) -> Process:
        """Submit the spec of a failed or cancelled process again, as a new process.

        A repeat makes nothing twice: it returns the process that the first one made, or retries that where it
        failed or was cancelled in the meantime.
        """
        return self._thread.run(self._client.retry(processid, prvkey=prvkey))

    def remove_process(self, processid: str, *, prvkey: Key | None = None) -> None:
        """Remove a process that is over, with its log."""
        self._thread.run(self._client.remove_process(processid, prvkey=prvkey))

    def retry_matching(
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
        return self._thread.run_telling(
            lambda told: self._client.retry_matching(
                limit=limit, dryrun=dryrun, progress=told, prvkey=prvkey, **wanted
            ),
            progress,
        )

    def cancel_matching(
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
        return self._thread.run_telling(
            lambda told: self._client.cancel_matching(
                limit=limit, dryrun=dryrun, progress=told, prvkey=prvkey, **wanted
            ),
            progress,
        )

    def remove_matching(
        self,
        *,
        limit: int = DEFAULT_MATCHING,
        dryrun: bool = False,
        progress: Progress = unheard,
        prvkey: Key | None = None,
        **wanted: Unpack[Wanted],
    ) -> Matched:
        """Remove everything that is over and matches, with the logs; see `cancel_matching`."""
        return self._thread.run_telling(
            lambda told: self._client.remove_matching(
                limit=limit, dryrun=dryrun, progress=told, prvkey=prvkey, **wanted
            ),
            progress,
        )

    def subscribe(
        self,
        executortype: str,
        *,
        state: State | int = State.WAITING,
        timeout: float = 0,
        wake: Literal["all", "one"] = "all",
        prvkey: Key | None = None,
    ) -> BlockingSubscription:
        """Hear of every process of this type that enters `state`: `for process in client.subscribe("cli")`.

        timeout  seconds until it ends; 0: not before it is closed. It survives reconnects.
        wake     "one": be a member of a group of which each waiting process wakes one.
        """
        return BlockingSubscription(
            self._thread, self._client.subscribe(executortype, state=state, timeout=timeout, wake=wake, prvkey=prvkey)
        )

    def watch(
        self, processid: str, *, states: Sequence[State | int] = (), timeout: float = 0, prvkey: Key | None = None
    ) -> BlockingSubscription:
        """Hear when one process enters one of these states, or is in one; none given: when it is over."""
        return BlockingSubscription(
            self._thread, self._client.watch(processid, states=states, timeout=timeout, prvkey=prvkey)
        )

    def subscribe_stats(self, interval: float = 1, *, prvkey: Key | None = None) -> BlockingFeed[Stats]:
        """Follow the figures of `get_stats`: at once, whenever they change, and every 5 s even when they do not.

        interval  seconds between two at least, 0.25 … 60.
        Only the newest are kept for whoever has not read them.
        """
        return BlockingFeed(self._thread, self._client.subscribe_stats(interval, prvkey=prvkey))

    def subscribe_activity(self, *, prvkey: Key | None = None) -> BlockingFeed[Activities]:
        """Hear in brief of every change of every process of the colony, several times a second.

        For users and the owner. What happens while the connection is lost is not told later.
        """
        return BlockingFeed(self._thread, self._client.subscribe_activity(prvkey=prvkey))

    def subscribe_logs(self, processid: str, *, prvkey: Key | None = None) -> BlockingFeed[LogLine]:
        """Hear that there are new lines in the log of a process; fetch them with `get_logs`.

        It tells the seq of the newest line; 0 each time it was made, at first and after a reconnect, when there may
        be some.
        """
        return BlockingFeed(self._thread, self._client.subscribe_logs(processid, prvkey=prvkey))

    def subscribe_processes(
        self,
        executortype: str,
        timeout: float,
        state: State | int,
        prvkey: Key | None,
        callback: Callable[[Process], object],
    ) -> None:
        """Call `callback` with every process of this type that enters `state`: `subscribe` as the guide writes it.

        It never returns: it raises SubscriptionEnded when the time (seconds) is up or the connection went.
        Then subscribe again.
        """
        made = self._client.subscribe_until_lost(executortype, timeout, state, prvkey)
        with BlockingSubscription(self._thread, made) as events:
            while True:
                callback(events.next_event().process)
