"""A push, encoded once and addressed many times."""

from __future__ import annotations

import pytest

from broker.engine.push import addressed, encode_push
from colonies.wire.frames import Notification, decode_messages


@pytest.mark.parametrize("fields", [{}, {"seq": 1}, {f"f{number}": [number, "x"] for number in range(14)}])
@pytest.mark.parametrize("subscription", [1, 127, 128, 1 << 40])
def test_what_is_addressed_is_the_whole_notification(fields: dict[str, object], subscription: int) -> None:
    (message,) = decode_messages(addressed(encode_push("log", **fields), subscription))
    assert message == Notification("log", {**fields, "subscription": subscription})
