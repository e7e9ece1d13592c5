"""The bodies of the vectors: what clients ask, and MessagePack at its edges."""

from __future__ import annotations

from typing import Any

from colonies.wire.frames import pack

PROCESSID = "a3f1c09be2d84757"
SPEC = {"conditions": {"executortype": "cli"}, "func": "sleep", "args": ["3"]}
FULL_SPEC = {
    "conditions": {"executortype": "lamp", "executornames": ["lamp-ö-1", "灯"]},
    "func": "turn_on",
    "args": ["färg", "🌈", "e\u0301 is not \u00e9", "\u0000", 0.75, None, True],
    "kwargs": {"ramp": [0, 0.5, 1.0]},
    "env": {"TEST": "testenv"},
    "maxwaittime": 0.25,
    "maxexectime": 5,
    "maxretries": -1,
    "priority": -50000,
    "label": "living room",
    "latestkey": "lamp-1",
}
INTEGERS = [
    *(0, 1, 127, 128, 255, 256, 65535, 65536, 2**31 - 1, 2**31, 2**32 - 1, 2**32),
    *(-1, -32, -33, -128, -129, -32768, -32769, -(2**31), -(2**31) - 1),
    *(2**53 - 1, -(2**53) + 1, 2**53, 2**63 - 1, 2**63, 2**64 - 1, -(2**63)),
]
FLOATS = [0.0, -0.0, 1.0, 1.5, 0.1, -1e-7, 1.7976931348623157e308, 5e-324, float("inf"), float("-inf"), float("nan")]
LENGTHS = [["", "x" * 31, "x" * 32, "x" * 255, "x" * 256], [[0] * 15, [0] * 16], {f"k{n}": n for n in range(16)}]


def submit_with(request_id: int, args: list[Any]) -> list[Any]:
    return [0, request_id, "process.submit", {"spec": {**SPEC, "args": args}}]


def nested(levels: int) -> list[Any]:
    """An array that is `levels` levels deep, itself counted."""
    value: list[Any] = []
    for _ in range(levels - 1):
        value = [value]
    return value


# Name → the value that a body holds, encoded as briefly as MessagePack can.
VALUES: dict[str, list[Any]] = {
    "server.info": [0, 1, "server.info", {}],
    "the shortest submit": [0, 1, "process.submit", {"spec": SPEC}],
    "every field of a spec, and unicode": [0, 2, "process.submit", {"spec": FULL_SPEC, "processid": PROCESSID}],
    "assign": [0, 3, "process.assign", {"timeout": 20, "latest": True}],
    "subscribe": [0, 4, "subscribe", {"executortype": "lamp", "state": 0, "timeout": 60, "wake": "one"}],
    "close and the next assign, as a batch": [
        [
            0,
            7,
            "process.close",
            {"processid": PROCESSID, "successful": True, "attempt": 1, "out": [b"\x89PNG\x00\xff"]},
        ],
        [0, 8, "process.assign", {"timeout": 20}],
    ],
    "a batch of one": [[0, 9, "server.info", {}]],
    "a batch of 256": [[0, number, "server.info", {}] for number in range(1, 257)],
    "integers at the edges": submit_with(1, INTEGERS),
    "floats at the edges": submit_with(1, FLOATS),
    "binary of 0, 1, 255 and 256 bytes": submit_with(1, [b"", b"\x00", bytes(255), bytes(range(256))]),
    "strings, arrays and maps that change form": submit_with(1, LENGTHS),
    "the highest id": [0, 2**53 - 1, "server.info", {}],
    "32 levels": [0, 1, "server.info", {"deep": nested(30)}],
    "32 levels in a batch": [[0, 1, "server.info", {"deep": nested(29)}]],
    "a method that is none, which is answered": [0, 1, "no.such", {}],
    "parameters that are no map, which is answered": [0, 1, "server.info", []],
    "a method that is no string, which is answered": [0, 1, 5, {}],
}

# Longer forms of MessagePack than need be: a decoder takes them all the same.
LONGER: dict[str, tuple[list[Any], bytes]] = {
    "an id in nine bytes": (
        [0, 1, "server.info", {}],
        b"\x94\x00\xcf" + bytes(7) + b"\x01" + pack("server.info") + b"\x80",
    ),
    "the kind in two bytes, the method as str 32": (
        [0, 1, "server.info", {}],
        b"\x94\xcc\x00\x01\xdb\x00\x00\x00\x0bserver.info\x80",
    ),
    "an array and a map with long heads": (
        [0, 1, "server.info", {}],
        b"\xdd\x00\x00\x00\x04\x00\x01" + pack("server.info") + b"\xdf\x00\x00\x00\x00",
    ),
    "a float in four bytes": (
        [0, 1, "process.assign", {"timeout": 1.5}],
        b"\x94\x00\x01" + pack("process.assign") + b"\x81" + pack("timeout") + b"\xca\x3f\xc0\x00\x00",
    ),
}
