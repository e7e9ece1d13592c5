"""The command line, `colonies`: a face of the SDK for people and scripts. Does nothing that the SDK cannot do."""

from __future__ import annotations

from typing import NoReturn


def main() -> NoReturn:
    """Run a command and exit: 0 done, 1 refused or failed, 2 wrongly called, 3 no broker, 130 Ctrl-C."""
    from .main import run_and_exit  # late, so that the broker's commands can use parts of this package alone

    run_and_exit()
