"""Node.js for the tests: the machine's, or the one that `make test` put beside this Python."""

from __future__ import annotations

import os
import sys
from pathlib import Path


def with_node() -> dict[str, str]:
    """The environment in which a program of Node.js is started."""
    return {**os.environ, "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ.get('PATH', '')}"}
