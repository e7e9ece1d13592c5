"""`docs/bench.md` says what every field of the JSON is."""

from __future__ import annotations

import re
from pathlib import Path

import msgspec

from broker.bench import results

SAID = Path(__file__, "../../../docs/bench.md").resolve().read_text(encoding="utf-8")


def test_every_field_is_named() -> None:
    kinds = [kind for kind in vars(results).values() if isinstance(kind, type) and issubclass(kind, msgspec.Struct)]
    names = {field.encode_name for kind in kinds for field in msgspec.structs.fields(kind)}
    ends = re.compile("^(due|sent)_to_")  # named by their two parts
    missing = {name for name in names if f"`{ends.sub('', name)}`" not in SAID}
    assert missing == set()
    assert f"`schema` is {results.SCHEMA};" in SAID


def test_what_is_left_out_of_a_closed_loop_is_said() -> None:
    assert "`submit` of a lifecycle and `frame` of `submit` are closed loops" in SAID
    for kind in (results.Lifecycle, results.Submit):
        assert "closed loop" in (kind.__doc__ or "")
