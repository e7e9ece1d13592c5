"""Take away what a measurement that was killed left behind: `python -m broker.bench.keeper PID`.

It is told of folders and databases on its standard input, a line each, by the program PID, and
in the end that they are gone. Where its input ends without that, whoever wrote was killed.
There is one beside each folder, so it imports next to nothing until it has something to do.
"""

from __future__ import annotations

import os
import shutil
import sys
import time
from collections.abc import Callable

FOLDER, DATABASE, GONE = "folder", "database", "gone"
TRIES, AGAIN_SECONDS = 100, 0.05


def main(parent: int) -> None:
    lines = [line.rstrip("\n").partition(" ") for line in sys.stdin]
    if any(kind == GONE for kind, _, _ in lines):
        return
    while os.getppid() == parent:  # its pipes are closed first; what it had started is killed with it
        time.sleep(AGAIN_SECONDS)
    for kind, _, what in lines:
        _TAKE_AWAY[kind](what)


def _remove(name: str) -> None:
    for _ in range(TRIES):
        shutil.rmtree(name, ignore_errors=True)
        if not os.path.lexists(name):
            return
        time.sleep(AGAIN_SECONDS)  # what is being killed made another file in it
    print(f"the folder {name} of a measurement that was killed could not be removed: remove it", file=sys.stderr)


def _drop(address: str) -> None:
    from colonies.cli.failure import Failure

    from .mongodb import drop

    try:
        drop(address)
    except Failure as failure:
        print(failure.sentence, file=sys.stderr)


_TAKE_AWAY: dict[str, Callable[[str], None]] = {FOLDER: _remove, DATABASE: _drop}


if __name__ == "__main__":
    main(int(sys.argv[1]))
