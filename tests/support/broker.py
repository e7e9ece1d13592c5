"""A real broker as a process of its own, started the way a user starts it."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

from colonies.wire.identity import Identity

READY_SECONDS = 30


class Broker:
    """`start` returns once it serves; `kill` is `kill -9`; `stop` is SIGTERM and returns the exit code."""

    def __init__(self, store: str, folder: Path, *options: str, owner: Identity | None = None) -> None:
        self.store = store
        self.owner = owner or Identity.generate()
        self.address = ""
        self.port = 0
        self._folder = folder
        self._options = options
        self._process: subprocess.Popen[str] | None = None

    def start(self) -> str:
        command = [sys.executable, "-m", "broker", "start", "--host", "127.0.0.1", "--port", str(self.port)]
        command += ["--store", self.store, "--owner", self.owner.id, *self._options]
        environment = {key: value for key, value in os.environ.items() if not key.startswith("COLONIES_")}
        with self.log_path.open("a") as log:
            self._process = subprocess.Popen(
                command,
                stdout=subprocess.PIPE,
                stderr=log,
                text=True,
                env={**environment, "XDG_CONFIG_HOME": str(self._folder), "XDG_DATA_HOME": str(self._folder)},
            )
        self.address = self._wait_ready()
        self.port = int(self.address.rsplit(":", 1)[1])
        return self.address

    def _wait_ready(self) -> str:
        assert self._process is not None
        assert self._process.stdout is not None
        give_up = threading.Timer(READY_SECONDS, self._process.kill)
        give_up.start()
        try:
            line = self._process.stdout.readline()
        finally:
            give_up.cancel()
        if not line.startswith("ready "):
            self.kill()
            raise RuntimeError(f"the broker did not start: {line!r}\n{self.log()}")
        return line.split()[1]

    @property
    def log_path(self) -> Path:
        return self._folder / "broker.log"

    @property
    def pid(self) -> int:
        assert self._process is not None
        return self._process.pid

    def log(self) -> str:
        return self.log_path.read_text() if self.log_path.exists() else ""

    def kill(self) -> None:
        self._end(signal.SIGKILL)

    def stop(self, *, seconds: float = 20) -> int:
        return self._end(signal.SIGTERM, seconds=seconds)

    def _end(self, number: signal.Signals, *, seconds: float = 20) -> int:
        process, self._process = self._process, None
        if process is None:
            return 0
        process.send_signal(number)
        try:
            return process.wait(seconds)
        finally:
            if process.poll() is None:
                process.kill()
                process.wait()
            if process.stdout:
                process.stdout.close()


@contextlib.contextmanager
def running_broker(store: str, folder: Path, *options: str, owner: Identity | None = None) -> Iterator[Broker]:
    broker = Broker(store, folder, *options, owner=owner)
    broker.start()
    try:
        yield broker
    finally:
        broker.kill()
