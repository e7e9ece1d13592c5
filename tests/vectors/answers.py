"""The frames of the vectors that a server sends, and those that no server sends."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from colonies.wire import errors
from colonies.wire.errors import TABLE, BadRequest
from colonies.wire.frames import encode_notification, encode_response, join, pack
from colonies.wire.model import (
    Attempt,
    Attribute,
    Executor,
    ExecutorState,
    Page,
    Process,
    ProcessSpec,
    ServerInfo,
    State,
)
from colonies.wire.validation import decode, encode

from .requests import PROCESSID, SPEC, nested

COLONYID, EXECUTORID, SUBMITTERID = "c" * 64, "e" * 64, "5" * 64
TIME = 1_767_225_600_000
HELLO = {
    "protocol": 1,
    "challenge": bytes(range(32)),
    "server": {"name": "colonies-broker", "version": "0.1.0"},
    "time": TIME,
    "limits": {"frame": 1 << 20, "inflight": 64, "batch": 256, "idle": 40},
}
PROCESS = Process(
    processid=PROCESSID,
    colonyid=COLONYID,
    submitterid=SUBMITTERID,
    spec=decode({**SPEC, "env": {"TEST": "testenv"}, "maxexectime": 5, "maxretries": 3}, ProcessSpec),
    state=State.SUCCESSFUL,
    assigneeid=EXECUTORID,
    attempt=2,
    retries=1,
    submissiontime=TIME,
    starttime=TIME + 6000,
    endtime=TIME + 9000,
    execdeadline=TIME + 11000,
    out=["done", b"\x00\xff", 1.5],
    attributes=[Attribute(key="TEST", value="testenv", kind="env"), Attribute(key="result", value={"ok": True})],
    history=[
        Attempt(attempt=1, executorid=EXECUTORID, start=TIME, end=TIME + 5000, ended="overrun"),
        Attempt(attempt=2, executorid=EXECUTORID, start=TIME + 6000, end=TIME + 9000, ended="successful"),
    ],
)
EXECUTOR = Executor(
    executorid=EXECUTORID,
    executorname="videocam",
    executortype="camera",
    colonyid=COLONYID,
    state=ExecutorState.APPROVED,
    online=True,
    lastseen=TIME,
    running=1,
)


def _error(kind: type[errors.ColoniesError]) -> dict[str, Any]:
    if kind is BadRequest:
        return BadRequest("spec.priority", "int <= 50000", "int 50001").to_map()
    fields: dict[str, Any] = {"state": 3, "since": TIME} if kind is errors.WrongState else {}
    return kind("what happened, and what to do now", **fields).to_map()


def server_frames() -> Iterator[tuple[str, bytes]]:
    """Frames that a client decodes into one message or several."""
    yield "hello", encode_notification("hello", HELLO)
    info = ServerInfo(name="colonies-broker", version="0.1.0", time=TIME, store="sqlite")
    yield "the answer to server.info", encode_response(1, None, encode(info))
    yield "an empty result", encode_response(1, None, {})
    yield "a result of nil", encode_response(1, None, None)
    yield "a process", encode_response(2, None, encode(PROCESS))
    yield "executors", encode_response(3, None, encode([EXECUTOR]))
    yield "a page", encode_response(4, None, encode(Page(processes=[PROCESS], cursor="next", total=2)))
    for code, kind in TABLE.items():
        yield f"the error {code}", encode_response(5, _error(kind), None)
    newer = {"code": "on_strike", "message": "a code of a newer server", "retry": True, "data": {"until": TIME}}
    yield "an error that nobody knows yet", encode_response(6, newer, None)
    event = {"subscription": 1, "event": "successful", "process": encode(PROCESS)}
    yield "an event", encode_notification("process", event)
    yield "a cancelled process", encode_notification("cancelled", {"processid": PROCESSID, "attempt": 2})
    yield "the end of a subscription", encode_notification("ended", {"subscription": 1, "reason": "timeout"})
    yield "draining", encode_notification("draining", {"reconnect": 250})
    yield "a notification that nobody knows yet, to be passed over", encode_notification("on_strike", {"since": TIME})
    three = [
        encode_response(7, None, {"subscription": 1}),
        encode_notification("process", {**event, "event": "backlog"}),
        encode_response(8, _error(errors.NothingToAssign), None),
    ]
    yield "three messages in one frame", join(three)
    yield "seventeen messages in one frame", join([encode_response(n, None, {}) for n in range(1, 18)])
    yield "one message in an array", pack([[1, 9, None, {}]])
    yield "40 levels", encode_response(10, None, nested(39))


def no_server_frames() -> dict[str, bytes]:
    """Frames at which a client closes the connection: whoever sends them is no server of this protocol."""
    return {
        "an empty frame": b"",
        "a frame without its last byte": encode_response(1, None, {})[:-1],
        "a frame and one byte more": encode_response(1, None, {}) + b"\x00",
        "an empty array": pack([]),
        "a map": pack({"id": 1}),
        "a request": pack([0, 1, "server.info", {}]),
        "an unknown kind": pack([3, 1, None, None]),
        "a response of three": pack([1, 1, None]),
        "a response whose id is a string": pack([1, "1", None, None]),
        "a response whose id is true": pack([1, True, None, None]),
        "true in the place of 1": pack([True, 1, None, None]),
        "an error that is a string": pack([1, 1, "internal", None]),
        "a notification whose parameters are an array": pack([2, "ended", [1]]),
        "a message and a number": pack([[1, 1, None, {}], 5]),
        "an extension": b"\x94\x01\x01\xc0\xd4\x01\x00",
        "41 levels": encode_response(1, None, nested(40)),
    }
