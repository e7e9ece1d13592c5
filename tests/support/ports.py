"""Ports for servers that are killed and come back to the same port.

The system hands out its ephemeral ports to every connection that is made; a server that is away for a moment would find
its port taken by one of them.
"""

from __future__ import annotations

import random
import socket
from pathlib import Path

_RANGE = Path("/proc/sys/net/ipv4/ip_local_port_range")
_LOWEST = 15_000
_random = random.Random()  # of its own: runs with the same seed must not want the same ports


def lasting_port() -> int:
    """A free port that no connection is given by chance."""
    end = int(_RANGE.read_text().split()[0]) if _RANGE.exists() else 32_768
    while True:
        port = _random.randrange(_LOWEST, end)
        with socket.socket() as probe:
            try:
                probe.bind(("127.0.0.1", port))
            except OSError:
                continue
            return port
