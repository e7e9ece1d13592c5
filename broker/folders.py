"""The user's data folder."""

from __future__ import annotations

import os
from pathlib import Path


def data() -> Path:
    """`colonies` in the user's data folder."""
    return Path(os.environ.get("XDG_DATA_HOME") or Path.home() / ".local" / "share") / "colonies"
