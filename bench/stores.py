"""`make bench-broker`: `colonies bench all` on SQLite and on a MongoDB that is started for it, one after the other.

Options are passed on, as in `python -m bench.stores --most 100000`. The mongod is the one of the tests: a replica set of
one on this machine, with its data in a temporary folder.
"""

from __future__ import annotations

import subprocess
import sys
import tempfile
from pathlib import Path

from tests.support.mongod import Mongod


def main(options: list[str]) -> int:
    """Returns 1 when one of them failed."""
    with tempfile.TemporaryDirectory(prefix="colonies-bench-") as folder:
        failed = _bench(options)
        mongod = Mongod(Path(folder))
        try:
            mongod.start()
            return failed | _bench([*options, "--store", mongod.address.replace("/?", "/bench?")])
        finally:
            mongod.kill()


def _bench(options: list[str]) -> int:
    command = [sys.executable, "-m", "colonies.cli", "bench", "all", *options]
    return int(subprocess.run(command, check=False).returncode != 0)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
