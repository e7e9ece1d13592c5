"""What the machine can do."""

from __future__ import annotations

import resource
from pathlib import Path

import pytest

from broker.bench import machine
from colonies.cli.failure import Failure


def test_a_disk_that_takes_nothing_is_said(tmp_path: Path) -> None:
    """A limit on the size of files is as good as a full disk to SQLite."""
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (16384, hard))
    try:
        with pytest.raises(Failure, match=f"SQLite cannot commit in {tmp_path}"):
            machine.lone_commit_ms(tmp_path, 1e6, 1.0)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
