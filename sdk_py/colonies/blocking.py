"""The client for programs that block: `Colonies`.

Made by `sdk_py/generate_blocking.py` from `client.py`; every method runs the one of the same
name there. Usable from any thread; the connection is kept by a thread of its own.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, Self

from .client import AsyncColonies, Key
from .loop_thread import BlockingSubscription, LoopThread
from .wire.model import (
    Attribute,
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
    Stats,
    User,
)


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
        self._thread = LoopThread()

        async def make() -> AsyncColonies:
            return AsyncColonies(
                address, key=key, colony=colony, connect_seconds=connect_seconds, request_seconds=request_seconds
            )

        try:
            self._client = self._thread.run(make())
        except BaseException:
            self._thread.close()
            raise

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Close the connection and end its thread. Processes are closed by `close_process`."""
        self._thread.run(self._client.close())
        self._thread.close()

    def server_info(self, *, prvkey: Key | None = None) -> ServerInfo:
        """What the broker is. Works with any key, known or not."""
        return self._thread.run(self._client.server_info(prvkey=prvkey))

    def add_colony(self, colonyid: str, name: str, *, prvkey: Key | None = None) -> Colony:
        """Add a colony; colonyid is the id of its owner's key. The server owner's."""
        return self._thread.run(self._client.add_colony(colonyid, name, prvkey=prvkey))

    def remove_colony(self, colonyid: str, *, prvkey: Key | None = None) -> None:
        """Remove a colony and everything in it. The server owner's."""
        self._thread.run(self._client.remove_colony(colonyid, prvkey=prvkey))

    def get_colonies(self, *, prvkey: Key | None = None) -> list[Colony]:
        """All colonies. The server owner's."""
        return self._thread.run(self._client.get_colonies(prvkey=prvkey))

    def get_colony(self, colonyid: str | None = None, *, prvkey: Key | None = None) -> Colony:
        """The caller's colony; the server owner names one."""
        return self._thread.run(self._client.get_colony(colonyid, prvkey=prvkey))

    def add_executor(
        self, executorid: str, executorname: str, executortype: str, *, approve: bool = False, prvkey: Key | None = None
    ) -> Executor:
        """Add an executor; it works once it is approved. The colony owner's."""
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
        """Remove an executor; what it runs goes back to the queue."""
        return self._thread.run(self._client.remove_executor(executorid, prvkey=prvkey))

    def get_executors(
        self,
        colonyid: str | None = None,
        prvkey: Key | None = None,
        *,
        executortype: str | None = None,
        online: bool | None = None,
    ) -> list[Executor]:
        """The executors of the colony, with whether they are online and how much they run."""
        return self._thread.run(self._client.get_executors(colonyid, prvkey, executortype=executortype, online=online))

    def get_executor(
        self, executorid: str | None = None, *, executorname: str | None = None, prvkey: Key | None = None
    ) -> Executor:
        """One executor, by its id or by its name."""
        return self._thread.run(self._client.get_executor(executorid, executorname=executorname, prvkey=prvkey))

    def resolve_executor(self, executorname: str, *, prvkey: Key | None = None) -> str:
        """From an executor's name to its id."""
        return self._thread.run(self._client.resolve_executor(executorname, prvkey=prvkey))

    def add_user(self, userid: str, name: str, role: str, *, prvkey: Key | None = None) -> User:
        """Add a user; role: viewer or operator. The colony owner's."""
        return self._thread.run(self._client.add_user(userid, name, role, prvkey=prvkey))

    def get_users(self, *, prvkey: Key | None = None) -> list[User]:
        """The users of the colony. The colony owner's."""
        return self._thread.run(self._client.get_users(prvkey=prvkey))

    def remove_user(self, userid: str, *, prvkey: Key | None = None) -> None:
        """Remove a user. The colony owner's."""
        self._thread.run(self._client.remove_user(userid, prvkey=prvkey))

    def add_function(
        self, funcname: str, *, description: str = "", args: Sequence[Any] = (), prvkey: Key | None = None
    ) -> Function:
        """Say what this executor can do; shown to people, it decides nothing."""
        return self._thread.run(self._client.add_function(funcname, description=description, args=args, prvkey=prvkey))

    def get_functions(self, executorid: str | None = None, *, prvkey: Key | None = None) -> list[Function]:
        """What the executors of the colony, or one of them, say they can do."""
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
        """Submit a process spec, as a ProcessSpec or as the map that JSON gives.

        processid  chosen here when None, so that a repeat after a lost reply is safe.
        wait       return it once it is successful, failed or cancelled.
        timeout    seconds to wait for that; TimeoutError when they are over, the process goes on.
        """
        return self._thread.run(
            self._client.submit(spec, processid=processid, wait=wait, timeout=timeout, prvkey=prvkey)
        )

    def submit_process_spec(self, spec: ProcessSpec | Mapping[str, Any], prvkey: Key | None = None) -> Process:
        """Submit a process spec: `submit` with the key in its place."""
        return self._thread.run(self._client.submit_process_spec(spec, prvkey))

    def assign(self, timeout: float = 10, *, latest: bool = False, prvkey: Key | None = None) -> Process:
        """Be assigned a process, waiting up to `timeout` seconds (0 … 60) for one.

        latest  the newest instead of the one whose turn it is.
        Raises NothingToAssign when none came, which is no fault: ask again.
        """
        return self._thread.run(self._client.assign(timeout, latest=latest, prvkey=prvkey))

    def assign_process(self, colonyid: str | None, timeout: float, prvkey: Key | None = None) -> Process:
        """Be assigned a process of the colony: `assign` with everything in its place."""
        return self._thread.run(self._client.assign_process(colonyid, timeout, prvkey))

    def assign_latest(self, colonyid: str | None = None, prvkey: Key | None = None, *, timeout: float = 0) -> Process:
        """Be assigned the process that was submitted last."""
        return self._thread.run(self._client.assign_latest(colonyid, prvkey, timeout=timeout))

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
        """Close a process that this executor was assigned, as successful or failed.

        processid  its id, or the process itself, whose attempt then fences the close.
        A close that comes too late raises DeadlinePassed, NotAssignedToYou or WrongState and changes nothing.
        """
        return self._thread.run(
            self._client.close_process(
                processid, prvkey, successful=successful, attempt=attempt, out=out, errors=errors, attributes=attributes
            )
        )

    def hand_back(self, processid: str | Process, *, attempt: int | None = None, prvkey: Key | None = None) -> Process:
        """Give a process back to the queue, without using up a retry."""
        return self._thread.run(self._client.hand_back(processid, attempt=attempt, prvkey=prvkey))

    def set_attribute(
        self, processid: str, key: str, value: Any, *, kind: str = "out", prvkey: Key | None = None
    ) -> Attribute:
        """Set a named value on a process that this executor holds. kind: in, out, err or env."""
        return self._thread.run(self._client.set_attribute(processid, key, value, kind=kind, prvkey=prvkey))

    def add_log(self, processid: str, message: str, *, prvkey: Key | None = None) -> None:
        """Add a line to the log of a process that this executor holds."""
        self._thread.run(self._client.add_log(processid, message, prvkey=prvkey))

    def get_process(self, processid: str, *, prvkey: Key | None = None) -> Process:
        """One process."""
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
        newest: bool = True,
        limit: int = 100,
        cursor: str = "",
        prvkey: Key | None = None,
    ) -> Page:
        """A page of the processes that match, by time of submission. since and before: ms; text: in args and errors."""
        return self._thread.run(
            self._client.get_processes(
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
        )

    def iter_processes(self, **wanted: Any) -> Iterator[Process]:
        """All processes that match, page after page; takes what `get_processes` takes."""
        return self._thread.each(self._client.iter_processes(**wanted))

    def cancel(self, processid: str, *, prvkey: Key | None = None) -> Process:
        """Cancel what waits or runs."""
        return self._thread.run(self._client.cancel(processid, prvkey=prvkey))

    def retry(self, processid: str, *, prvkey: Key | None = None) -> Process:
        """Submit the spec of a failed or cancelled process again, as a new process."""
        return self._thread.run(self._client.retry(processid, prvkey=prvkey))

    def remove_process(self, processid: str, *, prvkey: Key | None = None) -> None:
        """Remove a process that is over, with its log."""
        self._thread.run(self._client.remove_process(processid, prvkey=prvkey))

    def explain(self, processid: str, *, prvkey: Key | None = None) -> Explanation:
        """Why a process waits, in words."""
        return self._thread.run(self._client.explain(processid, prvkey=prvkey))

    def get_attributes(self, processid: str, *, prvkey: Key | None = None) -> list[Attribute]:
        """The named values of a process, those of its env included."""
        return self._thread.run(self._client.get_attributes(processid, prvkey=prvkey))

    def get_logs(self, processid: str, *, since: int = 0, limit: int = 1000, prvkey: Key | None = None) -> list[Log]:
        """The log of a process, oldest line first. since: ms, that time included."""
        return self._thread.run(self._client.get_logs(processid, since=since, limit=limit, prvkey=prvkey))

    def get_stats(self, *, prvkey: Key | None = None) -> Stats:
        """How many processes and executors there are, by type and state."""
        return self._thread.run(self._client.get_stats(prvkey=prvkey))

    def subscribe(
        self,
        executortype: str,
        *,
        state: State | int = State.WAITING,
        timeout: float = 0,
        wake: str = "all",
        prvkey: Key | None = None,
    ) -> BlockingSubscription:
        """Hear of every process of this type that enters `state`: `for process in client.subscribe("cli")`.

        timeout  seconds until it ends; 0: not before it is closed. It survives reconnects.
        wake     "one": be a member of a group of which each waiting process wakes one.
        """

        async def made() -> Any:
            return self._client.subscribe(executortype, state=state, timeout=timeout, wake=wake, prvkey=prvkey)

        return BlockingSubscription(self._thread, self._thread.run(made()))

    def watch(
        self, processid: str, *, states: Sequence[State | int] = (), timeout: float = 0, prvkey: Key | None = None
    ) -> BlockingSubscription:
        """Hear when one process enters one of these states; none given: when it is over."""

        async def made() -> Any:
            return self._client.watch(processid, states=states, timeout=timeout, prvkey=prvkey)

        return BlockingSubscription(self._thread, self._thread.run(made()))

    def subscribe_processes(
        self,
        executortype: str,
        timeout: float,
        state: State | int,
        prvkey: Key | None,
        callback: Callable[[Process], object],
    ) -> None:
        """Call `callback` with every process of this type that enters `state`, until it raises SubscriptionEnded:
        the time (seconds) is up, or the connection went. Then subscribe again."""

        async def made() -> Any:
            return self._client.subscribe_until_lost(executortype, timeout, state, prvkey)

        subscription = self._thread.run(made())
        with BlockingSubscription(self._thread, subscription):
            while True:
                callback(self._thread.run(subscription.next_event()).process)
