"""Moments as people write them: `15m` ago, a date, or milliseconds since the epoch."""

from __future__ import annotations

import re
import time
from datetime import datetime

from .failure import misused

UNITS = {"s": 1, "m": 60, "h": 3600, "d": 86_400}


def moment_of(text: str | None, *, now: float | None = None) -> int | None:
    """Milliseconds since the epoch. A date without a zone is local time."""
    if text is None:
        return None
    if ago := re.fullmatch(r"(\d+)([smhd])", text):
        return int(((time.time() if now is None else now) - int(ago[1]) * UNITS[ago[2]]) * 1000)
    if re.fullmatch(r"\d{11,14}", text):
        return int(text)
    try:
        return int(datetime.fromisoformat(text).timestamp() * 1000)
    except (ValueError, OverflowError, OSError):
        misused(f"{text!r} is no moment; write 15m, 2h or 3d for so long ago, or a date such as 2026-01-31T08:00")
