"""How soon anything can have what was submitted on this machine: a broker's unavoidable part, and nothing else.

`python -m bench.floor` starts a server in a process of its own that verifies one signature, inserts one row durably and
passes the bytes on to another socket. A client sends at a pace, and prints the median from here to there, in
milliseconds. `--without` leaves out what it names, to see what that costs: `thread` inserts on the event loop.
"""

from __future__ import annotations

import argparse
import asyncio
import multiprocessing
import sqlite3
import statistics
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor
from multiprocessing.connection import Connection
from pathlib import Path
from typing import cast

import uvloop

from colonies.wire.identity import Identity, verify

MESSAGE = bytes(200)
AWAKE_SECONDS = 0.003  # before something is due: from here on its moment is looked out for


class _Server(asyncio.Protocol):
    def __init__(self, without: str, file: Path, peers: list[asyncio.Transport]) -> None:
        key = Identity.generate()
        self._key, self._signature = key.public_key, key.sign(MESSAGE)
        self._without = without
        self._peers = peers
        self._thread = ThreadPoolExecutor(1)
        self._db = sqlite3.connect(file, isolation_level=None, check_same_thread=False)
        self._db.execute("PRAGMA journal_mode = WAL")
        self._db.execute("PRAGMA synchronous = FULL")
        self._db.execute("CREATE TABLE IF NOT EXISTS rows (value BLOB)")

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._peers.append(cast(asyncio.Transport, transport))  # uvloop's are none by their class

    def data_received(self, data: bytes) -> None:
        verify(self._key, self._signature, MESSAGE)
        if self._without == "row":
            self._peers[-1].write(data)
        elif self._without == "thread":
            self._insert(data)
            self._peers[-1].write(data)
        else:
            done = asyncio.get_running_loop().run_in_executor(self._thread, self._insert, data)
            done.add_done_callback(lambda _: self._peers[-1].write(data))

    def _insert(self, data: bytes) -> None:
        self._db.execute("INSERT INTO rows VALUES (?)", (data,))


def _serve(without: str, file: Path, told: Connection) -> None:
    async def serve() -> None:
        peers: list[asyncio.Transport] = []
        loop = asyncio.get_running_loop()
        server = await loop.create_server(lambda: _Server(without, file, peers), "127.0.0.1", 0)
        told.send(server.sockets[0].getsockname()[1])
        await server.serve_forever()

    uvloop.run(serve())


async def _measured(port: int, rate: float, number: int) -> list[float]:
    """Milliseconds from when each was sent until the other socket had it."""
    _, sender = await asyncio.open_connection("127.0.0.1", port)
    receiver, _ = await asyncio.open_connection("127.0.0.1", port)
    taken = []
    for index in range(number):
        due = time.monotonic() + 1 / rate
        await asyncio.sleep(1 / rate - AWAKE_SECONDS)
        while time.monotonic() < due:  # noqa: ASYNC110 (no timer of the loop is as exact)
            await asyncio.sleep(0)
        begun = time.monotonic()
        sender.write(index.to_bytes(300, "big"))
        await receiver.readexactly(300)
        taken.append((time.monotonic() - begun) * 1000)
    return taken


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--without", choices=["nothing", "thread", "row"], default="nothing")
    parser.add_argument("--rate", type=float, default=20.0, help="a second")
    parser.add_argument("--number", type=int, default=200)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="colonies-bench-") as folder:
        told, telling = multiprocessing.Pipe()
        arguments = (options.without, Path(folder) / "rows.db", telling)
        server = multiprocessing.get_context("spawn").Process(target=_serve, args=arguments, daemon=True)
        server.start()
        try:
            taken = sorted(uvloop.run(_measured(told.recv(), options.rate, options.number)))
        finally:
            server.kill()
            server.join()
    print(
        f"p50 {statistics.median(taken):.2f} ms, p99 {taken[int(len(taken) * 0.99)]:.2f} ms, without {options.without}"
    )


if __name__ == "__main__":
    main()
