"""The nouns: immutable, strict where clients make them, patient where only a broker does."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest

from colonies.wire import model
from colonies.wire.errors import BadRequest
from colonies.wire.frames import pack, unpack
from colonies.wire.messages import METHODS, NOTIFICATIONS
from colonies.wire.model import Attribute, Conditions, Noun, Process, ProcessSpec, ServerNoun, State
from colonies.wire.validation import decode, encode

NOUNS: list[Any] = [
    kind
    for kind in vars(model).values()
    if isinstance(kind, type) and issubclass(kind, Noun | ServerNoun) and kind not in (Noun, ServerNoun)
]
PROCESS = {
    "processid": "a3f1c09be2d84757",
    "colonyid": "c" * 64,
    "submitterid": "5" * 64,
    "spec": {"conditions": {"executortype": "cli"}, "func": "sleep"},
    "submissiontime": 1_767_225_600_000,
}


def test_only_the_first_two_states_go_on() -> None:
    assert [state for state in State if not state.is_final] == [State.WAITING, State.RUNNING]
    assert [int(state) for state in State] == [0, 1, 2, 3, 4]


def test_the_shortest_spec_has_no_limits_and_no_retries() -> None:
    made = decode(PROCESS["spec"], ProcessSpec)
    assert (made.maxwaittime, made.maxexectime, made.maxretries, made.priority) == (0, 0, 0, 0)
    assert (made.args, made.kwargs, made.env, made.label, made.latestkey) == ([], {}, {}, "", "")
    assert made.conditions == Conditions(executortype="cli")


def test_a_new_process_waits_and_nobody_has_it() -> None:
    made = decode(PROCESS, Process)
    assert (made.state, made.assigneeid, made.attempt, made.retries) == (State.WAITING, "", 0, 0)
    assert (made.starttime, made.endtime, made.waitdeadline, made.execdeadline) == (0, 0, 0, 0)


def test_two_processes_share_no_list() -> None:
    one, other = decode(PROCESS, Process), decode(PROCESS, Process)
    assert one.out is not other.out
    assert one.spec.kwargs is not other.spec.kwargs


def test_a_process_comes_out_of_the_wire_as_it_went_in() -> None:
    made = msgspec.structs.replace(
        decode(PROCESS, Process),
        out=[b"\x00\xff", {"a": 1.0}],
        attributes=[Attribute(key="k", value=[b"v"], kind="err")],
        state=State.FAILED,
    )
    assert decode(unpack(pack(encode(made))), Process) == made


@pytest.mark.parametrize("noun", NOUNS, ids=lambda noun: noun.__name__)
def test_a_noun_cannot_be_changed(noun: Any) -> None:
    assert noun.__struct_config__.frozen
    made = decode(PROCESS, Process)
    with pytest.raises(AttributeError):
        made.state = State.RUNNING  # type: ignore[misc]


@pytest.mark.parametrize("noun", NOUNS, ids=lambda noun: noun.__name__)
def test_a_noun_is_strict_exactly_where_clients_make_it(noun: Any) -> None:
    assert noun.__struct_config__.forbid_unknown_fields == issubclass(noun, Noun)


def test_a_client_passes_over_fields_that_a_newer_broker_added() -> None:
    assert decode({**PROCESS, "mood": "fine"}, Process) == decode(PROCESS, Process)


def test_a_spec_with_a_field_that_nobody_knows_is_refused_and_not_passed_over() -> None:
    with pytest.raises(BadRequest, match="mood"):
        decode({**PROCESS["spec"], "mood": "fine"}, ProcessSpec)  # type: ignore[dict-item]


@pytest.mark.parametrize("priority", [-50_000, 50_000])
def test_priorities_are_taken_up_to_their_ends(priority: int) -> None:
    spec = {"conditions": {}, "func": "f", "priority": priority}
    assert decode(spec, ProcessSpec).priority == priority
    with pytest.raises(BadRequest):
        decode({**spec, "priority": priority + (1 if priority > 0 else -1)}, ProcessSpec)


@pytest.mark.parametrize("method", METHODS)
def test_every_method_takes_a_colonyid_and_no_field_that_nobody_knows(method: str) -> None:
    params = METHODS[method].params
    assert "colonyid" in {field.encode_name for field in msgspec.structs.fields(params)}
    assert params.__struct_config__.forbid_unknown_fields


@pytest.mark.parametrize(
    "method", ["process.submit", "process.close", "process.assign", "process.hand_back", "executor.add", "colony.add"]
)
def test_what_a_worker_or_submitter_does_may_be_repeated(method: str) -> None:
    assert METHODS[method].repeat_safe


def test_what_would_act_twice_may_not_be_repeated() -> None:
    twice = ("process.remove", "process.remove_matching", "process.cancel_matching", "log.add")
    assert not any(METHODS[method].repeat_safe for method in twice)
    assert METHODS["process.retry"].repeat_safe  # the new id is made of the old one's


def test_the_hello_is_a_notification_like_the_others() -> None:
    assert NOTIFICATIONS[0] == "hello"
