"""What both stores say when a member move is refused."""

from __future__ import annotations

from colonies.wire import errors


def id_taken(identity: str) -> errors.Exists:
    return errors.Exists(f"the key {identity[:8]}… belongs to somebody on this server already; an id has one place")


def name_taken(noun: str, name: str) -> errors.Exists:
    return errors.Exists(f"another {noun} is named {name!r} already; choose another name")


def no_colony(colonyid: str) -> errors.NotFound:
    return errors.NotFound(f"there is no colony {colonyid[:8]}…; see `colonies colony list`")


def colony_goes(colonyid: str) -> errors.Exists:
    return errors.Exists(f"colony {colonyid[:8]}… is still being removed; see to it with `colonies colony remove`")


def no_executor(executorid: str) -> errors.NotFound:
    return errors.NotFound(f"there is no executor {executorid[:8]}… in your colony; see `colonies executor list`")


def no_user(userid: str) -> errors.NotFound:
    return errors.NotFound(f"there is no user {userid[:8]}… in your colony; see `colonies user list`")


def no_function(funcname: str) -> errors.NotFound:
    return errors.NotFound(f"you have not added a function {funcname!r}")
