"""What is refused is refused by field, with what was expected and what came, and never with all that came."""

from __future__ import annotations

import math
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from colonies.wire.errors import BadRequest
from colonies.wire.frames import pack, unpack
from colonies.wire.messages import METHODS
from colonies.wire.model import Attribute, ProcessSpec
from colonies.wire.params import (
    Assign,
    AttributeSet,
    Close,
    ExecutorAdd,
    Nothing,
    OfProcess,
    Params,
    ProcessList,
    Submit,
    Subscribe,
    UserAdd,
    Watch,
)
from colonies.wire.validation import decode, describe, encode

# A thread that another test left behind may draw random numbers of its own, which is not these tests' affair.
pytestmark = pytest.mark.filterwarnings("ignore:Do not use the .random. module inside strategies")

ID = "0123456789abcdef" * 4
P = "abcdefgh"
STATES = "one of 0 (waiting), 1 (running), 2 (successful), 3 (failed), 4 (cancelled)"


def spec(**fields: Any) -> dict[str, Any]:
    return {"conditions": {"executortype": "cli"}, "func": "sleep", **fields}


def submit(**fields: Any) -> dict[str, Any]:
    return {"spec": spec(**fields)}


def refusal(value: Any, kind: Any) -> BadRequest:
    with pytest.raises(BadRequest) as refused:
        decode(value, kind)
    return refused.value


@pytest.mark.parametrize(
    ("value", "kind", "field", "expected", "got"),
    [
        ([], Nothing, "", "map", "array of 0"),
        (None, Nothing, "", "map", "nil"),
        ({5: 1}, Nothing, "", "a map whose keys are str", "a key of another type"),
        ({}, OfProcess, "processid", "a value", "nothing"),
        ({"spec": {"func": "f"}}, Submit, "spec.conditions", "a value", "nothing"),
        ({"processid": 5}, OfProcess, "processid", "str", "int 5"),
        ({"processid": None}, OfProcess, "processid", "str", "nil"),
        ({"processid": "short"}, OfProcess, "processid", "8 to 64 letters, digits, - or _", "str 'short'"),
        ({"processid": P + "\n"}, OfProcess, "processid", "8 to 64 letters, digits, - or _", "str 'abcdefgh\\n'"),
        ({"colonyid": "short"}, Nothing, "colonyid", "an id of 64 hex characters", "str 'short'"),
        ({"colonyid": ID + "\n"}, Nothing, "colonyid", "an id of 64 hex characters", f"str '{ID[:40]}…'"),
        ({"timeout": -1}, Assign, "timeout", "float >= 0.0", "int -1"),
        ({"timeout": 60.5}, Assign, "timeout", "float <= 60.0", "float 60.5"),
        ({"timeout": True}, Assign, "timeout", "float", "bool True"),
        ({"timeout": 1, "latest": 1}, Assign, "latest", "bool", "int 1"),
        ({"limit": 501}, ProcessList, "limit", "int <= 500", "int 501"),
        ({"since": 1.5}, ProcessList, "since", "int | nil", "float 1.5"),
        ({"executortype": "x", "wake": "two"}, Subscribe, "wake", 'one of "all", "one"', "str 'two'"),
        ({"executortype": "x", "state": 9}, Subscribe, "state", STATES, "int 9"),
        ({"executortype": "x", "state": True}, Subscribe, "state", "int", "bool True"),
        ({"processid": P, "states": [2, 7]}, Watch, "states[1]", STATES, "int 7"),
        (submit(func=b"f"), Submit, "spec.func", "str", "bytes of 1"),
        (submit(func=""), Submit, "spec.func", "str of length >= 1", "str ''"),
        (submit(env={"a": 5}), Submit, "spec.env[...]", "str", "int"),
        (submit(env={5: "a"}), Submit, "spec.env", "a map whose keys are str", "a key of another type"),
        (submit(env={"": "a"}), Submit, "spec.env", "a map whose keys are str of length >= 1", "another key"),
        (submit(env=dict.fromkeys(map(str, range(65)), "")), Submit, "spec.env", "map of length <= 64", "map of 65"),
        (submit(maxretries=1.0), Submit, "spec.maxretries", "int", "float 1.0"),
        (submit(priority=2**64 - 1), Submit, "spec.priority", "int <= 50000", f"int {2**64 - 1}"),
        (
            submit(conditions={"executorids": [ID, "zz"]}),
            Submit,
            "spec.conditions.executorids[1]",
            "an id of 64 hex characters",
            "str 'zz'",
        ),
        (
            {"user": {"userid": ID, "name": "n", "role": "boss"}},
            UserAdd,
            "user.role",
            'one of "viewer", "operator"',
            "str 'boss'",
        ),
        (
            {"processid": P, "successful": True, "attributes": [{"key": "k", "value": 1, "kind": "inn"}]},
            Close,
            "attributes[0].kind",
            'one of "in", "out", "err", "env"',
            "str 'inn'",
        ),
    ],
)
def test_a_refusal_names_the_field_what_was_expected_and_what_came(
    value: Any, kind: Any, field: str, expected: str, got: str
) -> None:
    refused = refusal(value, kind)
    assert (refused.field, refused.expected, refused.got) == (field, expected, got)
    assert refused.data == {"field": field, "expected": expected, "got": got}
    where = f"field `{field}`: " if field else ""
    assert refused.message == f"{where}expected {expected}, got {got}"


