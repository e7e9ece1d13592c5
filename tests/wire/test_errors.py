"""The table of errors and close codes: what crosses the wire is caught as what was raised."""

from __future__ import annotations

from typing import Any

import pytest

from colonies.wire import errors, frames
from colonies.wire.errors import TABLE, BadRequest, CloseCode, ColoniesError, from_map, may_come_back

RETRY = {"internal", "unavailable", "draining", "overloaded", "nothing_to_assign"}


def made(kind: type[ColoniesError]) -> ColoniesError:
    if kind is BadRequest:
        return BadRequest("spec.priority", "int <= 50000", "int 50001", hint="; try less")
    return kind("it was so", state=3, since=1_767_225_600_000)


@pytest.mark.parametrize("code", TABLE)
def test_an_error_is_caught_as_what_was_raised(code: str) -> None:
    raised = made(TABLE[code])
    (response,) = frames.decode_messages(frames.encode_response(1, raised.to_map(), None))
    assert isinstance(response, frames.Response)
    assert response.error is not None
    caught = from_map(response.error)
    assert type(caught) is type(raised)
    assert (caught.code, caught.message, caught.retry, caught.data) == (code, raised.message, raised.retry, raised.data)
    assert str(caught) == raised.message


def test_a_bad_request_keeps_its_field_across_the_wire() -> None:
    caught = from_map(made(BadRequest).to_map())
    assert isinstance(caught, BadRequest)
    assert (caught.field, caught.expected, caught.got) == ("spec.priority", "int <= 50000", "int 50001")
    assert caught.message == "field `spec.priority`: expected int <= 50000, got int 50001; try less"


def test_every_class_of_the_module_is_in_the_table_under_its_own_code() -> None:
    classes = {
        kind
        for kind in vars(errors).values()
        if isinstance(kind, type) and issubclass(kind, ColoniesError) and kind is not ColoniesError
    }
    assert set(TABLE.values()) == classes
    assert all(kind.code == code for code, kind in TABLE.items())


def test_only_what_may_succeed_unchanged_says_retry() -> None:
    assert {code for code, kind in TABLE.items() if kind.retry} == RETRY


@pytest.mark.parametrize("retry", [True, False])
def test_a_code_of_a_newer_broker_is_kept_with_its_advice(retry: bool) -> None:
    caught = from_map({"code": "on_strike", "message": "come back on Monday", "retry": retry, "data": {"until": 5}})
    assert isinstance(caught, ColoniesError)
    assert type(caught) not in TABLE.values()
    assert (caught.code, caught.message, caught.retry) == ("on_strike", "come back on Monday", retry)
    assert caught.to_map() == {
        "code": "on_strike",
        "message": "come back on Monday",
        "retry": retry,
        "data": {"until": 5},
    }


@pytest.mark.parametrize(
    "data", [None, 5, [], {}, {"message": 1, "self": 2, "code": 3}, {"field": 5}, {b"bytes": 1}, {"args": 1}]
)
@pytest.mark.parametrize("code", ["bad_request", "wrong_state", "on_strike", None, 7])
def test_whatever_a_server_says_becomes_an_error(code: Any, data: Any) -> None:
    caught = from_map({"code": code, "data": data})
    assert isinstance(caught, ColoniesError)
    assert caught.message == ""
    assert caught.data == (data if isinstance(data, dict) else {})


def test_an_empty_error_is_internal() -> None:
    assert type(from_map({})) is errors.Internal


@pytest.mark.parametrize("code", CloseCode)
def test_close_codes_below_4500_come_back_and_the_others_stay_away(code: CloseCode) -> None:
    stays_away = {
        CloseCode.BAD_FRAME,
        CloseCode.BAD_SIGNATURE,
        CloseCode.REPLAYED,
        CloseCode.TOO_LARGE,
        CloseCode.NO_HELLO_ANSWERED,
        CloseCode.REFUSED,
    }
    assert may_come_back(code) == (code not in stays_away)


@pytest.mark.parametrize(("code", "expected"), [(1006, True), (1001, True), (4499, True), (4500, False), (4999, False)])
def test_any_other_close_code_comes_back_too_unless_it_is_in_the_range_that_stays_away(
    code: int, expected: bool
) -> None:
    assert may_come_back(code) == expected
