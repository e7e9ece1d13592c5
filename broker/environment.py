"""The environment variables of this program. Read once, at the door; a misspelt one stops the start."""

from __future__ import annotations

import difflib
from collections.abc import Iterable

SERVER = (
    "COLONIES_HOST",
    "COLONIES_PORT",
    "COLONIES_STORE",
    "COLONIES_OWNER",
    "COLONIES_ALLOW_ORIGIN",
    "COLONIES_DRAIN",
    "COLONIES_RETAIN",
    "COLONIES_WORKERS",
    "COLONIES_LOG_LEVEL",
)
CLIENT = (
    "COLONIES_CONFIG_HOME",
    "COLONIES_CONTEXT",
    "COLONIES_SERVER",
    "COLONIES_KEY",
    "COLONIES_KEY_FILE",
    "COLONIES_COLONY",
    "COLONIES_DEV_FOLDER",
)
# What a worker's child process is given, and what tests are told.
OTHERS = (
    "COLONIES_PROCESS_ID",
    "COLONIES_COLONY_ID",
    "COLONIES_EXECUTOR_ID",
    "COLONIES_ATTEMPT",
    "COLONIES_TEST_MONGODB",
)
KNOWN = (*SERVER, *CLIENT, *OTHERS)


def misspelt(names: Iterable[str]) -> str:
    """A sentence about the first COLONIES_ variable that means nothing here, or nothing."""
    for name in sorted(names):
        if name.startswith("COLONIES_") and name not in KNOWN:
            close = difflib.get_close_matches(name, KNOWN, n=1)
            hint = f"; did you mean {close[0]}?" if close else f"; known are {', '.join(SERVER)}"
            return f"the environment variable {name} means nothing here{hint}"
    return ""
