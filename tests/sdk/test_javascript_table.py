"""The JavaScript SDK has what the wire has: every method, error, close code, state and limit, and says the same of each."""

from __future__ import annotations

import json
import subprocess
from functools import cache
from pathlib import Path
from typing import Any

from colonies.client import METHOD_NAMES
from colonies.wire import errors, frames, messages, params
from colonies.wire.model import ExecutorState, State
from tests.support.node import with_node

SDK = Path(__file__).parents[2] / "sdk_js"
PROGRAM = """
import { METHOD_NAMES } from "./src/client.js";
import { CloseCode, mayComeBack, TABLE } from "./src/wire/errors.js";
import * as frames from "./src/wire/frames.js";
import { MAX_ASSIGN_SECONDS, METHODS } from "./src/wire/messages.js";
import { ExecutorState, State } from "./src/wire/model.js";

const { PROTOCOL, SUBPROTOCOL, MAX_FRAME_BYTES, MAX_DEPTH, MAX_BATCH, MAX_INFLIGHT } = frames;
const limits = { PROTOCOL, SUBPROTOCOL, MAX_FRAME_BYTES, MAX_DEPTH, MAX_BATCH, MAX_INFLIGHT };
const errors = Object.entries(TABLE).map(([code, kind]) => [code, { name: kind.name, code: kind.code, retry: kind.retry }]);
console.log(JSON.stringify({
  methodNames: METHOD_NAMES,
  methods: METHODS,
  errors: Object.fromEntries(errors),
  closeCodes: CloseCode,
  comeBack: Object.values(CloseCode).filter(mayComeBack),
  states: State,
  executorStates: ExecutorState,
  limits: { ...limits, MAX_ASSIGN_SECONDS },
}));
"""


@cache
def said_in_javascript() -> dict[str, Any]:
    command = ["node", "--input-type=module", "--eval", PROGRAM]
    ran = subprocess.run(command, cwd=SDK, env=with_node(), capture_output=True, text=True, check=False, timeout=60)
    assert ran.returncode == 0, ran.stderr
    told: dict[str, Any] = json.loads(ran.stdout)
    return told


def camel(name: str) -> str:
    first, *others = name.split("_")
    return first + "".join(other.capitalize() for other in others)


def test_every_method_of_the_wire_is_known_and_as_safe_to_repeat() -> None:
    assert said_in_javascript()["methods"] == {
        name: {"repeatSafe": method.repeat_safe} for name, method in messages.METHODS.items()
    }


def test_the_client_has_the_names_of_the_python_one() -> None:
    assert said_in_javascript()["methodNames"] == {method: camel(name) for method, name in METHOD_NAMES.items()}


def test_every_error_has_its_class_and_says_whether_to_try_again() -> None:
    assert said_in_javascript()["errors"] == {
        code: {"name": kind.__name__, "code": code, "retry": kind.retry} for code, kind in errors.TABLE.items()
    }


def test_close_codes_mean_the_same() -> None:
    told = said_in_javascript()
    assert told["closeCodes"] == {code.name: code.value for code in errors.CloseCode}
    assert told["comeBack"] == [code.value for code in errors.CloseCode if errors.may_come_back(code)]


def test_states_and_limits_are_the_same() -> None:
    told = said_in_javascript()
    assert told["states"] == {state.name: state.value for state in State}
    assert told["executorStates"] == {state.name: state.value for state in ExecutorState}
    limits = {name: getattr(frames, name) for name in told["limits"] if hasattr(frames, name)}
    assert told["limits"] == {**limits, "MAX_ASSIGN_SECONDS": params.MAX_ASSIGN_SECONDS}
