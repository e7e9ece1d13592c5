"""A real HAProxy with the configuration that is deployed, on a socket of loopback and in front of given brokers."""

from __future__ import annotations

import contextlib
import ctypes
import os
import re
import shutil
import signal
import socket
import subprocess
from collections.abc import Iterator
from pathlib import Path

CONFIGURATION = Path(__file__).parents[2] / "deploy" / "haproxy" / "haproxy.cfg"
# Debian keeps it where only root looks.
PLACES = os.pathsep.join((os.environ.get("PATH", os.defpath), "/usr/sbin", "/usr/local/sbin"))


def binary() -> str:
    found = shutil.which(os.environ.get("HAPROXY", "haproxy"), path=PLACES)
    assert found, "the tests need HAProxy: `make test` installs it, or name one with HAPROXY=/path/to/it"
    return found


def configuration(bind: str, *ports: int) -> str:
    """What is deployed, but for its own address, those of the brokers, and fewer sockets than may be open here."""
    text = re.sub(r"^( +bind) :8080$", rf"\1 {bind}", CONFIGURATION.read_text(), flags=re.MULTILINE)
    text = re.sub(r"^( +maxconn) \d+$", r"\1 1000", text, flags=re.MULTILINE)
    for number, port in enumerate(ports, 1):
        text, found = re.subn(
            rf"(server broker-{number}) broker-{number}:8080$", rf"\1 127.0.0.1:{port}", text, flags=re.M
        )
        assert found == 1
    return text


def checked(text: str, folder: Path) -> subprocess.CompletedProcess[str]:
    """What HAProxy says of a configuration; a warning is an error."""
    path = folder / "checked.cfg"
    path.write_text(text)
    return subprocess.run(
        [binary(), "-c", "-dW", "-f", str(path)], capture_output=True, text=True, timeout=30, check=False
    )


def _die_with_parent() -> None:
    ctypes.CDLL("libc.so.6").prctl(1, signal.SIGKILL)  # PR_SET_PDEATHSIG: a killed test run leaves nothing behind


@contextlib.contextmanager
def running_haproxy(folder: Path, *ports: int) -> Iterator[str]:
    """The address of a balancer in front of brokers on these ports.

    It is given a socket that listens already, so whoever connects before it has started waits in line.
    """
    with socket.create_server(("127.0.0.1", 0), backlog=128) as listener:
        handle = listener.fileno()
        path = folder / "haproxy.cfg"
        path.write_text(configuration(f"fd@{handle}", *ports))
        with (folder / "haproxy.log").open("ab") as log:
            process = subprocess.Popen(
                [binary(), "-db", "-f", str(path)],
                stdout=log,
                stderr=log,
                pass_fds=[handle],
                preexec_fn=_die_with_parent,
            )
        try:
            yield f"http://127.0.0.1:{listener.getsockname()[1]}"
        finally:
            process.kill()
            process.wait()
