"""The face of the SDK: everything that can be asked of a broker, as methods that await.

A client carries a key, and every method also takes one (`prvkey`), for callers that speak
for several. Nothing is connected before the first call; calls made in one turn of the event
loop leave as one signed frame. `Colonies` is the same for programs that block.
"""

from __future__ import annotations

import inspect
from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Literal, Self

from .caller import Caller, Key
from .looking import Looking
from .members import Members
from .operating import Operating
from .subscription import Activities, Feed, LogLine, Subscription
from .wire.figures import Stats
from .wire.model import Process, State
from .work import Work

# Which method of the client asks which method of the wire. A test holds both to it.
METHOD_NAMES: Mapping[str, str] = {
    "server.info": "server_info",
    "member.whoami": "whoami",
    "colony.add": "add_colony",
    "colony.remove": "remove_colony",
    "colony.list": "get_colonies",
    "colony.get": "get_colony",
    "executor.add": "add_executor",
    "executor.approve": "approve_executor",
    "executor.reject": "reject_executor",
    "executor.remove": "remove_executor",
    "executor.list": "get_executors",
    "executor.get": "get_executor",
    "executor.resolve": "resolve_executor",
    "user.add": "add_user",
    "user.list": "get_users",
    "user.remove": "remove_user",
    "function.add": "add_function",
    "function.list": "get_functions",
    "function.remove": "remove_function",
    "process.submit": "submit",
    "process.assign": "assign",
    "process.close": "close_process",
    "process.hand_back": "hand_back",
    "process.get": "get_process",
    "process.list": "get_processes",
    "process.cancel": "cancel",
    "process.retry": "retry",
    "process.remove": "remove_process",
    "process.retry_matching": "retry_matching",
    "process.cancel_matching": "cancel_matching",
    "process.remove_matching": "remove_matching",
    "process.explain": "explain",
    "failure.list": "get_failures",
    "attribute.set": "set_attribute",
    "attribute.list": "get_attributes",
    "log.add": "add_log",
    "log.list": "get_logs",
    "log.subscribe": "subscribe_logs",
    "subscribe": "subscribe",
    "watch": "watch",
    "activity.subscribe": "subscribe_activity",
    "stats.get": "get_stats",
    "stats.history": "get_stats_history",
    "stats.subscribe": "subscribe_stats",
    "subscription.cancel": "subscribe",  # by closing what it returns
}


class AsyncColonies(Members, Work, Looking, Operating):
    """A client of one or several brokers. Several coroutines may share it.

    address          http://…, https://…, ws://… or wss://… of a broker, or a list of them.
                     Each client goes through the list in an order of its own; the next one is tried after each loss.
    key              private key in hex, or a signer (an object with `id` and `sign(bytes)`).
    colony           id of the colony; only the server owner needs it.
    connect_seconds  how long a call waits for a first broker before it raises Unreachable.
    request_seconds  how long a call waits for its answer before it raises NoAnswer.
    Every method raises subclasses of `errors.ColoniesError`; `error.retry` says whether trying again may help.
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
        self.caller = Caller(
            address, key=key, colony=colony, connect_seconds=connect_seconds, request_seconds=request_seconds
        )

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.close()

    async def close(self) -> None:
        """Close the client: what it still waits for raises Closed. Processes are closed by `close_process`."""
        await self.caller.connection.close()

    # — events —

    def subscribe(
        self,
        executortype: str,
        *,
        state: State | int = State.WAITING,
        timeout: float = 0,
        wake: Literal["all", "one"] = "all",
        prvkey: Key | None = None,
    ) -> Subscription:
        """Hear of every process of this type that enters `state`: `async for process in client.subscribe("cli")`.

        timeout  seconds until it ends; 0: not before it is closed. It survives reconnects.
        wake     "one": be a member of a group of which each waiting process wakes one.
        """
        params = {"executortype": executortype, "state": int(state), "timeout": timeout, "wake": wake}
        return self.caller.subscription("subscribe", params, prvkey, seconds=timeout)

    def watch(
        self, processid: str, *, states: Sequence[State | int] = (), timeout: float = 0, prvkey: Key | None = None
    ) -> Subscription:
        """Hear when one process enters one of these states, or is in one; none given: when it is over."""
        params = {"processid": processid, "states": [int(state) for state in states], "timeout": timeout}
        return self.caller.subscription("watch", params, prvkey, seconds=timeout)

    def subscribe_stats(self, interval: float = 1, *, prvkey: Key | None = None) -> Feed[Stats]:
        """Follow the figures of `get_stats`: at once, whenever they change, and every 5 s even when they do not.

        interval  seconds between two at least, 0.25 … 60.
        Only the newest are kept for whoever has not read them.
        """
        return self.caller.feed("stats.subscribe", Stats, {"interval": interval}, prvkey, newest_only=True)

    def subscribe_activity(self, *, prvkey: Key | None = None) -> Feed[Activities]:
        """Hear in brief of every change of every process of the colony, several times a second.

        For users and the owner. What happens while the connection is lost is not told later.
        """
        return self.caller.feed("activity.subscribe", Activities, {}, prvkey)

    def subscribe_logs(self, processid: str, *, prvkey: Key | None = None) -> Feed[LogLine]:
        """Hear that there are new lines in the log of a process; fetch them with `get_logs`.

        It tells the seq of the newest line; 0 each time it was made, at first and after a reconnect, when there may
        be some.
        """
        params = {"processid": processid}
        return self.caller.feed("log.subscribe", LogLine, params, prvkey, newest_only=True, first=(processid, 0))

    async def subscribe_processes(
        self,
        executortype: str,
        timeout: float,
        state: State | int,
        prvkey: Key | None,
        callback: Callable[[Process], Awaitable[object] | object],
    ) -> None:
        """Call `callback` with every process of this type that enters `state`: `subscribe` as the guide writes it.

        It never returns: it raises SubscriptionEnded when the time (seconds) is up or the connection went.
        Then subscribe again.
        """
        async with self.subscribe_until_lost(executortype, timeout, state, prvkey) as made:
            while True:
                called = callback((await made.next_event()).process)
                if inspect.isawaitable(called):
                    await called

    def subscribe_until_lost(
        self, executortype: str, timeout: float, state: State | int, prvkey: Key | None
    ) -> Subscription:
        """As `subscribe`, but it ends with the connection."""
        params = {"executortype": executortype, "state": int(state), "timeout": timeout}
        return self.caller.subscription("subscribe", params, prvkey, seconds=timeout, lasts=False)
