"""The face of the SDK: everything that can be asked of a broker, as methods that await.

A client carries a key, and every method also takes one (`prvkey`) for callers that speak
for several. Nothing is connected before the first call. Calls made in one turn of the event
loop leave as one signed frame. `Colonies` is the same for programs that block.
"""

from __future__ import annotations

import asyncio
import inspect
import secrets
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from typing import Any, Self

from .addresses import socket_addresses
from .connection import Connection
from .subscription import Subscription, SubscriptionEnded
from .wire import errors
from .wire.identity import Identity, Signer
from .wire.messages import METHODS
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
from .wire.validation import decode, encode

Key = str | Signer
FINAL = (State.SUCCESSFUL, State.FAILED, State.CANCELLED)


class AsyncColonies:
    """A client of one or several brokers.

    address          http://…, https://…, ws://… or wss://… of a broker, or a list of them.
    key              private key in hex, or a signer (an object with `id` and `sign(bytes)`).
    colony           id of the colony; only the server owner needs it.
    connect_seconds  how long a call waits for a first connection before it raises Unreachable.
    request_seconds  how long a call waits for its answer; then Unavailable, and a repeat is safe for most.
    Every method raises `errors.ColoniesError` subclasses; `error.retry` says whether trying again may help.
    """

    def __init__(
        self,
        address: str | Sequence[str],
        *,
        key: Key | None = None,
        colony: str | None = None,
        connect_seconds: float = 10.0,
        request_seconds: float = 30.0,
    ) -> None:
        self.connection = Connection(socket_addresses(address), connect_seconds=connect_seconds)
        self._signer = None if key is None else signer_of(key)
        self._signers: dict[str, Signer] = {}
        self._colony = colony
        self._request_seconds = request_seconds

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.close()

    async def close(self) -> None:
        """Close the connection. Processes are closed by `close_process`."""
        await self.connection.close()

    # — server and colonies —

    async def server_info(self, *, prvkey: Key | None = None) -> ServerInfo:
        """What the broker is. Works with any key, known or not."""
        return await self._ask("server.info", {}, prvkey)

    async def add_colony(self, colonyid: str, name: str, *, prvkey: Key | None = None) -> Colony:
        """Add a colony; colonyid is the id of its owner's key. The server owner's."""
        return await self._ask("colony.add", {"colonyid": colonyid, "name": name}, prvkey)

    async def remove_colony(self, colonyid: str, *, prvkey: Key | None = None) -> None:
        """Remove a colony and everything in it. The server owner's."""
        await self._ask("colony.remove", {"colonyid": colonyid}, prvkey)

    async def get_colonies(self, *, prvkey: Key | None = None) -> list[Colony]:
        """All colonies. The server owner's."""
        return await self._ask("colony.list", {}, prvkey)

    async def get_colony(self, colonyid: str | None = None, *, prvkey: Key | None = None) -> Colony:
        """The caller's colony; the server owner names one."""
        return await self._ask("colony.get", {"colonyid": colonyid}, prvkey)

    # — executors, users, functions —

    async def add_executor(
        self,
        executorid: str,
        executorname: str,
        executortype: str,
        *,
        approve: bool = False,
        prvkey: Key | None = None,
    ) -> Executor:
        """Add an executor; it works once it is approved. The colony owner's."""
        executor = {"executorid": executorid, "executorname": executorname, "executortype": executortype}
        return await self._ask("executor.add", {"executor": executor, "approve": approve}, prvkey)

    async def approve_executor(self, executorid: str, *, prvkey: Key | None = None) -> Executor:
        """Let an executor work."""
        return await self._ask("executor.approve", {"executorid": executorid}, prvkey)

    async def reject_executor(self, executorid: str, *, prvkey: Key | None = None) -> Executor:
        """Let an executor work no longer; what it runs goes back to the queue."""
        return await self._ask("executor.reject", {"executorid": executorid}, prvkey)

    async def remove_executor(self, executorid: str, *, prvkey: Key | None = None) -> Executor:
        """Remove an executor; what it runs goes back to the queue."""
        return await self._ask("executor.remove", {"executorid": executorid}, prvkey)

    async def get_executors(
        self,
        colonyid: str | None = None,
        prvkey: Key | None = None,
        *,
        executortype: str | None = None,
        online: bool | None = None,
    ) -> list[Executor]:
        """The executors of the colony, with whether they are online and how much they run."""
        params = {"colonyid": colonyid, "executortype": executortype, "online": online}
        return await self._ask("executor.list", params, prvkey)

    async def get_executor(
        self, executorid: str | None = None, *, executorname: str | None = None, prvkey: Key | None = None
    ) -> Executor:
        """One executor, by its id or by its name."""
        return await self._ask("executor.get", {"executorid": executorid, "executorname": executorname}, prvkey)

    async def resolve_executor(self, executorname: str, *, prvkey: Key | None = None) -> str:
        """From an executor's name to its id."""
        resolved = await self._ask("executor.resolve", {"executorname": executorname}, prvkey)
        return str(resolved.executorid)

    async def add_user(self, userid: str, name: str, role: str, *, prvkey: Key | None = None) -> User:
        """Add a user; role: viewer or operator. The colony owner's."""
        return await self._ask("user.add", {"user": {"userid": userid, "name": name, "role": role}}, prvkey)

    async def get_users(self, *, prvkey: Key | None = None) -> list[User]:
        """The users of the colony. The colony owner's."""
        return await self._ask("user.list", {}, prvkey)

    async def remove_user(self, userid: str, *, prvkey: Key | None = None) -> None:
        """Remove a user. The colony owner's."""
        await self._ask("user.remove", {"userid": userid}, prvkey)

    async def add_function(
        self, funcname: str, *, description: str = "", args: Sequence[Any] = (), prvkey: Key | None = None
    ) -> Function:
        """Say what this executor can do; shown to people, it decides nothing."""
        function = {"funcname": funcname, "description": description, "args": list(args)}
        return await self._ask("function.add", {"function": function}, prvkey)

    async def get_functions(self, executorid: str | None = None, *, prvkey: Key | None = None) -> list[Function]:
        """What the executors of the colony, or one of them, say they can do."""
        return await self._ask("function.list", {"executorid": executorid}, prvkey)

    async def remove_function(self, funcname: str, *, prvkey: Key | None = None) -> None:
        """Take back what `add_function` said."""
        await self._ask("function.remove", {"funcname": funcname}, prvkey)

    # — submitting —

    async def submit(
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
        params = {"spec": _plain(spec), "processid": processid or secrets.token_hex(16)}
        process: Process = await self._ask("process.submit", params, prvkey)
        if not wait:
            return process
        async with asyncio.timeout(timeout):
            return await self._wait_final(process, prvkey)

    async def _wait_final(self, process: Process, prvkey: Key | None) -> Process:
        async with self.watch(process.processid, prvkey=prvkey) as events:
            return (await events.next_event()).process

    async def submit_process_spec(self, spec: ProcessSpec | Mapping[str, Any], prvkey: Key | None = None) -> Process:
        """Submit a process spec: `submit` with the key in its place."""
        return await self.submit(spec, prvkey=prvkey)

    # — working —

    async def assign(self, timeout: float = 10, *, latest: bool = False, prvkey: Key | None = None) -> Process:
        """Be assigned a process, waiting up to `timeout` seconds (0 … 60) for one.

        latest  the newest instead of the one whose turn it is.
        Raises NothingToAssign when none came, which is no fault: ask again.
        """
        params = {"timeout": timeout, "latest": latest}
        return await self._ask("process.assign", params, prvkey, more_seconds=timeout)

    async def assign_process(self, colonyid: str | None, timeout: float, prvkey: Key | None = None) -> Process:
        """Be assigned a process of the colony: `assign` with everything in its place."""
        params = {"colonyid": colonyid, "timeout": timeout}
        return await self._ask("process.assign", params, prvkey, more_seconds=timeout)

    async def assign_latest(
        self, colonyid: str | None = None, prvkey: Key | None = None, *, timeout: float = 0
    ) -> Process:
        """Be assigned the process that was submitted last."""
        params = {"colonyid": colonyid, "timeout": timeout, "latest": True}
        return await self._ask("process.assign", params, prvkey, more_seconds=timeout)

    async def close_process(
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
        params = {
            **_named(processid, attempt),
            "successful": successful,
            "out": list(out),
            "errors": list(errors),
            "attributes": [encode(attribute) for attribute in attributes],
        }
        return await self._ask("process.close", params, prvkey)

    async def hand_back(
        self, processid: str | Process, *, attempt: int | None = None, prvkey: Key | None = None
    ) -> Process:
        """Give a process back to the queue, without using up a retry."""
        return await self._ask("process.hand_back", _named(processid, attempt), prvkey)

    async def set_attribute(
        self, processid: str, key: str, value: Any, *, kind: str = "out", prvkey: Key | None = None
    ) -> Attribute:
        """Set a named value on a process that this executor holds. kind: in, out, err or env."""
        params = {"processid": processid, "key": key, "value": value, "kind": kind}
        return await self._ask("attribute.set", params, prvkey)

    async def add_log(self, processid: str, message: str, *, prvkey: Key | None = None) -> None:
        """Add a line to the log of a process that this executor holds."""
        await self._ask("log.add", {"processid": processid, "message": message}, prvkey)

    # — looking and acting —

    async def get_process(self, processid: str, *, prvkey: Key | None = None) -> Process:
        """One process."""
        return await self._ask("process.get", {"processid": processid}, prvkey)

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
        """A page of the processes that match, by time of submission. since and before: ms; text: in args and errors."""
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
        return await self._ask("process.list", params, prvkey)

    async def iter_processes(self, **wanted: Any) -> AsyncIterator[Process]:
        """All processes that match, page after page; takes what `get_processes` takes."""
        cursor = ""
        while True:
            page = await self.get_processes(**{**wanted, "cursor": cursor})
            for process in page.processes:
                yield process
            cursor = page.cursor
            if not cursor:
                return

    async def cancel(self, processid: str, *, prvkey: Key | None = None) -> Process:
        """Cancel what waits or runs."""
        return await self._ask("process.cancel", {"processid": processid}, prvkey)

    async def retry(self, processid: str, *, prvkey: Key | None = None) -> Process:
        """Submit the spec of a failed or cancelled process again, as a new process."""
        return await self._ask("process.retry", {"processid": processid}, prvkey)

    async def remove_process(self, processid: str, *, prvkey: Key | None = None) -> None:
        """Remove a process that is over, with its log."""
        await self._ask("process.remove", {"processid": processid}, prvkey)

    async def explain(self, processid: str, *, prvkey: Key | None = None) -> Explanation:
        """Why a process waits, in words."""
        return await self._ask("process.explain", {"processid": processid}, prvkey)

    async def get_attributes(self, processid: str, *, prvkey: Key | None = None) -> list[Attribute]:
        """The named values of a process, those of its env included."""
        return await self._ask("attribute.list", {"processid": processid}, prvkey)

    async def get_logs(
        self, processid: str, *, since: int = 0, limit: int = 1000, prvkey: Key | None = None
    ) -> list[Log]:
        """The log of a process, oldest line first. since: ms, that time included."""
        return await self._ask("log.list", {"processid": processid, "since": since, "limit": limit}, prvkey)

    async def get_stats(self, *, prvkey: Key | None = None) -> Stats:
        """How many processes and executors there are, by type and state."""
        return await self._ask("stats.get", {}, prvkey)

    # — events —

    def subscribe(
        self,
        executortype: str,
        *,
        state: State | int = State.WAITING,
        timeout: float = 0,
        wake: str = "all",
        prvkey: Key | None = None,
    ) -> Subscription:
        """Hear of every process of this type that enters `state`: `async for process in client.subscribe("cli")`.

        timeout  seconds until it ends; 0: not before it is closed. It survives reconnects.
        wake     "one": be a member of a group of which each waiting process wakes one.
        """
        return self._subscribe(executortype, state, timeout, wake, prvkey, lasts=True)

    def _subscribe(
        self, executortype: str, state: State | int, timeout: float, wake: str, prvkey: Key | None, *, lasts: bool
    ) -> Subscription:
        params = {"executortype": executortype, "state": int(state), "timeout": timeout, "wake": wake}
        return self._listen("subscribe", params, prvkey, seconds=timeout, lasts=lasts)

    def watch(
        self, processid: str, *, states: Sequence[State | int] = (), timeout: float = 0, prvkey: Key | None = None
    ) -> Subscription:
        """Hear when one process enters one of these states; none given: when it is over."""
        params = {"processid": processid, "states": [int(state) for state in states], "timeout": timeout}
        return self._listen("watch", params, prvkey, seconds=timeout, lasts=True)

    async def subscribe_processes(
        self,
        executortype: str,
        timeout: float,
        state: State | int,
        prvkey: Key | None,
        callback: Callable[[Process], Awaitable[object] | object],
    ) -> None:
        """Call `callback` with every process of this type that enters `state`, until it raises SubscriptionEnded:
        the time (seconds) is up, or the connection went. Then subscribe again."""
        made = self.subscribe_until_lost(executortype, timeout, state, prvkey)
        async with made:
            while True:
                called = callback((await made.next_event()).process)
                if inspect.isawaitable(called):
                    await called

    def subscribe_until_lost(
        self, executortype: str, timeout: float, state: State | int, prvkey: Key | None = None
    ) -> Subscription:
        """A subscription that also ends with the connection, for a caller that makes it again itself."""
        return self._subscribe(executortype, state, timeout, "all", prvkey, lasts=False)

    def _listen(
        self, method: str, params: dict[str, Any], prvkey: Key | None, *, seconds: float, lasts: bool
    ) -> Subscription:
        made = Subscription(
            method,
            self._complete(params),
            self._signer_for(prvkey),
            seconds=seconds,
            lasts=lasts,
            closing=self.connection.unsubscribe,
        )
        self.connection.subscribe(made)
        return made

    # — asking —

    async def _ask(self, method: str, params: dict[str, Any], prvkey: Key | None, *, more_seconds: float = 0) -> Any:
        seconds = self._request_seconds + more_seconds
        result = await self.connection.ask(method, self._complete(params), self._signer_for(prvkey), seconds=seconds)
        return decode(result, METHODS[method].result)

    def _complete(self, params: dict[str, Any]) -> dict[str, Any]:
        """Leave out what was not given, and name the client's colony where the caller named none."""
        if self._colony is not None and params.get("colonyid") is None:
            params = {**params, "colonyid": self._colony}
        return {name: value for name, value in params.items() if value is not None}

    def _signer_for(self, prvkey: Key | None) -> Signer:
        if prvkey is None:
            if self._signer is None:
                raise errors.BadRequest("prvkey", "a key: give the client one, or give it with the call", "none")
            return self._signer
        if not isinstance(prvkey, str):
            return prvkey
        # A private key is turned into a signer once, not for every call that names it.
        if prvkey not in self._signers:
            self._signers[prvkey] = signer_of(prvkey)
        return self._signers[prvkey]


def signer_of(key: Key) -> Signer:
    """The signer of a private key in hex, or the signer itself."""
    return Identity(key) if isinstance(key, str) else key


def _plain(spec: ProcessSpec | Mapping[str, Any]) -> Any:
    return encode(spec) if isinstance(spec, ProcessSpec) else dict(spec)


def _named(process: str | Process, attempt: int | None) -> dict[str, Any]:
    if isinstance(process, Process):
        return {"processid": process.processid, "attempt": attempt or process.attempt}
    return {"processid": process, "attempt": attempt}


__all__ = ["AsyncColonies", "SubscriptionEnded"]
