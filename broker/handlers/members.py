"""member.*, executor.*, user.*, function.*"""

from __future__ import annotations

from msgspec.structs import replace

from broker.engine.authority import Need
from broker.logs import short
from broker.store.moves import (
    AddExecutor,
    AddFunction,
    AddUser,
    RemoveExecutor,
    RemoveFunction,
    RemoveUser,
    SetExecutorState,
)
from colonies.wire import errors
from colonies.wire.frames import pack
from colonies.wire.messages import Empty, Resolved
from colonies.wire.model import MAX_ARGS_BYTES, Executor, ExecutorState, Function, User, Whoami
from colonies.wire.params import (
    ExecutorAdd,
    ExecutorGet,
    ExecutorId,
    ExecutorList,
    ExecutorResolve,
    FunctionAdd,
    FunctionList,
    FunctionRemove,
    Nothing,
    UserAdd,
    UserRemove,
)

from .registry import Call, method


@method("member.whoami", Need.MEMBER)
async def whoami(call: Call, _: Nothing) -> Whoami:
    caller = call.caller
    colony = await call.node.colony(call.colonyid)
    return Whoami(
        id=caller.identity, name=caller.name, role=caller.role, colonyid=colony.colonyid, colonyname=colony.name
    )


# — executors —


@method("executor.add", Need.COLONY_OWNER)
async def add_executor(call: Call, params: ExecutorAdd) -> Executor:
    new = params.executor
    _refuse_server_owner(call, new.executorid)
    executor = Executor(
        executorid=new.executorid,
        executorname=new.executorname,
        executortype=new.executortype,
        colonyid=call.colonyid,
        state=ExecutorState.APPROVED if params.approve else ExecutorState.PENDING,
    )
    added = await call.node.commit.do(AddExecutor(executor=executor))
    call.node.membership.changed_here(new.executorid)
    call.note("member_action", "added an executor", executorid=short(new.executorid))
    return added


@method("executor.approve", Need.OPERATOR)
async def approve_executor(call: Call, params: ExecutorId) -> Executor:
    executor = await _set_state(call, params.executorid, ExecutorState.APPROVED)
    call.note("member_action", "approved an executor", executorid=short(params.executorid))
    return executor


@method("executor.reject", Need.OPERATOR)
async def reject_executor(call: Call, params: ExecutorId) -> Executor:
    """It may do nothing any more; what it runs goes back to the queue."""
    executor = await _set_state(call, params.executorid, ExecutorState.REJECTED)
    call.note("member_action", "rejected an executor", executorid=short(params.executorid))
    call.node.membership.changed_here(
        params.executorid, errors.NotApproved(f"executor {executor.executorname!r} was rejected")
    )
    await call.node.release_held(call.colonyid, params.executorid)
    return executor


async def _set_state(call: Call, executorid: str, state: ExecutorState) -> Executor:
    move = SetExecutorState(colonyid=call.colonyid, executorid=executorid, state=state)
    executor = await call.node.commit.do(move)
    call.node.membership.changed_here(executorid)
    return executor


@method("executor.remove", Need.OPERATOR)
async def remove_executor(call: Call, params: ExecutorId) -> Executor:
    executor = await call.node.commit.do(RemoveExecutor(colonyid=call.colonyid, executorid=params.executorid))
    call.note("member_action", "removed an executor", executorid=short(params.executorid))
    gone = errors.UnknownIdentity(f"executor {executor.executorname!r} was removed")
    call.node.membership.changed_here(params.executorid, gone)
    await call.node.release_held(call.colonyid, params.executorid)
    return executor


@method("executor.list", Need.MEMBER)
async def list_executors(call: Call, params: ExecutorList) -> list[Executor]:
    return [
        executor
        for executor in await call.node.reporter.executors(call.colonyid)
        if params.executortype in (None, executor.executortype) and params.online in (None, executor.online)
    ]


@method("executor.get", Need.MEMBER)
async def get_executor(call: Call, params: ExecutorGet) -> Executor:
    if (params.executorid is None) == (params.executorname is None):
        raise errors.BadRequest("executorid", "either executorid or executorname", "both, or neither")
    for executor in await call.node.reporter.executors(call.colonyid):
        if params.executorid == executor.executorid or params.executorname == executor.executorname:
            return executor
    raise errors.NotFound(f"there is no executor {params.executorname or params.executorid} in your colony")


@method("executor.resolve", Need.MEMBER)
async def resolve_executor(call: Call, params: ExecutorResolve) -> Resolved:
    for executor in await call.node.store.executors(call.colonyid):
        if executor.executorname == params.executorname:
            return Resolved(executorid=executor.executorid)
    raise errors.NotFound(f"no executor of your colony is named {params.executorname!r}")


# — users —


@method("user.add", Need.COLONY_OWNER)
async def add_user(call: Call, params: UserAdd) -> User:
    _refuse_server_owner(call, params.user.userid)
    user = await call.node.commit.do(AddUser(colonyid=call.colonyid, user=params.user))
    call.node.membership.changed_here(user.userid)
    call.note("member_action", "added a user", userid=short(user.userid), role=user.role)
    return user


@method("user.list", Need.COLONY_OWNER)
async def list_users(call: Call, _: Nothing) -> list[User]:
    return await call.node.store.users(call.colonyid)


@method("user.remove", Need.COLONY_OWNER)
async def remove_user(call: Call, params: UserRemove) -> Empty:
    user = await call.node.commit.do(RemoveUser(colonyid=call.colonyid, userid=params.userid))
    call.node.membership.changed_here(user.userid, errors.UnknownIdentity(f"user {user.name!r} was removed"))
    call.note("member_action", "removed a user", userid=short(user.userid))
    return Empty()


def _refuse_server_owner(call: Call, identity: str) -> None:
    """The server owner does nothing inside a colony, so its key cannot be a member of one."""
    if identity == call.node.settings.owner:
        raise errors.Exists("this key is the server owner's; a member of a colony needs one of its own")


# — functions —


@method("function.add", Need.EXECUTOR)
async def add_function(call: Call, params: FunctionAdd) -> Function:
    function = replace(params.function, executorid=call.caller.identity)
    if (size := len(pack(function.args))) > MAX_ARGS_BYTES:
        said = f"has {size} bytes, at most {MAX_ARGS_BYTES} are taken; say in `description` where there is more"
        raise errors.TooLarge(f"field `function.args`: {said}", field="function.args", limit=MAX_ARGS_BYTES)
    return await call.node.commit.do(AddFunction(colonyid=call.colonyid, function=function))


@method("function.list", Need.MEMBER)
async def list_functions(call: Call, params: FunctionList) -> list[Function]:
    found = await call.node.store.functions(call.colonyid)
    return [function for function in found if params.executorid in (None, function.executorid)]


@method("function.remove", Need.EXECUTOR)
async def remove_function(call: Call, params: FunctionRemove) -> Empty:
    move = RemoveFunction(colonyid=call.colonyid, executorid=call.caller.identity, funcname=params.funcname)
    await call.node.commit.do(move)
    return Empty()
