"""Addresses to listen on: one broker's alone, or one that several brokers of this machine share.

The kernel gives each new connection to one of those that share an address and listen. So
whoever stops must stop listening at once, or it would be given connections that it can only
turn away; a broker that listens alone listens on, so that whoever asks hears that it stops.
"""

from __future__ import annotations

import asyncio
import contextlib
import errno
import select
import socket

BACKLOG = 2048
MAX_TURNS = 100


class PortTaken(OSError):
    """Something else listens on this address already, or it may not be used."""


def listen(host: str, port: int, *, shared: bool = False) -> socket.socket:
    """Listen there. port: 0 takes a free one. shared: others may listen there too. Raises PortTaken."""
    listener = _bound(host, port, shared=shared)
    listener.listen(BACKLOG)
    listener.setblocking(False)
    return listener


def reserve(host: str, port: int) -> socket.socket:
    """Take an address for brokers that will share it, without listening there. Raises PortTaken."""
    # First as if it were for one alone: brokers of somebody else that share it would let others in among them.
    with contextlib.closing(_bound(host, port, shared=False)) as alone:
        port = alone.getsockname()[1]
    return _bound(host, port, shared=True)


def refuse_taken(host: str, port: int) -> None:
    """Raise PortTaken where nobody could listen now: before something is made for a broker that would not start."""
    _bound(host, port, shared=False).close()


def can_share() -> bool:
    """Whether several processes can listen on one address on this system."""
    return hasattr(socket, "SO_REUSEPORT")


def _bound(host: str, port: int, *, shared: bool) -> socket.socket:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    made = socket.socket(family, socket.SOCK_STREAM)
    try:
        made.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        if shared:
            made.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
        made.bind((host, port))
    except OSError as error:
        made.close()
        why = {
            errno.EADDRINUSE: f"port {port} is taken on {host}; stop what listens there, or choose another with --port",
            errno.EACCES: f"port {port} needs more rights than this user has; choose one above 1023",
            errno.EADDRNOTAVAIL: f"{host} is not an address of this machine",
        }.get(error.errno or 0, f"cannot listen on {host}:{port}: {error.strerror or error}")
        raise PortTaken(error.errno, why) from error
    return made


def address_of(listener: socket.socket, host: str) -> str:
    port = listener.getsockname()[1]
    return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"


async def wait_nobody_in_line(listener: socket.socket) -> None:
    """Return when everybody who has connected is accepted: whoever is in line when it is closed is cut off.

    Where they come faster than they are accepted it returns all the same: there is no moment without any.
    """
    line = select.poll()
    line.register(listener, select.POLLIN)
    for _ in range(MAX_TURNS):
        if not line.poll(0):
            break
        await asyncio.sleep(0)
