"""What a client asks as a submitter and as an executor."""

from __future__ import annotations

import asyncio
import secrets
import time
from collections.abc import Mapping, Sequence
from typing import Any

from .asked import new_claimid
from .caller import Caller, Key
from .wire.messages import Empty
from .wire.model import Attribute, AttributeKind, Process, ProcessSpec
from .wire.validation import decode, encode


class Work:
    """Submitting, assigning and closing, as methods of a client."""

    caller: Caller

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
        """Submit a process spec, given as a ProcessSpec or as the map that JSON gives.

        processid  chosen here when None, so that saying it again after a lost reply is safe.
        wait       return the process once it is successful, failed or cancelled.
        timeout    seconds to wait for that; then TimeoutError, and the process goes on.
        """
        params = {"spec": _as_it_travels(spec), "processid": processid or _new_id()}
        process = await self.caller.ask("process.submit", Process, params, prvkey)
        if not wait or process.state.is_final:
            return process
        async with asyncio.timeout(timeout):
            return await self._wait_final(process.processid, prvkey)

    async def _wait_final(self, processid: str, prvkey: Key | None) -> Process:
        async with self.caller.subscription("watch", {"processid": processid}, prvkey, seconds=0) as moves:
            return (await moves.next_event()).process

    async def submit_process_spec(self, spec: ProcessSpec | Mapping[str, Any], prvkey: Key | None = None) -> Process:
        """Submit a process spec: `submit` as the guide writes it."""
        return await self.submit(spec, prvkey=prvkey)

    # — working —

    async def assign(self, timeout: float = 10, *, latest: bool = False, prvkey: Key | None = None) -> Process:
        """Be assigned a process, waiting up to `timeout` seconds (0 … 60) for one.

        latest  the newest one, rather than the one whose turn it is.
        Raises NothingToAssign when none came, which is no fault: ask again. Cancelling loses nothing:
        a process that was assigned meanwhile is handed back.
        """
        params = {"timeout": timeout, "latest": latest, "claimid": new_claimid()}
        return await self.caller.ask("process.assign", Process, params, prvkey, more_seconds=timeout)

    async def assign_process(self, colonyid: str | None, timeout: float, prvkey: Key | None = None) -> Process:
        """Be assigned a process: `assign` as the guide writes it."""
        params = {"colonyid": colonyid, "timeout": timeout, "claimid": new_claimid()}
        return await self.caller.ask("process.assign", Process, params, prvkey, more_seconds=timeout)

    async def assign_latest(
        self, colonyid: str | None = None, prvkey: Key | None = None, *, timeout: float = 0
    ) -> Process:
        """Be assigned the process that was submitted last: `assign(latest=True)` as the guide writes it."""
        params = {"colonyid": colonyid, "timeout": timeout, "latest": True, "claimid": new_claimid()}
        return await self.caller.ask("process.assign", Process, params, prvkey, more_seconds=timeout)

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
        """Close a process that this executor holds, as successful or failed.

        processid  its id; or the process itself, and then the close holds for its attempt alone.
        Raises DeadlinePassed, NotAssignedToYou or WrongState when it comes too late; nothing is changed then.
        """
        params = {
            **named(processid, attempt),
            "successful": successful,
            "out": list(out),
            "errors": list(errors),
            "attributes": [encode(attribute) for attribute in attributes],
        }
        return await self.caller.ask("process.close", Process, params, prvkey)

    async def hand_back(
        self, processid: str | Process, *, attempt: int | None = None, prvkey: Key | None = None
    ) -> Process:
        """Give a process that this executor holds back to the queue, without using up a retry."""
        return await self.caller.ask("process.hand_back", Process, named(processid, attempt), prvkey)

    async def set_attribute(
        self, processid: str, key: str, value: Any, *, kind: AttributeKind = "out", prvkey: Key | None = None
    ) -> Attribute:
        """Set a named value on a process that this executor holds. One for a (key, kind): a second replaces it."""
        params = {"processid": processid, "key": key, "value": value, "kind": kind}
        return await self.caller.ask("attribute.set", Attribute, params, prvkey)

    async def add_log(self, processid: str, message: str, *, prvkey: Key | None = None) -> None:
        """Add a line to the log of a process that this executor holds."""
        await self.caller.ask("log.add", Empty, {"processid": processid, "message": message}, prvkey)


def _new_id() -> str:
    """An id that nobody else has. It rises with time: so brokers store what is new together."""
    return f"{time.time_ns() // 1_000_000:012x}{secrets.token_hex(10)}"


def _as_it_travels(spec: ProcessSpec | Mapping[str, Any]) -> Any:
    """The spec as a map. A misspelt field is refused here, and not only by a broker."""
    if isinstance(spec, ProcessSpec):
        return encode(spec)
    as_map = dict(spec)
    decode(as_map, ProcessSpec)
    return as_map


def named(process: str | Process, attempt: int | None) -> dict[str, Any]:
    """The parameters that name a process, and the attempt that fences what is done to it."""
    if isinstance(process, Process):
        return {"processid": process.processid, "attempt": attempt or process.attempt}
    return {"processid": process, "attempt": attempt}
