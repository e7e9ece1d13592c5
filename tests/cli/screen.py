"""A screen: what a command shows to somebody who sits before it, and not to a file or a pipe."""

from __future__ import annotations

import contextlib
import fcntl
import os
import pty
import re
import struct
import subprocess
import termios
import threading
from collections.abc import Iterator

from .terminal import COMMAND, SECONDS, Running, Terminal

ESCAPES = re.compile(r"\x1b\][^\x07\x1b]*(?:\x07|\x1b\\)|\x1b\[[0-9;?]*[A-Za-z]")


class Screen:
    """`end` is the file that a command writes to; what it wrote is read all along, so that it never waits."""

    def __init__(self, columns: int) -> None:
        self._own, self.end = pty.openpty()
        fcntl.ioctl(self.end, termios.TIOCSWINSZ, struct.pack("HHHH", 24, columns, 0, 0))
        self._read = b""
        self._has_more = threading.Condition()
        self._reader = threading.Thread(target=self._follow, daemon=True)
        self._reader.start()

    def _follow(self) -> None:
        with contextlib.suppress(OSError):  # EIO: nobody has the other end any more
            while part := os.read(self._own, 65536):
                with self._has_more:
                    self._read += part
                    self._has_more.notify_all()

    def wait_for(self, text: str) -> None:
        """Wait until it has shown this."""
        with self._has_more:
            assert self._has_more.wait_for(lambda: text.encode() in self._read, SECONDS), f"never showed {text!r}"

    def lines(self) -> list[str]:
        """What stands on it once every command has ended, without colours and links."""
        self._close_end()
        self._reader.join()
        return ESCAPES.sub("", self._read.decode()).splitlines()

    def _close_end(self) -> None:
        if self.end >= 0:
            os.close(self.end)
            self.end = -1

    def close(self) -> None:
        self._close_end()
        self._reader.join()
        os.close(self._own)


class RunningOnAScreen(Running):
    """A command that goes on, and the screen that its standard error is shown on."""

    def __init__(self, process: subprocess.Popen[str], screen: Screen) -> None:
        super().__init__(process)
        self.screen = screen


@contextlib.contextmanager
def running_on_a_screen(terminal: Terminal, *arguments: str, columns: int) -> Iterator[RunningOnAScreen]:
    """A command that goes on, before somebody's eyes; killed in the end if it still does."""
    screen = Screen(columns)
    process = subprocess.Popen(
        [COMMAND, *arguments],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=screen.end,
        text=True,
        env={**terminal.environment, "PYTHONUNBUFFERED": "1", "TERM": "xterm-256color"},
        cwd=terminal.folder,
    )
    give_up = threading.Timer(SECONDS, process.kill)
    give_up.start()
    try:
        yield RunningOnAScreen(process, screen)
    finally:
        give_up.cancel()
        process.kill()
        process.communicate()
        screen.close()