@pytest.mark.parametrize(
    ("value", "kind", "field", "nearest"),
    [
        (submit(maxwaittim=3), Submit, "spec.maxwaittim", "maxwaittime"),
        (submit(priorty=3), Submit, "spec.priorty", "priority"),
        (submit(conditions={"executortpye": "cli"}), Submit, "spec.conditions.executortpye", "executortype"),
        ({"timout": 3}, Assign, "timout", "timeout"),
        ({"executor": {"executorname": "n", "executor_id": ID}}, ExecutorAdd, "executor.executor_id", "executorid"),
        (
            {"processid": P, "successful": True, "attributes": [{"key": "k", "value": 1, "kynd": "in"}]},
            Close,
            "attributes[0].kynd",
            "kind",
        ),
    ],
)
def test_a_misspelt_field_is_refused_with_the_nearest_name(value: Any, kind: Any, field: str, nearest: str) -> None:
    refused = refusal(value, kind)
    assert refused.field == field
    assert refused.message == str(refused) == f"unknown field `{field}`; did you mean `{nearest}`?"


def test_an_unknown_field_that_is_near_to_none_is_refused_with_all_there_are() -> None:
    refused = refusal({"processid": P, "zzz": 1}, OfProcess)
    assert (refused.field, refused.expected, refused.got) == ("zzz", "one of colonyid, processid", "`zzz`")


@pytest.mark.parametrize("name", ["a - at `$.spec`", "a\n - at `$`", "`", "", "$", "[0]", "a.b[1]"])
@pytest.mark.parametrize("path", ["", "spec"])
def test_a_field_may_be_called_as_it_likes_and_is_still_refused_by_its_name(path: str, name: str) -> None:
    value = submit(**{name: 1}) if path else {**submit(), name: 1}
    assert refusal(value, Submit).field == (f"{path}.{name}" if path else name)


@pytest.mark.parametrize("number", [math.nan, math.inf, -math.inf, 1e300])
@pytest.mark.parametrize("field", ["maxwaittime", "maxexectime"])
def test_seconds_of_a_spec_are_a_number_of_this_world(field: str, number: float) -> None:
    refused = refusal(submit(**{field: number}), Submit)
    assert refused.field == f"spec.{field}"
    assert refused.got == f"float {number}"


@pytest.mark.parametrize("number", [math.nan, math.inf, -math.inf])
@pytest.mark.parametrize(
    ("kind", "value"), [(Assign, {}), (Subscribe, {"executortype": "x"}), (Watch, {"processid": P})]
)
def test_a_timeout_is_a_number_of_this_world(kind: Any, value: dict[str, Any], number: float) -> None:
    assert refusal({**value, "timeout": number}, kind).field == "timeout"


LONG = "0123456789" * 1000


@pytest.mark.parametrize(
    ("value", "kind"),
    [
        ({"processid": LONG}, OfProcess),
        ({LONG: 1}, Nothing),
        (submit(**{LONG: 1}), Submit),
        ({"executortype": "x", "wake": LONG}, Subscribe),
        (submit(env={LONG: 5}), Submit),
        (submit(maxwaittime=LONG), Submit),
        (submit(label="\x00" * 5000), Submit),
        ({"processid": "🌈" * 5000}, OfProcess),
        ({"text": b"x" * 5000}, ProcessList),
    ],
)
def test_a_refusal_never_repeats_more_than_forty_characters_of_what_came(value: Any, kind: Any) -> None:
    refused = refusal(value, kind)
    for text in (refused.message, refused.field, refused.got, refused.expected):
        assert not any(longer in text for longer in (LONG[:41], "\\x00" * 11, "\x00" * 11, "🌈" * 41, "x" * 41))
        assert len(text) < 300


SCALARS = st.none() | st.booleans() | st.integers(-(2**63), 2**64 - 1) | st.floats() | st.text() | st.binary()
ANYTHING = st.recursive(
    SCALARS, lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4), max_leaves=12
)
FIELDS = sorted({field.encode_name for method in METHODS.values() for field in msgspec.structs.fields(method.params)})


@pytest.mark.parametrize("method", METHODS)
@given(value=st.dictionaries(st.sampled_from(FIELDS) | st.text(), ANYTHING, max_size=5) | ANYTHING)
def test_any_parameters_are_taken_or_refused_as_a_bad_request(method: str, value: Any) -> None:
    try:
        taken = decode(value, METHODS[method].params)
    except BadRequest as error:
        said = error.message
        assert len(said) < 400
        pack(error.to_map())
    else:
        assert isinstance(taken, Params)


@given(ANYTHING)
def test_what_came_is_described_in_a_few_words(value: Any) -> None:
    assert 0 < len(describe(value)) <= 60


@given(value=ANYTHING, kwargs=st.dictionaries(st.text(), ANYTHING, max_size=4))
def test_values_that_are_handed_on_come_out_untouched(value: Any, kwargs: dict[str, Any]) -> None:
    made = decode(spec(args=[value], kwargs=kwargs), ProcessSpec)
    assert repr((made.args, made.kwargs)) == repr(([value], kwargs))
    assert repr(unpack(pack(encode(made)), max_depth=99)["args"]) == repr([value])


def test_bytes_stay_bytes_both_ways() -> None:
    made = decode({"processid": P, "key": "k", "value": b"\x00\xff"}, AttributeSet)
    assert made.value == b"\x00\xff"
    assert encode(Attribute(key="k", value=made.value))["value"] == b"\x00\xff"
