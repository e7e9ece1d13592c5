"""Run a module as a program that ends with whoever started it: `python -m broker.bench.child PID MODULE …`.

PID is of whoever starts it. However that ends, also by `kill -9`, the kernel kills what was
started: no broker and no load goes on that nobody measures any more.
"""

from __future__ import annotations

import ctypes
import os
import runpy
import signal
import sys

PR_SET_PDEATHSIG = 1


def command_of(module: str, *arguments: str) -> list[str]:
    """What runs it; it ends with this program, and with the thread of it that starts it."""
    return [sys.executable, "-m", __name__, str(os.getpid()), module, *arguments]


def end_with(parent: int) -> None:
    if sys.platform == "linux":  # elsewhere it ends as it is told to, and not when nobody is left to tell it
        ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
    if os.getppid() != parent:  # it ended before the kernel was told
        sys.exit("whoever started this has ended")


if __name__ == "__main__":
    end_with(int(sys.argv[1]))
    sys.argv[:] = sys.argv[2:]
    runpy.run_module(sys.argv[0], run_name="__main__", alter_sys=True)
