"""The cause of a failure: equal ones are one, whatever number, id or place in a program they name."""

from __future__ import annotations

import re
import uuid

import pytest
from hypothesis import given
from hypothesis import strategies as st

from broker.store.text import MAX_CAUSE, NO_ERROR, cause_of

words = st.text(alphabet="ghijklmnopqrstuvwxyz ", min_size=1, max_size=12)
variable = st.one_of(
    st.integers(0, 10**12).map(str),
    st.floats(0, 1e6).map(lambda number: f"{number:.3f}"),
    st.uuids().map(str),
    st.binary(min_size=4, max_size=32).map(bytes.hex),
    st.integers(0, 1 << 60).map(hex),
)


@pytest.mark.parametrize(
    ("error", "cause"),
    [
        ("no bulb in lamp 17", "no bulb in lamp #"),
        ("timeout after 2.5 s at 10.0.0.1:8080", "timeout after # s at #:#"),
        (f"process {'0af3' * 8} is gone", "process # is gone"),
        (f"order {uuid.UUID(int=7)} is gone", "order # is gone"),
        ("object at 0x7f3a", "object at #"),
        ("order 01HZXK3M9Q7B is gone", "order # is gone"),
        ("utf-8 cannot decode a facade", "utf-# cannot decode a facade"),
        ("  two \t words \r\nand a second line", "two words"),
        ("maxexectime 0.25 s exceeded, 1 retry used up", "maxexectime # s exceeded, # retry used up"),
        ("", NO_ERROR),
        (" \n ", NO_ERROR),
    ],
)
def test_what_differs_between_equal_failures_is_left_out(error: str, cause: str) -> None:
    assert cause_of([error, "a second error"]) == cause


def test_a_failure_without_an_error_has_a_cause() -> None:
    assert cause_of([]) == NO_ERROR


def test_a_traceback_is_told_by_the_exception_it_ends_in() -> None:
    told = (
        "Traceback (most recent call last):\n"
        '  File "lamp.py", line 12, in turn_on\n'
        "    switch(number)\n"
        "KeyError: 17\n\n"
        "During handling of the above exception, another exception occurred:\n\n"
        "Traceback (most recent call last):\n"
        '  File "lamp.py", line 14, in turn_on\n'
        "    raise NoBulb(number)\n"
        "lamp.NoBulb: 17 has none\n"
        "look: into it"
    )
    assert cause_of([told]) == "lamp.NoBulb: # has none"


def test_a_traceback_of_a_group_is_told_by_the_group() -> None:
    told = (
        "  + Exception Group Traceback (most recent call last):\n"
        '  |   File "lamp.py", line 3, in <module>\n'
        "  | ExceptionGroup: lamps (2 sub-exceptions)\n"
        "  +-+---------------- 1 ----------------\n"
        "    | ValueError: 1\n"
        "    +------------------------------------\n"
    )
    assert cause_of([told]) == "ExceptionGroup: lamps (# sub-exceptions)"


def test_a_traceback_without_an_exception_is_told_by_its_header() -> None:
    header = "Traceback (most recent call last):"
    assert cause_of([header]) == cause_of([f"{header}\n  File"]) == header


@given(st.lists(st.tuples(words, variable, variable), min_size=1, max_size=4))
def test_failures_that_differ_in_numbers_and_ids_alone_are_one(parts: list[tuple[str, str, str]]) -> None:
    one = "; ".join(f"{word} {first} x" for word, first, _ in parts)
    other = "; ".join(f"{word} {second} x" for word, _, second in parts)
    assert cause_of([one]) == cause_of([other])


@given(st.lists(st.text(max_size=600), max_size=2))
def test_any_error_has_a_short_cause_of_one_line(errors: list[str]) -> None:
    cause = cause_of(errors)
    assert 1 <= len(cause) <= MAX_CAUSE
    assert cause == " ".join(cause.split())
    assert not re.search("[0-9]", cause)
