"""Addresses of brokers, as people write them → as a WebSocket is opened."""

from __future__ import annotations

from collections.abc import Sequence
from urllib.parse import urlsplit

_SCHEMES = {"http": "ws", "https": "wss", "ws": "ws", "wss": "wss"}


def socket_addresses(address: str | Sequence[str]) -> list[str]:
    """`http://127.0.0.1:8080` → `ws://127.0.0.1:8080/ws`, for one or several. ValueError says what is wrong."""
    given = [address] if isinstance(address, str) else list(address)
    if not given:
        raise ValueError("give the address of a broker, as http://127.0.0.1:8080")
    return [_socket_address(one) for one in given]


def _socket_address(address: str) -> str:
    parts = urlsplit(address if "://" in address else f"http://{address}")
    if parts.scheme not in _SCHEMES or not parts.hostname:
        raise ValueError(f"{address!r} is no address of a broker; write it as http://127.0.0.1:8080")
    path = parts.path.rstrip("/")
    return f"{_SCHEMES[parts.scheme]}://{parts.netloc}{path if path.endswith('/ws') else path + '/ws'}"
