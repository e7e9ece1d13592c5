"""The user's folders, and private keys in them: files that only their owner can read."""

from __future__ import annotations

import os
from pathlib import Path

from colonies.wire.identity import Identity


def config() -> Path:
    """$COLONIES_CONFIG_HOME, or `colonies` in the user's config folder."""
    own = os.environ.get("COLONIES_CONFIG_HOME")
    return Path(own) if own else Path(os.environ.get("XDG_CONFIG_HOME") or Path.home() / ".config") / "colonies"


def data() -> Path:
    """`colonies` in the user's data folder."""
    return Path(os.environ.get("XDG_DATA_HOME") or Path.home() / ".local" / "share") / "colonies"


def key_in(path: Path) -> Identity:
    """The key in this file; made and written, 0600, if there is none."""
    if path.exists():
        return Identity(path.read_text())
    identity = Identity.generate()
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    with open(os.open(path, os.O_CREAT | os.O_WRONLY | os.O_EXCL, 0o600), "w") as file:
        file.write(identity.private_key + "\n")
    return identity
