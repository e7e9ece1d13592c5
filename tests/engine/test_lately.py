"""What is remembered of many keys, and that it is bounded."""

from __future__ import annotations

import pytest

from broker.engine.lately import Lately


def test_whoever_did_it_longest_ago_is_forgotten_first(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("broker.engine.lately.MAX_REMEMBERED", 2)
    lately = Lately()
    for identity, time in (("a", 1), ("b", 2), ("a", 3), ("c", 4)):
        lately.note(identity, time)
    assert [lately.last(identity) for identity in "abc"] == [3, 0, 4]
