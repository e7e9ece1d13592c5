"""What a client asks about a server, its colonies, and who is in them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from .caller import Caller, Key
from .wire.messages import Empty, Resolved
from .wire.model import Colony, Executor, Function, ServerInfo, User, Whoami


class Members:
    """colony, executor, user and function methods of a client."""

    caller: Caller

    # — server and colonies —

    async def server_info(self, *, prvkey: Key | None = None) -> ServerInfo:
        """Ask what the broker is. Any key will do, known or not."""
        return await self.caller.ask("server.info", ServerInfo, {}, prvkey)

    async def whoami(self, *, prvkey: Key | None = None) -> Whoami:
        """Ask who this key is in its colony."""
        return await self.caller.ask("member.whoami", Whoami, {}, prvkey)

    async def add_colony(self, colonyid: str, name: str, *, prvkey: Key | None = None) -> Colony:
        """Add a colony; its id is the id of its owner's key. For the server owner."""
        return await self.caller.ask("colony.add", Colony, {"colonyid": colonyid, "name": name}, prvkey)

    async def remove_colony(self, colonyid: str, *, prvkey: Key | None = None) -> None:
        """Remove a colony and everything in it. For the server owner."""
        await self.caller.ask("colony.remove", Empty, {"colonyid": colonyid}, prvkey)

    async def get_colonies(self, *, prvkey: Key | None = None) -> list[Colony]:
        """List all colonies. For the server owner."""
        return await self.caller.ask("colony.list", list[Colony], {}, prvkey)

    async def get_colony(self, colonyid: str | None = None, *, prvkey: Key | None = None) -> Colony:
        """Get the caller's colony; the server owner names one."""
        return await self.caller.ask("colony.get", Colony, {"colonyid": colonyid}, prvkey)

    # — executors —

    async def add_executor(
        self,
        executorid: str,
        executorname: str,
        executortype: str,
        *,
        approve: bool = False,
        prvkey: Key | None = None,
    ) -> Executor:
        """Add an executor; it works once it is approved. For the colony owner."""
        executor = {"executorid": executorid, "executorname": executorname, "executortype": executortype}
        return await self.caller.ask("executor.add", Executor, {"executor": executor, "approve": approve}, prvkey)

    async def approve_executor(self, executorid: str, *, prvkey: Key | None = None) -> Executor:
        """Let an executor work."""
        return await self.caller.ask("executor.approve", Executor, {"executorid": executorid}, prvkey)

    async def reject_executor(self, executorid: str, *, prvkey: Key | None = None) -> Executor:
        """Let an executor work no longer; what it runs goes back to the queue."""
        return await self.caller.ask("executor.reject", Executor, {"executorid": executorid}, prvkey)

    async def remove_executor(self, executorid: str, *, prvkey: Key | None = None) -> Executor:
        """Remove an executor; what it runs goes back to the queue without using up a retry."""
        return await self.caller.ask("executor.remove", Executor, {"executorid": executorid}, prvkey)

    async def get_executors(
        self,
        colonyid: str | None = None,
        prvkey: Key | None = None,
        *,
        executortype: str | None = None,
        online: bool | None = None,
    ) -> list[Executor]:
        """List the executors of the colony, with whether they are online and how much they run."""
        params = {"colonyid": colonyid, "executortype": executortype, "online": online}
        return await self.caller.ask("executor.list", list[Executor], params, prvkey)

    async def get_executor(
        self, executorid: str | None = None, *, executorname: str | None = None, prvkey: Key | None = None
    ) -> Executor:
        """Get one executor, by its id or by its name."""
        params = {"executorid": executorid, "executorname": executorname}
        return await self.caller.ask("executor.get", Executor, params, prvkey)

    async def resolve_executor(self, executorname: str, *, prvkey: Key | None = None) -> str:
        """Return the id of the executor of this name."""
        resolved = await self.caller.ask("executor.resolve", Resolved, {"executorname": executorname}, prvkey)
        return resolved.executorid

    # — users and functions —

    async def add_user(self, userid: str, name: str, role: str, *, prvkey: Key | None = None) -> User:
        """Add a user; role: viewer or operator. For the colony owner."""
        return await self.caller.ask("user.add", User, {"user": {"userid": userid, "name": name, "role": role}}, prvkey)

    async def get_users(self, *, prvkey: Key | None = None) -> list[User]:
        """List the users of the colony. For the colony owner."""
        return await self.caller.ask("user.list", list[User], {}, prvkey)

    async def remove_user(self, userid: str, *, prvkey: Key | None = None) -> None:
        """Remove a user. For the colony owner."""
        await self.caller.ask("user.remove", Empty, {"userid": userid}, prvkey)

    async def add_function(
        self, funcname: str, *, description: str = "", args: Sequence[Any] = (), prvkey: Key | None = None
    ) -> Function:
        """Say what this executor can do. Shown to people; it does not decide an assignment."""
        function = {"funcname": funcname, "description": description, "args": list(args)}
        return await self.caller.ask("function.add", Function, {"function": function}, prvkey)

    async def get_functions(self, executorid: str | None = None, *, prvkey: Key | None = None) -> list[Function]:
        """List what the executors of the colony, or one of them, say that they can do."""
        return await self.caller.ask("function.list", list[Function], {"executorid": executorid}, prvkey)

    async def remove_function(self, funcname: str, *, prvkey: Key | None = None) -> None:
        """Take back what `add_function` said."""
        await self.caller.ask("function.remove", Empty, {"funcname": funcname}, prvkey)
